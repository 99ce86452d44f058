import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../apimachinery/object.ts';
import { blockers, foregroundFinalizer, judge, orphanFinalizer, type OwnerState, type Verdict } from './owners.ts';

function reference(name: string, blockOwnerDeletion?: boolean) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name,
    uid: `uid-${name}`,
    ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }),
  };
}

function object(name: string, metadata: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { metadata: { name, uid: `uid-${name}`, ...metadata } };
}

const deletingDependents = object('d', {
  deletionTimestamp: '2026-01-01T00:00:00Z',
  finalizers: [foregroundFinalizer],
});

const cases: readonly {
  name: string;
  owners: OwnerState[];
  dependents?: KubeObject[];
  finalizers?: string[];
  want: Verdict['kind'] | string;
}[] = [
  { name: 'without owners it is nobody’s garbage', owners: [], want: 'keep' },
  { name: 'with its owner there it stays', owners: ['solid'], want: 'keep' },
  { name: 'with an owner of an unknown kind it stays', owners: ['gone', 'unknown'], want: 'keep' },
  { name: 'with its only owner gone it goes', owners: ['gone'], want: 'delete Background' },
  { name: 'with one of two owners gone the reference goes', owners: ['solid', 'gone'], want: 'unlink' },
  { name: 'an owner that waits counts as gone beside one that stays', owners: ['solid', 'waiting'], want: 'unlink' },
  { name: 'an owner that waits for it makes it go', owners: ['waiting'], want: 'delete Background' },
  {
    name: 'and its own dependents before it',
    owners: ['waiting'],
    dependents: [object('d')],
    want: 'delete Foreground',
  },
  {
    name: 'in a circle the blocking ends',
    owners: ['waiting'],
    dependents: [deletingDependents],
    want: 'unblock-and-delete',
  },
  { name: 'its own policy to orphan is kept', owners: ['gone'], finalizers: [orphanFinalizer], want: 'delete Orphan' },
  {
    name: 'its own policy for the foreground is kept',
    owners: ['gone'],
    finalizers: [foregroundFinalizer],
    want: 'delete Foreground',
  },
];

for (const { name, owners, dependents = [], finalizers, want } of cases) {
  test(`an object: ${name}`, () => {
    const verdict = judge(
      object('x', finalizers && { finalizers }),
      owners.map((state, index) => ({ reference: reference(`o${index}`), state })),
      dependents,
    );
    assert.equal(verdict.kind === 'delete' ? `delete ${verdict.propagation}` : verdict.kind, want);
  });
}

test('only dependents that say so hold a foreground deletion up', () => {
  const owner = object('o');
  const dependents = [
    object('a', { ownerReferences: [reference('o', true)] }),
    object('b', { ownerReferences: [reference('o', false)] }),
    object('c', { ownerReferences: [reference('o')] }),
    object('d', { ownerReferences: [reference('other', true), reference('o')] }),
  ];
  assert.deepEqual(
    blockers(owner, dependents).map(({ metadata }) => metadata.name),
    ['a'],
  );
});
