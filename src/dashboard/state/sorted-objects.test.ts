import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../base/seeded-random.ts';
import { byKey, SortedObjects } from './sorted-objects.ts';

const object = (name: string, namespace = 'a', labels = {}) => ({ metadata: { namespace, name, labels } });
const names = (objects: SortedObjects<ReturnType<typeof object>>) =>
  objects.list().map(({ metadata }) => metadata.name);

test('objects come by namespace and name, however they came', () => {
  const objects = new SortedObjects<ReturnType<typeof object>>();
  for (const one of [object('c'), object('a', 'b'), object('b')]) objects.put(one);
  objects.list();
  objects.put(object('a'));
  assert.deepEqual(
    objects.list().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ['a/a', 'a/b', 'a/c', 'b/a'],
  );
});

test('the array is the same while nothing has changed, and a handed out one never changes', () => {
  const objects = new SortedObjects<ReturnType<typeof object>>();
  objects.put(object('a'));
  const before = objects.list();
  assert.equal(objects.list(), before);
  objects.put(object('b'));
  objects.remove(object('a'));
  assert.deepEqual(names(objects), ['b']);
  assert.deepEqual(
    before.map(({ metadata }) => metadata.name),
    ['a'],
  );
});

test('an object takes the place of the one of its key, also of one that no list has shown', () => {
  const objects = new SortedObjects<ReturnType<typeof object>>();
  objects.put(object('a'));
  objects.put(object('a', 'a', { x: '1' }));
  objects.list();
  objects.put(object('a', 'a', { x: '2' }));
  objects.put(object('a', 'a', { x: '3' }));
  assert.deepEqual(objects.list(), [object('a', 'a', { x: '3' })]);
});

test('one that came and went between two lists is in none', () => {
  const objects = new SortedObjects<ReturnType<typeof object>>();
  objects.put(object('a'));
  objects.remove(object('a'));
  objects.remove(object('b'));
  assert.deepEqual(objects.list(), []);
});

test('an order of its own holds when the value it goes by changes', () => {
  const newest = new SortedObjects<ReturnType<typeof object>>(
    (a, b) => -compareTimes(a.metadata.labels, b.metadata.labels) || byKey(a, b),
  );
  newest.put(object('a', 'a', { at: '1' }));
  newest.put(object('b', 'a', { at: '2' }));
  assert.deepEqual(names(newest), ['b', 'a']);
  newest.put(object('a', 'a', { at: '3' }));
  assert.deepEqual(names(newest), ['a', 'b']);
});

test('after any changes it is what sorting would make', () => {
  const random = new SeededRandom(7);
  const objects = new SortedObjects<ReturnType<typeof object>>();
  const wanted = new Map<string, ReturnType<typeof object>>();
  for (let step = 0; step < 500; step++) {
    const one = object(`o${Math.floor(random.next() * 60)}`, 'a', { step });
    if (random.next() < 0.6) {
      objects.put(one);
      wanted.set(one.metadata.name, one);
    } else {
      objects.remove(one);
      wanted.delete(one.metadata.name);
    }
    if (random.next() < 0.3) assert.deepEqual(objects.list(), [...wanted.values()].sort(byKey));
  }
});

function compareTimes(a: { at?: string }, b: { at?: string }): number {
  return Number(a.at) - Number(b.at);
}
