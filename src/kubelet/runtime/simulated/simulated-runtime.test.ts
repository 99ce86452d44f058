import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../base/virtual-clock.ts';
import type { ContainerConfig, SandboxConfig } from '../runtime.ts';
import { AddressPool } from './address-pool.ts';
import type { SimulatedBehaviour } from './behaviour.ts';
import { SimulatedRuntime } from './simulated-runtime.ts';

const rows: { name: string; behaviour: SimulatedBehaviour; stopAfter?: number; grace?: number; want: string }[] = [
  { name: 'runs for ever', behaviour: {}, want: 'running' },
  { name: 'ends by itself', behaviour: { exitAfterMs: 5000, exitCode: 3 }, want: 'Error 3 after 5000' },
  {
    name: 'outgrows its memory',
    behaviour: { exitAfterMs: 1, exitCode: 137, exitReason: 'OOMKilled' },
    want: 'OOMKilled 137 after 1',
  },
  { name: 'obeys SIGTERM', behaviour: { stopMs: 300 }, stopAfter: 1000, grace: 30, want: 'Completed 0 after 1300' },
  {
    name: 'is too slow for its grace',
    behaviour: { stopMs: 3000 },
    stopAfter: 0,
    grace: 2,
    want: 'Error 137 after 2000',
  },
  { name: 'is deaf', behaviour: { ignoresTerm: true }, stopAfter: 0, grace: 1, want: 'Error 137 after 1000' },
  {
    name: 'is killed at once without grace',
    behaviour: { stopMs: 10 },
    stopAfter: 0,
    grace: 0,
    want: 'Error 137 after 0',
  },
];
for (const { name, behaviour, stopAfter, grace = 0, want } of rows)
  test(`a simulated container that ${name}: ${want}`, async () => {
    const clock = new VirtualClock();
    await using runtime = new SimulatedRuntime({ clock, name: 'n', behaviour: () => behaviour, delays: quick });
    const container = await start(runtime, clock);
    if (stopAfter !== undefined) {
      await clock.advance(stopAfter);
      void runtime.stopContainer(container, grace);
    }
    await clock.advance(60_000);
    const got = (await runtime.containerStatus(container))!;
    const text =
      got.state === 'running' ? 'running' : `${got.reason} ${got.exitCode} after ${got.finishedAt - got.startedAt}`;
    assert.equal(text, want);
  });

test('a shorter grace period overtakes a longer one', async () => {
  const clock = new VirtualClock();
  await using runtime = new SimulatedRuntime({
    clock,
    name: 'n',
    behaviour: () => ({ ignoresTerm: true }),
    delays: quick,
  });
  const container = await start(runtime, clock);
  void runtime.stopContainer(container, 30);
  await clock.advance(1000);
  void runtime.stopContainer(container, 1);
  await clock.advance(1000);
  assert.equal((await runtime.containerStatus(container))!.state, 'exited');
});

test('annotations give a behaviour to each start', async () => {
  const clock = new VirtualClock();
  await using runtime = new SimulatedRuntime({ clock, name: 'n', delays: quick });
  const annotations = { 'simulated.kubeling.dev/app': '[{"startError": "no such program"}, {}]' };
  await assert.rejects(start(runtime, clock, { annotations }), { message: 'no such program' });
  const [failed] = await runtime.listContainers();
  assert.equal((await runtime.containerStatus(failed!.id))!.reason, 'StartError');
  const second = await start(runtime, clock, { annotations, attempt: 1 });
  assert.equal((await runtime.containerStatus(second))!.state, 'running');
});

test('ends of containers and sandboxes are told until the signal', async () => {
  const clock = new VirtualClock();
  await using runtime = new SimulatedRuntime({ clock, name: 'n', delays: quick });
  const stop = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const id of runtime.ends(stop.signal)) seen.push(id);
  })();
  const container = await start(runtime, clock);
  runtime.endContainer(container, 1);
  await runtime.removeContainer(container);
  const [sandbox] = await runtime.listSandboxes();
  const stopping = runtime.stopSandbox(sandbox!.id);
  await clock.advance(1000);
  await stopping;
  stop.abort();
  await reading;
  assert.deepEqual(seen, [container, sandbox!.id]);
});

test('sandboxes have addresses of the pod CIDR and give them back', async () => {
  const clock = new VirtualClock();
  await using runtime = new SimulatedRuntime({ clock, name: 'n', delays: quick });
  await runtime.setPodCidr('10.244.1.0/24');
  const run = async (hostNetwork = false) => {
    const running = runtime.runSandbox(sandbox({ hostNetwork }));
    await clock.settle();
    return await running;
  };
  const address = async (id: string) => (await runtime.sandboxStatus(id))!.ips;
  const [first, second, host] = [await run(), await run(), await run(true)];
  assert.deepEqual(
    [await address(first), await address(second), await address(host)],
    [['10.244.1.2'], ['10.244.1.3'], []],
  );
  void runtime.removeSandbox(first);
  await clock.settle();
  assert.deepEqual(await address(await run()), ['10.244.1.2']);
});

test('an address pool runs dry and refuses blocks that it cannot use', () => {
  const pool = new AddressPool('10.0.0.9/29');
  assert.deepEqual(
    Array.from({ length: 6 }, () => pool.take()),
    ['10.0.0.10', '10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.14', undefined],
  );
  assert.throws(() => new AddressPool('fd00::/64'), /want an IPv4 block/);
});

const quick = { sandbox: 0, create: 0, start: 0, teardown: 0 };

async function start(
  runtime: SimulatedRuntime,
  clock: VirtualClock,
  { annotations = {}, attempt = 0 }: { annotations?: Record<string, string>; attempt?: number } = {},
): Promise<string> {
  await runtime.setPodCidr('10.244.0.0/24');
  const starting = (async () => {
    const id = await runtime.runSandbox(sandbox({ annotations }));
    const container = await runtime.createContainer(id, {
      name: 'app',
      attempt,
      imageReference: 'i',
    } as ContainerConfig);
    await runtime.startContainer(container);
    return container;
  })();
  starting.catch(() => {});
  await clock.settle();
  return await starting;
}

function sandbox(more: Partial<SandboxConfig>): SandboxConfig {
  const pod = { name: 'p', namespace: 'd', uid: 'u', attempt: 0 };
  return { pod, annotations: {}, labels: {}, hostNetwork: false, ...more } as SandboxConfig;
}
