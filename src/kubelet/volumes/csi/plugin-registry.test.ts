import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { silentLogger } from '../../../base/logger.ts';
import { systemClock } from '../../../base/system-clock.ts';
import { nextTurn } from '../../../base/turn.ts';
import { AsyncQueue } from '../../../base/async-queue.ts';
import { CsiPlugin } from '../../testing/csi-plugin.ts';
import { PluginRegistry } from './plugin-registry.ts';

function start(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'csi-'));
  const stop = new AbortController();
  const events = new AsyncQueue<string>();
  const waits: number[] = [];
  /** Drivers of whose end the API server does not hear the first time. */
  const away = new Set<string>();
  const registry = new PluginRegistry({
    folder,
    clock: {
      ...systemClock,
      sleep: (ms, signal) => {
        waits.push(ms);
        return systemClock.sleep(ms, signal);
      },
    },
    log: silentLogger,
    signal: stop.signal,
    registered: async (name, { nodeId, maxVolumesPerNode }) => {
      events.push(`+ ${name} ${nodeId} ${maxVolumesPerNode}`);
      if (name === 'refused') throw new Error('no such node');
    },
    unregistered: async (name) => {
      events.push(`- ${name}`);
      if (away.delete(name)) throw new Error('the API server is away');
    },
    onRegistered: () => events.push('registered'),
  });
  const running = registry.run();
  const iterator = events[Symbol.asyncIterator]();
  t.after(async () => {
    stop.abort();
    await running;
    rmSync(folder, { recursive: true });
  });
  return { folder, registry, waits, away, next: async () => (await iterator.next()).value as string };
}

test('a driver comes with its socket, and goes with it', async (t) => {
  const { folder, registry, next } = start(t);
  {
    await using plugin = new CsiPlugin({ name: 'one', folder, capabilities: ['stage'], most: 3 });
    await plugin.start();
    assert.equal(await next(), '+ one one-node 3');
    assert.equal(await next(), 'registered');
    const { service, seen } = registry.driver('one')!;
    assert.equal(await service.can('stage'), true);
    assert.equal(await service.can('expand'), false);
    assert.equal(seen(`${folder}/pods`), `${folder}/pods`);
    plugin.failing.set('NodeUnpublishVolume', 'device is busy');
    await assert.rejects(service.unpublish({ volumeId: 'v', targetPath: '/none' }), {
      message: 'rpc error: code = Internal desc = device is busy',
    });
    assert.deepEqual(await plugin.told, { pluginRegistered: true, error: '' });
  }
  assert.equal(await next(), '- one');
  assert.equal(registry.driver('one'), undefined);
});

test('a driver that the API does not take is told, and is none', async (t) => {
  const { folder, registry, next } = start(t);
  writeFileSync(join(folder, 'file'), 'no socket');
  await using plugin = new CsiPlugin({ name: 'refused', folder, capabilities: [] });
  await plugin.start();
  assert.equal(await next(), '+ refused refused-node 0');
  assert.deepEqual(await plugin.told, { pluginRegistered: false, error: 'Error: no such node' });
  assert.equal(registry.driver('refused'), undefined);
});

test('a driver that cannot be told that it is one stays, and is not looked at again at once', async (t) => {
  const { folder, registry, waits, next } = start(t);
  await using plugin = new CsiPlugin({ name: 'deaf', folder, capabilities: [] });
  plugin.failing.set('NotifyRegistrationStatus', 'not implemented');
  await plugin.start();
  assert.equal(await next(), '+ deaf deaf-node 0');
  assert.equal(await next(), 'registered');
  await plugin.told;
  waits.length = 0;
  for (let looks = 0; waits.length === 0 && looks < 1000; looks++) await nextTurn();
  assert.deepEqual(waits, [600_000]);
  assert.notEqual(registry.driver('deaf'), undefined);
});

test('a driver that has come a second time stays when the first one goes', async (t) => {
  const { folder, registry, next } = start(t);
  await using one = new CsiPlugin({ name: 'one', folder, capabilities: [] });
  await one.start();
  assert.deepEqual([await next(), await next()], ['+ one one-node 0', 'registered']);
  const again = join(folder, 'plugins_registry/again');
  symlinkSync(join(folder, 'plugins_registry/one-reg.sock'), again);
  assert.deepEqual([await next(), await next()], ['+ one one-node 0', 'registered']);
  rmSync(again);
  await using other = new CsiPlugin({ name: 'other', folder, capabilities: [] });
  await other.start();
  assert.equal(await next(), '+ other other-node 0');
  assert.notEqual(registry.driver('one'), undefined);
});

test('that a driver has gone is told again until it was heard, and keeps no other one waiting', async (t) => {
  const { folder, away, next } = start(t);
  {
    await using one = new CsiPlugin({ name: 'one', folder, capabilities: [] });
    await one.start();
    assert.deepEqual([await next(), await next()], ['+ one one-node 0', 'registered']);
    away.add('one');
  }
  assert.equal(await next(), '- one');
  await using two = new CsiPlugin({ name: 'two', folder, capabilities: [] });
  await two.start();
  const told = [await next(), await next(), await next()];
  assert.deepEqual(told.toSorted(), ['+ two two-node 0', '- one', 'registered']);
});
