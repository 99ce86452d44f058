import assert from 'node:assert/strict';
import { test } from 'node:test';
import { structureOf, type ObjectStructure } from './structure.ts';
import { testSchema } from './test-schema.ts';

test('a definition is compiled once, and lists and maps say how they are owned', () => {
  const pod = structureOf(testSchema, 'Pod') as ObjectStructure;
  assert.equal(structureOf(testSchema, 'Pod'), pod);
  const spec = pod.members.get('spec')!.type as ObjectStructure;
  assert.equal(spec, structureOf(testSchema, 'PodSpec'));
  const kinds = [...spec.members.values()].map(({ name, type }) => `${name}: ${type.kind}`);
  assert.deepEqual(kinds, [
    'containers: list',
    'hostNetwork: boolean',
    'replicas: int32',
    'deadline: int64',
    'selector: map',
    'tolerations: list',
    'rolling: object',
    'secret: map',
    'ratio: number',
  ]);
  assert.deepEqual(
    spec.shown.map(({ name }) => name),
    ['containers'],
  );
});

test('an unknown definition is a mistake of the program', () => {
  assert.throws(() => structureOf(testSchema, 'None'), { message: 'Cannot find definition "None" in the schema' });
});
