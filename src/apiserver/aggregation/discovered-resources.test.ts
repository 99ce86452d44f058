import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discoveredResources } from './discovered-resources.ts';

const list = (...resources: unknown[]) => ({ kind: 'APIResourceList', resources });
const read = (value: unknown) =>
  discoveredResources(value, 'a.b', 'v1').map(({ type, subresources }) => [
    type.resource,
    ...subresources.map(({ name }) => name),
  ]);

test('resources come with their subresources, and what is no resource is left out', () => {
  const kind = 'Thing';
  const told = list(
    { name: 'things', kind },
    { name: 'things/status', kind, verbs: ['get'] },
    { name: 'thingsmore', kind },
    { name: 'x'.repeat(64), kind },
    { name: '__proto__', kind },
    { name: 'kindless' },
    null,
    7,
  );
  assert.deepEqual(read(told), [['things', 'status'], ['thingsmore']]);
});

test('what is no list, or one that is too long, is refused', () => {
  for (const value of [undefined, null, 'x', {}, { kind: 'Status' }, { kind: 'APIResourceList', resources: {} }])
    assert.throws(() => read(value), /no APIResourceList/);
  const many = Array.from({ length: 1001 }, (_, at) => ({ name: `a${at}`, kind: 'A' }));
  assert.throws(() => read(list(...many)), /more than 1000 resources/);
});
