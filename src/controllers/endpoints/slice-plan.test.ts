import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Endpoint, EndpointSlice } from '../../api/discovery/v1/types.ts';
import { planSlices, sliceCapacity, type EndpointGroup, type SlicePlan } from './slice-plan.ts';

const labels = { app: 'web' };
const http = [{ name: 'http', port: 80, protocol: 'TCP' as const }];

function endpoint(n: number, ready = true): Endpoint {
  return { addresses: [`10.0.0.${n}`], conditions: { ready }, targetRef: { kind: 'Pod', uid: `u${n}` } };
}

function group(numbers: readonly number[], ports = http): EndpointGroup {
  return { addressType: 'IPv4', ports, endpoints: numbers.map((n) => endpoint(n)) };
}

function slice(name: string, numbers: readonly number[], ports = http): EndpointSlice {
  return { metadata: { name, labels }, addressType: 'IPv4', ports, endpoints: numbers.map((n) => endpoint(n)) };
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

function shown({ create, update, remove }: SlicePlan): string[] {
  return [
    ...create.map(({ endpoints }) => `create ${endpoints?.length ?? 0}`),
    ...update.map(({ metadata, endpoints }) => `update ${metadata.name} ${endpoints?.length ?? 0}`),
    ...remove.map(({ metadata }) => `remove ${metadata.name}`),
  ];
}

const cases: readonly { name: string; groups: EndpointGroup[]; existing: EndpointSlice[]; want: string[] }[] = [
  { name: 'a service without pods gets an empty slice', groups: [], existing: [], want: ['create 0'] },
  { name: 'and keeps it', groups: [], existing: [slice('a', [], [])], want: [] },
  {
    name: 'the empty slice is filled when pods come',
    groups: [group([1])],
    existing: [slice('a', [], [])],
    want: ['update a 1'],
  },
  { name: 'and emptied when the last goes', groups: [], existing: [slice('a', [1])], want: ['update a 0'] },
  { name: 'what is right is left alone', groups: [group([1, 2])], existing: [slice('a', [1, 2])], want: [] },
  {
    name: 'a new endpoint goes into a slice with room',
    groups: [group([1, 2])],
    existing: [slice('a', [1])],
    want: ['update a 2'],
  },
  {
    name: 'more than fit into one make several',
    groups: [group(range(1, 250))],
    existing: [],
    want: ['create 100', 'create 100', 'create 50'],
  },
  {
    name: 'of two slices with room the fuller one is written',
    groups: [group([...range(1, 90), ...range(200, 10), 500])],
    existing: [slice('few', range(200, 10)), slice('many', range(1, 90))],
    want: ['update many 91'],
  },
  {
    name: 'a slice that loses one takes the new one',
    groups: [group([...range(1, 99), ...range(200, 10), 500])],
    existing: [slice('a', range(1, 100)), slice('b', range(200, 10))],
    want: ['update a 100'],
  },
  {
    name: 'a slice that became empty goes',
    groups: [group([1])],
    existing: [slice('a', [1]), slice('b', [2])],
    want: ['remove b'],
  },
  {
    name: 'other ports need another slice, which takes over the old one',
    groups: [group([1], [{ name: 'http', port: 81, protocol: 'TCP' }])],
    existing: [slice('a', [1])],
    want: ['update a 1'],
  },
];

for (const { name, groups, existing, want } of cases) {
  test(name, () => {
    assert.deepEqual(shown(planSlices(groups, ['IPv4'], existing, labels)), want);
  });
}

test('an endpoint that changed is written, a label too', () => {
  const changed = { ...group([]), endpoints: [endpoint(1, false)] };
  assert.deepEqual(shown(planSlices([changed], ['IPv4'], [slice('a', [1])], labels)), ['update a 1']);
  assert.deepEqual(shown(planSlices([group([1])], ['IPv4'], [slice('a', [1])], { app: 'other' })), ['update a 1']);
});

test('whatever there was, every endpoint is in one slice in the end, none is over-full, and nothing is left to do', () => {
  const numbers = fc.uniqueArray(fc.nat(400), { maxLength: 350 });
  fc.assert(
    fc.property(numbers, fc.array(numbers, { maxLength: 4 }), (wanted, before) => {
      const existing = before.map((some, index) => slice(`s${index}`, some.slice(0, sliceCapacity)));
      const plan = planSlices(wanted.length > 0 ? [group(wanted)] : [], ['IPv4'], existing, labels);
      const touched = new Set([...plan.update, ...plan.remove].map(({ metadata }) => metadata.name));
      const after = [
        ...existing.filter(({ metadata }) => !touched.has(metadata.name)),
        ...plan.update,
        ...plan.create.map((content, index) => ({ ...content, metadata: { name: `n${index}`, labels } })),
      ];
      const uids = after.flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef }) => targetRef!.uid!));
      assert.deepEqual(uids.toSorted(), wanted.map((n) => `u${n}`).toSorted());
      assert.ok(after.every(({ endpoints }) => (endpoints ?? []).length <= sliceCapacity));
      assert.ok(after.length > 0);
      assert.deepEqual(shown(planSlices(wanted.length > 0 ? [group(wanted)] : [], ['IPv4'], after, labels)), []);
    }),
    { numRuns: 60 },
  );
});
