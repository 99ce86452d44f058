import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { readNodeSample } from './node-sample.ts';
import { UsageWindows } from './usage-windows.ts';

function text(atMs: number, cpu: number, pods: Record<string, readonly string[]>): string {
  const lines = [`node_cpu_usage_seconds_total ${cpu} ${atMs}`, `node_memory_working_set_bytes 100 ${atMs}`];
  for (const [pod, containers] of Object.entries(pods))
    for (const container of containers) {
      const labels = `{container="${container}",namespace="d",pod="${pod}"}`;
      lines.push(`container_cpu_usage_seconds_total${labels} ${cpu} ${atMs}`);
      if (container !== 'half') lines.push(`container_memory_working_set_bytes${labels} 10 ${atMs}`);
    }
  return lines.join('\n');
}

test('a pod is known when all its containers are, and as long as its node tells of it', async () => {
  const clock = new VirtualClock();
  const windows = new UsageWindows(clock);
  const look = async (node: string, cpu: number, pods: Record<string, readonly string[]>) => {
    await clock.advance(10_000);
    windows.take(node, readNodeSample(text(clock.now(), cpu, pods), clock.now()));
  };
  await look('a', 0, { web: ['main'], torn: ['main', 'half'] });
  assert.deepEqual(
    [windows.isComplete('a'), windows.node('a'), windows.pod('d', 'web')],
    [false, undefined, undefined],
  );
  await look('a', 5, { web: ['main'], torn: ['main', 'half'] });
  const rate = { at: clock.now(), windowMs: 10_000, nanoCores: 5e8 };
  assert.deepEqual(windows.node('a'), { ...rate, memoryBytes: 100 });
  assert.deepEqual(windows.pod('d', 'web'), [{ ...rate, memoryBytes: 10, name: 'main' }]);
  assert.equal(windows.pod('d', 'torn'), undefined, 'its memory is not told');
  assert.equal(windows.isComplete('a'), true);

  await look('a', 6, { web: ['main', 'new'] });
  assert.equal(windows.pod('d', 'web'), undefined);
  assert.equal(windows.isComplete('a'), false);
  await look('a', 7, { web: ['main', 'new'] });
  assert.deepEqual(
    windows.pod('d', 'web')?.map(({ name }) => name),
    ['main', 'new'],
  );

  await look('a', 8, {});
  assert.equal(windows.pod('d', 'web'), undefined);
});

test('a pod that came anew on another node is that node’s', async () => {
  const clock = new VirtualClock();
  const windows = new UsageWindows(clock);
  const take = async (node: string, pods: Record<string, readonly string[]>) => {
    await clock.advance(1000);
    windows.take(node, readNodeSample(text(clock.now(), clock.now(), pods), clock.now()));
  };
  await take('a', { web: ['main'] });
  await take('b', { web: ['main'] });
  await take('b', { web: ['main'] });
  await take('a', {});
  assert.equal(windows.pod('d', 'web')?.length, 1);
  windows.forget('b');
  assert.equal(windows.pod('d', 'web'), undefined);
});

test('what was measured long ago is not told', async () => {
  const clock = new VirtualClock();
  const windows = new UsageWindows(clock);
  for (const cpu of [1, 2]) {
    await clock.advance(1000);
    windows.take('a', readNodeSample(text(clock.now(), cpu, { web: ['main'] }), clock.now()));
  }
  await clock.advance(60_000);
  assert.ok(windows.node('a') && windows.pod('d', 'web'));
  await clock.advance(1);
  assert.deepEqual([windows.node('a'), windows.pod('d', 'web')], [undefined, undefined]);
});
