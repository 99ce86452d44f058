import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, type Pod } from '../api/core/v1/types.ts';
import type { Transport, WatchEvent } from '../apimachinery/request.ts';
import { AsyncQueue } from '../base/async-queue.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { createInformer } from './informer-cache.ts';
import { informerParts } from './informer-parts.ts';
import { createClient } from './typed-client.ts';

function pod(name: string, version: number, nodeName?: string): Pod {
  const spec = { containers: [], ...(nodeName !== undefined && { nodeName }) };
  return { metadata: { namespace: 'default', name, uid: `uid of ${name}`, resourceVersion: String(version) }, spec };
}

async function setUp(items: readonly Pod[]) {
  const clock = new VirtualClock();
  const stream = new AsyncQueue<WatchEvent>();
  const server: Transport = {
    call: () => Promise.resolve({ metadata: { resourceVersion: '1' }, items }),
    watch: () => stream,
  };
  const stop = new AbortController();
  const sources = { clock, random: new SeededRandom(1), log: silentLogger, signal: stop.signal };
  const shared = createInformer(createClient(server), Pods, sources);
  const part = informerParts(shared, 'node', ({ spec }) => spec.nodeName);
  await clock.settle();
  const seen: string[] = [];
  const follow = (node: string): (() => void) =>
    part(node).onChange(({ type, object }) => seen.push(`${node}: ${type} ${object.metadata.name}`));
  const tell = async (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Pod): Promise<string[]> => {
    stream.push({ type, object });
    await clock.settle();
    return seen.splice(0);
  };
  return { clock, part, seen, follow, tell, end: () => (stop.abort(), stream.close()) };
}

test('a part begins with what is there of it, and has only that', async () => {
  const { part, seen, follow, end } = await setUp([pod('a', 1, 'one'), pod('b', 1, 'two'), pod('c', 1)]);
  follow('one');
  follow('two');
  assert.deepEqual(seen, ['one: added a', 'two: added b']);
  assert.deepEqual(
    part('one')
      .list('default')
      .map(({ metadata }) => metadata.name),
    ['a'],
  );
  assert.deepEqual(part('one').list('other'), []);
  assert.equal(part('one').get({ namespace: 'default', name: 'a' })?.spec.nodeName, 'one');
  assert.equal(part('one').get({ namespace: 'default', name: 'b' }), undefined);
  end();
});

test('what comes into a part is added there, what leaves it is deleted, and others hear nothing', async () => {
  const { follow, tell, end } = await setUp([]);
  follow('one');
  follow('two');
  assert.deepEqual(await tell('ADDED', pod('a', 2)), []);
  assert.deepEqual(await tell('MODIFIED', pod('a', 3, 'one')), ['one: added a']);
  assert.deepEqual(await tell('MODIFIED', pod('a', 4, 'one')), ['one: updated a']);
  assert.deepEqual(await tell('MODIFIED', pod('a', 5, 'two')), ['one: deleted a', 'two: added a']);
  assert.deepEqual(await tell('DELETED', pod('a', 6, 'two')), ['two: deleted a']);
  end();
});

test('who has gone hears no more', async () => {
  const { follow, tell, end } = await setUp([]);
  const leave = follow('one');
  leave();
  assert.deepEqual(await tell('ADDED', pod('a', 2, 'one')), []);
  follow('one');
  assert.deepEqual(await tell('MODIFIED', pod('a', 3, 'one')), ['one: added a', 'one: updated a']);
  end();
});
