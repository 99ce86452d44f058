import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonEqual } from '../equality.ts';
import type { Schema } from '../schema.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge.ts';

const schema: Schema = {
  Pod: {
    fields: {
      kind: { type: 'string' },
      labels: { map: { type: 'string' } },
      finalizers: { array: { type: 'string' }, patchStrategy: 'merge' },
      args: { array: { type: 'string' } },
      containers: { array: { ref: 'Container' }, mergeKey: 'name', patchStrategy: 'merge' },
      volumes: { array: { ref: 'Volume' }, mergeKey: 'name', patchStrategy: 'merge,retainKeys' },
      strategy: { ref: 'Strategy', patchStrategy: 'retainKeys' },
      whole: { ref: 'Strategy', patchStrategy: 'replace' },
    },
  },
  Container: {
    fields: {
      name: { type: 'string' },
      image: { type: 'string' },
      ports: { array: { ref: 'Port' }, mergeKey: 'port', patchStrategy: 'merge' },
    },
  },
  Port: { fields: { port: { type: 'integer' }, name: { type: 'string' } } },
  Volume: { fields: { name: { type: 'string' }, dir: { type: 'object' }, path: { type: 'string' } } },
  Strategy: { fields: { type: { type: 'string' }, rolling: { ref: 'Rolling' } } },
  Rolling: { fields: { surge: { type: 'integer' } } },
};
const pod = {
  kind: 'Pod',
  labels: { x: '1', y: '2' },
  finalizers: ['one', 'two'],
  args: ['a', 'b'],
  containers: [
    { name: 'a', image: 'a:1', ports: [{ port: 80 }, { port: 443 }] },
    { name: 'b', image: 'b:1' },
    { name: 'c', image: 'c:1' },
  ],
  volumes: [{ name: 'v', dir: {} }],
  strategy: { type: 'Rolling', rolling: { surge: 1 } },
  whole: { type: 'x', rolling: { surge: 1 } },
};
const [a, b, c] = pod.containers;

function patched(patch: unknown): Record<string, unknown> {
  return applyStrategicMergePatch(pod, patch, { schema, definition: 'Pod' }) as Record<string, unknown>;
}

for (const { name, patch, result } of [
  { name: 'nothing', patch: {}, result: {} },
  {
    name: 'a label and the removal of another',
    patch: { labels: { x: null, z: '3' } },
    result: { labels: { y: '2', z: '3' } },
  },
  { name: 'all labels', patch: { labels: { $patch: 'replace', z: '3' } }, result: { labels: { z: '3' } } },
  { name: 'no labels any more', patch: { labels: { $patch: 'delete' } }, result: { labels: {} } },
  { name: 'a plain list', patch: { args: ['c'] }, result: { args: ['c'] } },
  {
    name: 'the image of one container',
    patch: { containers: [{ name: 'b', image: 'b:2' }] },
    result: { containers: [a, { ...b, image: 'b:2' }, c] },
  },
  {
    name: 'a new container: it comes first',
    patch: { containers: [{ name: 'd', image: 'd' }] },
    result: { containers: [{ name: 'd', image: 'd' }, a, b, c] },
  },
  {
    name: 'one container less',
    patch: { containers: [{ name: 'b', $patch: 'delete' }] },
    result: { containers: [a, c] },
  },
  {
    name: 'other containers',
    patch: { containers: [{ $patch: 'replace' }, { name: 'z' }] },
    result: { containers: [{ name: 'z' }] },
  },
  {
    name: 'a port of a container',
    patch: { containers: [{ name: 'a', ports: [{ port: 443, name: 'https' }] }] },
    result: { containers: [{ ...a, ports: [{ port: 80 }, { port: 443, name: 'https' }] }, b, c] },
  },
  {
    name: 'a full order with a new container',
    patch: {
      '$setElementOrder/containers': ['c', 'd', 'b', 'a'].map((one) => ({ name: one })),
      containers: [{ name: 'd' }],
    },
    result: { containers: [c, { name: 'd' }, b, a] },
  },
  {
    name: 'an order of some containers, the rest near where they were',
    patch: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] },
    result: { containers: [b, c, a] },
  },
  {
    name: 'one finalizer more',
    patch: { finalizers: ['three', 'one'] },
    result: { finalizers: ['three', 'one', 'two'] },
  },
  {
    name: 'one finalizer less',
    patch: { '$deleteFromPrimitiveList/finalizers': ['one'] },
    result: { finalizers: ['two'] },
  },
  {
    name: 'finalizers in an order',
    patch: { '$setElementOrder/finalizers': ['three', 'two'], finalizers: ['three'] },
    result: { finalizers: ['three', 'one', 'two'] },
  },
  {
    name: 'a volume that keeps only some members',
    patch: { volumes: [{ name: 'v', $retainKeys: ['name', 'path'], path: '/x' }] },
    result: { volumes: [{ name: 'v', path: '/x' }] },
  },
  {
    name: 'a strategy that keeps only its type',
    patch: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
    result: { strategy: { type: 'Recreate' } },
  },
  { name: 'a member that is always replaced', patch: { whole: { type: 'y' } }, result: { whole: { type: 'y' } } },
  {
    name: 'a member that was missing, with nulls in it',
    patch: { more: { x: null, y: 1 } },
    result: { more: { y: 1 } },
  },
  { name: 'another kind: it stays', patch: { kind: 'Service' }, result: {} },
])
  test(`patching ${name}`, () => assert.deepEqual(patched(patch), { ...pod, ...result }));

for (const { name, patch, code, message } of [
  {
    name: 'no object',
    patch: [],
    code: 400,
    message: 'json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  {
    name: 'an item without its key',
    patch: { containers: [{ image: 'x' }] },
    code: 500,
    message: 'map: map[image:x] does not contain declared merge key: name',
  },
  {
    name: 'a text among objects that are merged',
    patch: { containers: [{ name: 'a' }, 'b'] },
    code: 422,
    message: 'the server rejected our request due to an error in our request',
  },
  {
    name: 'an unknown directive',
    patch: { containers: [{ name: 'a', $patch: 'explode' }] },
    code: 500,
    message: 'unknown patch type: explode in map: map[$patch:explode name:a]',
  },
  {
    name: 'keys to retain that leave out a patched one',
    patch: { strategy: { $retainKeys: ['type'], rolling: {} } },
    code: 400,
    message: 'invalid patch format of retainKeys',
  },
  {
    name: 'an order that forgets a patched item',
    patch: { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b' }] },
    code: 500,
    message: "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
  },
])
  test(`a patch with ${name} is refused`, () => assert.throws(() => patched(patch), { code, message }));

test('without lists and directives it is a merge patch, and it never changes its arguments', () => {
  const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.constant(null), fc.integer(), fc.string()));
  const patches = fc.dictionary(fc.constantFrom('a', 'b', 'labels'), fc.oneof(fc.constant(null), fc.integer(), values));
  fc.assert(
    fc.property(patches, patches, (from, patch) => {
      const before = JSON.stringify([from, patch]);
      const result = applyStrategicMergePatch(from, patch, { schema, definition: 'Pod' });
      assert.ok(jsonEqual(result, applyMergePatch(from, patch)));
      assert.equal(JSON.stringify([from, patch]), before);
    }),
  );
});

test('lists are merged in one walk, however they are ordered', () => {
  const readsFor = (count: number) => {
    let reads = 0;
    const item = (at: number) => ({
      get name() {
        reads++;
        return `c${at}`;
      },
    });
    const all = Array.from({ length: count }, (_, at) => item(at));
    const added = Array.from({ length: count / 4 }, (_, at) => item(count + at));
    const changed = all.slice(count / 2).toReversed();
    const order = [...all.toReversed(), ...added].map(({ name }) => ({ name }));
    const patch = { containers: [...changed, ...added], '$setElementOrder/containers': order };
    const merged = applyStrategicMergePatch({ containers: all }, patch, { schema, definition: 'Pod' });
    assert.deepEqual(
      (merged as typeof patch).containers.map(({ name }) => name),
      order.map(({ name }) => name),
    );
    return reads;
  };
  const [few, many] = [readsFor(500), readsFor(4000)];
  assert.ok(many < 9 * few, `${few} reads of 500 names, ${many} of 4,000`);
});
