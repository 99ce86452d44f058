import assert from 'node:assert/strict';
import { test } from 'node:test';
import { structureOf } from '../structure.ts';
import { testSchema } from '../test-schema.ts';
import { compare, fieldsOf } from './comparison.ts';
import { emptySet, fieldPaths, fieldSetOf } from './field-set.ts';

const spec = structureOf(testSchema, 'PodSpec');

for (const { name, before, after, taken = [], removed = [] } of [
  { name: 'nothing', before: { replicas: 1 }, after: { replicas: 1 } },
  { name: 'a value', before: { replicas: 1 }, after: { replicas: 2 }, taken: ['.replicas'] },
  { name: 'a new member', before: {}, after: { replicas: 1 }, taken: ['.replicas'] },
  { name: 'a member that goes', before: { replicas: 1 }, after: {}, removed: ['.replicas'] },
  { name: 'an atomic map', before: { selector: { a: '1' } }, after: { selector: { a: '2' } }, taken: ['.selector'] },
  {
    name: 'a new object with members',
    before: {},
    after: { rolling: { surge: 1 } },
    taken: ['.rolling', '.rolling.surge'],
  },
  {
    name: 'a list that was null',
    before: { containers: null },
    after: { containers: [{ name: 'a' }] },
    taken: ['.containers[name="a"]', '.containers[name="a"].name'],
  },
  {
    name: 'a list that was missing',
    before: {},
    after: { containers: [{ name: 'a' }] },
    taken: ['.containers', '.containers[name="a"]', '.containers[name="a"].name'],
  },
  {
    name: 'the order of items',
    before: { containers: [{ name: 'a' }, { name: 'b' }] },
    after: { containers: [{ name: 'b' }, { name: 'a' }] },
  },
  {
    name: 'an item that goes',
    before: { containers: [{ name: 'a' }, { name: 'b' }] },
    after: { containers: [{ name: 'b' }] },
    removed: ['.containers[name="a"]', '.containers[name="a"].name'],
  },
  {
    name: 'one of two items of one key: both are one field',
    before: { containers: [{ name: 'a', image: '1' }, { name: 'a' }] },
    after: { containers: [{ name: 'a', image: '2' }, { name: 'a' }] },
    taken: ['.containers[name="a"]'],
  },
  {
    name: 'a key that is left to its default',
    before: { containers: [{ name: 'a', ports: [{ port: 1 }] }] },
    after: { containers: [{ name: 'a', ports: [{ port: 1, protocol: 'TCP' }] }] },
    taken: ['.containers[name="a"].ports[port=1,protocol="TCP"].protocol'],
  },
])
  test(`changing ${name}`, () => {
    const result = compare(before, after, spec, emptySet);
    assert.deepEqual(fieldPaths(result.taken), taken);
    assert.deepEqual(fieldPaths(result.removed), removed);
  });

test('ignored fields are not looked at', () => {
  const result = compare({ replicas: 1, deadline: 1 }, { replicas: 2, deadline: 2 }, spec, fieldSetOf('replicas'));
  assert.deepEqual(fieldPaths(result.taken), ['.deadline']);
});

test('long lists are compared by their keys too', () => {
  const items = (image: string) =>
    Array.from({ length: 100 }, (_, i) => ({ name: `c${i}`, image: i === 50 ? image : 'x' }));
  const result = compare({ containers: items('1') }, { containers: items('2') }, spec, emptySet);
  assert.deepEqual(fieldPaths(result.taken), ['.containers[name="c50"].image']);
});

test('all fields of a value are those of a change from nothing', () => {
  const value = {
    replicas: 1,
    tolerations: [{}],
    containers: [{ name: 'a', args: [], limits: { cpu: '1' } }],
    rolling: {},
  };
  assert.deepEqual(fieldPaths(fieldsOf(value, spec)), [
    '.containers',
    '.replicas',
    '.rolling',
    '.tolerations',
    '.containers[name="a"]',
    '.containers[name="a"].args',
    '.containers[name="a"].limits',
    '.containers[name="a"].name',
    '.containers[name="a"].limits.cpu',
  ]);
});
