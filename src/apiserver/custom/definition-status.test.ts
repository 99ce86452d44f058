import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../api/apiextensions/v1/types.ts';
import { withStatus } from './definition-status.ts';

const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };

function definition(own: Partial<CustomResourceDefinitionNames> = {}, status?: object): CustomResourceDefinition {
  const wanted = { ...names, ...own };
  return {
    metadata: { name: `${wanted.plural}.example.com` },
    spec: { group: 'example.com', scope: 'Namespaced', names: wanted, versions: [], conversion: { strategy: 'None' } },
    status: { conditions: null, acceptedNames: { plural: '', kind: '' }, ...status },
  };
}

const told = ({ status }: Readonly<CustomResourceDefinition>) =>
  status?.conditions?.map(({ type, status: value, reason, message }) => `${type}=${value} ${reason}: ${message}`);

test('the first of its group gets its names and is established, and is settled then', () => {
  const first = withStatus(definition(), [], 0);
  assert.deepEqual(told(first), [
    'NamesAccepted=True NoConflicts: no conflicts found',
    'Established=True InitialNamesAccepted: the initial names have been accepted',
  ]);
  assert.deepEqual(first.status?.acceptedNames, names);
  assert.equal(withStatus(first, [], 1), first);
});

test('names that another one has are refused, the others are given', () => {
  const first = withStatus(definition({ shortNames: ['th'] }), [], 0);
  const second = withStatus(definition({ plural: 'others', singular: 'thing', shortNames: ['th'] }), [first], 0);
  assert.deepEqual(told(second), [
    'NamesAccepted=False ListKindConflict: "ThingList" is already in use',
    'Established=False NotAccepted: not all names are accepted',
  ]);
  assert.deepEqual(second.status?.acceptedNames, { plural: 'others', kind: '' });
  const free = withStatus(second, [], 5000);
  assert.equal(told(free)![1], 'Established=True InitialNamesAccepted: the initial names have been accepted');
  assert.equal(free.status?.conditions?.[1]!.lastTransitionTime, '1970-01-01T00:00:05Z');
});

test('what is established stays so when it wants a name that is taken', () => {
  const other = withStatus(definition({ plural: 'others', singular: 'o', kind: 'O', listKind: 'OList' }), [], 0);
  const first = withStatus(definition(), [], 0);
  const changed = { ...first, spec: { ...first.spec, names: { ...names, shortNames: ['o'] } } };
  assert.deepEqual(told(withStatus(changed, [other], 0)), [
    'NamesAccepted=False ShortNamesConflict: "o" is already in use',
    'Established=True InitialNamesAccepted: the initial names have been accepted',
  ]);
});
