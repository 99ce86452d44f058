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

const containers = (image: string) =>
  Array.from({ length: 100 }, (_, i) => ({ name: `c${i}`, image: i === 50 ? image : 'x' }));
const ports = (name: string) =>
  Array.from({ length: 100 }, (_, i) => ({ port: i, protocol: 'UDP', name: i === 50 ? name : 'x' }));
const item = '.containers[name="c50"]';
const one = (of: object) => [{ name: 'a', ...of }];

for (const { name, before, after, taken } of [
  { name: 'in the same order', before: containers('1'), after: containers('2'), taken: [`${item}.image`] },
  { name: 'in another order', before: containers('1'), after: containers('2').reverse(), taken: [`${item}.image`] },
  {
    name: 'with an item twice',
    before: [...containers('1'), { name: 'c50', image: 'x' }],
    after: [...containers('2'), { name: 'c50', image: 'x' }],
    taken: [item],
  },
  {
    name: 'with items of two keys',
    before: one({ ports: ports('1') }),
    after: one({ ports: ports('2') }),
    taken: ['.containers[name="a"].ports[port=50,protocol="UDP"].name'],
  },
  {
    name: 'with an item of two keys twice',
    before: one({ ports: [...ports('1'), ...ports('1')] }),
    after: one({ ports: [...ports('1'), ...ports('2')] }),
    taken: ['.containers[name="a"].ports[port=50,protocol="UDP"]'],
  },
])
  test(`long lists ${name} are compared by their keys too`, () => {
    const result = compare({ containers: before }, { containers: after }, spec, emptySet);
    assert.deepEqual(fieldPaths(result.taken), taken);
    assert.deepEqual(fieldPaths(result.removed), []);
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
