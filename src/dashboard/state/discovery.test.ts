import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { discover } from './discovery.ts';

test('what the server has is asked for until it answers, and again, as custom kinds come and go', async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const resources: object[] = [];
  let asked = 0;
  let isLost = true;
  const read = (path: string): Promise<unknown> => {
    asked++;
    if (isLost) return Promise.reject(new Error('not there'));
    if (path === '/version') return Promise.resolve({ gitVersion: 'v1.36.0' });
    const versions = path === '/apis' ? [{ version: 'v1', resources: [...resources] }] : [];
    return Promise.resolve({ items: [{ metadata: { name: 'shop.example' }, versions }] });
  };
  const heard: string[][] = [];
  const options = { clock, random: new SeededRandom(1), signal: stop.signal };
  const { version, kinds } = discover({ read }, options, (found) => heard.push(found.map(({ id }) => id)));

  await clock.advance(10_000);
  assert.deepEqual([version.value, kinds.value], ['', []]);
  isLost = false;
  resources.push({ resource: 'orders', responseKind: { kind: 'Order' }, scope: 'Namespaced', verbs: ['list'] });
  await clock.advance(2000);
  assert.deepEqual([version.value, kinds.value.length], ['v1.36.0', 1]);
  const before = kinds.value;
  await clock.advance(30_000);
  assert.equal(kinds.value, before, 'nothing has changed');
  resources.push({ resource: 'bills', responseKind: { kind: 'Bill' }, scope: 'Namespaced', verbs: ['list'] });
  await clock.advance(15_000);
  resources.length = 0;
  await clock.advance(15_000);
  assert.deepEqual(heard, [['orders.shop.example'], ['bills.shop.example', 'orders.shop.example'], []]);

  stop.abort();
  const last = asked;
  await clock.advance(60_000);
  assert.equal(asked, last);
});
