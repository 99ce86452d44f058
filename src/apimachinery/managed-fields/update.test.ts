import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeValue } from '../decode/decode.ts';
import { deepFreeze } from '../freeze.ts';
import type { ManagedFieldsEntry } from '../object.ts';
import { structureOf } from '../structure.ts';
import { testSchema } from '../test-schema.ts';
import { managedFieldsAfterUpdate, resetFields, type Managed, type UpdateRequest } from './update.ts';

const structure = structureOf(testSchema, 'Pod');
const ignored = resetFields('status');
const times = { first: '2024-01-01T00:00:00Z', second: '2024-01-02T00:00:00Z' };

function pod(parts: Record<string, unknown>, managedFields?: readonly ManagedFieldsEntry[]): Managed {
  const { value } = decodeValue(structuredClone({ kind: 'Pod', ...parts }), structure);
  return deepFreeze({
    ...value,
    metadata: { ...(value['metadata'] as object), ...(managedFields ? { managedFields } : {}) },
  }) as Managed;
}
function after(object: Managed, more: Partial<UpdateRequest> = {}) {
  return managedFieldsAfterUpdate({
    object,
    structure,
    ignored,
    manager: 'one',
    apiVersion: 'v1',
    time: times.first,
    ...more,
  });
}
const container = { name: 'app', image: 'x', ports: [{ port: 80, protocol: 'TCP' }] };

test('who creates an object owns all that it has, but what the server writes itself', () => {
  const object = pod({
    metadata: { name: 'a', namespace: 'default', uid: 'u', labels: { l: '1' }, finalizers: ['example.com/f'] },
    spec: { replicas: 0, selector: { a: 'b' }, tolerations: [{ key: 'k' }], containers: [container] },
    status: { phase: 'Running' },
  });
  assert.deepEqual(after(object), [
    {
      manager: 'one',
      operation: 'Update',
      apiVersion: 'v1',
      time: times.first,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:finalizers': { '.': {}, 'v:"example.com/f"': {} }, 'f:labels': { '.': {}, 'f:l': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"app"}': {
              '.': {},
              'f:image': {},
              'f:name': {},
              'f:ports': { '.': {}, 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:protocol': {} } },
              'f:resources': {},
            },
          },
          'f:replicas': {},
          'f:selector': {},
          'f:tolerations': {},
        },
      },
    },
  ]);
});

const created = pod({ metadata: { name: 'a', labels: { l: '1' } }, spec: { replicas: 1, containers: [container] } });
const live = deepFreeze({ ...created, metadata: { ...created.metadata, managedFields: after(created) } }) as Managed;
const own = (entries: readonly ManagedFieldsEntry[] | undefined, manager: string) =>
  entries?.find((entry) => entry.manager === manager)?.fieldsV1;

test('a write that changes nothing answers the list of before', () => {
  const same = pod(structuredClone(created) as never);
  assert.equal(after(same, { live, manager: 'two' }), live.metadata.managedFields);
});

test('who changes a value takes the field; new fields are his, removed ones nobody’s', () => {
  const object = pod({ metadata: { name: 'a' }, spec: { replicas: 2, deadline: 5, containers: [container] } });
  const entries = after(object, { live, manager: 'two', time: times.second });
  assert.deepEqual(own(entries, 'two'), { 'f:spec': { 'f:deadline': {}, 'f:replicas': {} } });
  assert.deepEqual(own(entries, 'one'), {
    'f:spec': { 'f:containers': (own(live.metadata.managedFields, 'one') as any)['f:spec']['f:containers'] },
  });
  assert.deepEqual(
    entries?.map(({ manager }) => manager),
    ['one', 'two'],
  );
});

test('the writer’s own entry grows and gets the time of the write', () => {
  const object = pod({
    metadata: { name: 'a', labels: { l: '1', m: '2' } },
    spec: { replicas: 1, containers: [container] },
  });
  const [entry, ...others] = after(object, { live, time: times.second })!;
  assert.equal(others.length, 0);
  assert.equal(entry!.time, times.second);
  assert.deepEqual((entry!.fieldsV1 as any)['f:metadata']['f:labels'], { '.': {}, 'f:l': {}, 'f:m': {} });
});

test('a removal alone leaves the time, and a manager without fields is forgotten', () => {
  const object = pod({ metadata: { name: 'a' }, spec: { replicas: 1, containers: [container] } });
  assert.equal(after(object, { live, time: times.second })?.[0]?.time, times.first);
  const all = pod({ metadata: { name: 'a', labels: { l: '2' } }, spec: { replicas: 2, containers: [{ name: 'b' }] } });
  assert.deepEqual(
    after(all, { live, manager: 'two' })?.map(({ manager }) => manager),
    ['one', 'two'],
  );
  const none = pod({ metadata: { name: 'a' } });
  assert.equal(after(none, { live, manager: 'two' }), undefined);
});

test('items of a list are known by their keys, wherever they stand', () => {
  const before = pod({ spec: { containers: [{ name: 'a' }, { name: 'b', image: '1' }] } });
  const tracked = { ...before, metadata: { ...before.metadata, managedFields: after(before) } } as Managed;
  const object = pod({ spec: { containers: [{ name: 'b', image: '2' }, { name: 'c' }, { name: 'a' }] } });
  assert.deepEqual(own(after(object, { live: tracked, manager: 'two' }), 'two'), {
    'f:spec': {
      'f:containers': {
        'k:{"name":"b"}': { 'f:image': {} },
        'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:resources': {} },
      },
    },
  });
});

test('a subresource has entries of its own and does not touch what it does not write', () => {
  const object = pod({
    metadata: { name: 'a', labels: { l: '1' } },
    spec: { replicas: 9 },
    status: { phase: 'Running' },
  });
  const entries = after(object, { live, subresource: 'status', ignored: resetFields('spec') });
  assert.equal(entries?.length, 2);
  assert.deepEqual(entries?.find(({ subresource }) => subresource === 'status')?.fieldsV1, {
    'f:status': { 'f:phase': {} },
  });
  assert.deepEqual(entries?.find(({ subresource }) => !subresource)?.fieldsV1, own(live.metadata.managedFields, 'one'));
});

test('a client may write the entries itself; what cannot be is ignored, one empty entry resets', () => {
  const body = { metadata: { name: 'a' }, spec: { replicas: 3 } };
  const sent: ManagedFieldsEntry = {
    manager: 'x',
    operation: 'Update',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:deadline': {}, 'f:replicas': {} } },
  };
  const managers = (entry: ManagedFieldsEntry) => after(pod(body, [entry]), { live })?.map(({ manager }) => manager);
  assert.deepEqual(managers(sent), ['x', 'one']);
  assert.deepEqual(managers({ ...sent, operation: 'Guess' as 'Apply' }), ['one']);
  assert.deepEqual(managers({ ...sent, fieldsType: 'FieldsV9' }), ['one']);
  assert.equal(managers({}), undefined);
});

test('once nobody is tracked, an update does not begin to', () => {
  const untracked = pod({ metadata: { name: 'a' } });
  assert.equal(after(pod({ metadata: { name: 'a' }, spec: { replicas: 1 } }), { live: untracked }), undefined);
});

test('the oldest updaters are joined when there are more than ten', () => {
  let current = pod({ spec: { replicas: 0 } });
  let object: Managed | undefined;
  for (let n = 1; n <= 12; n++) {
    const labels = Object.fromEntries(Array.from({ length: n }, (_, i) => [`l${i}`, '']));
    object = pod({ metadata: { labels }, spec: { replicas: 0 } });
    const time = `2024-01-01T00:00:${String(n).padStart(2, '0')}Z`;
    const entries = after(object, { ...(n === 1 ? {} : { live: current }), manager: `m${n}`, time });
    current = { ...object, metadata: { ...object.metadata, managedFields: entries } } as Managed;
  }
  const entries = current.metadata.managedFields!;
  assert.equal(entries.length, 10);
  assert.equal(entries[0]!.manager, 'ancient-changes');
  assert.equal(entries[0]!.time, '2024-01-01T00:00:03Z');
});

test('what a write takes is looked up once, however many managers there are', () => {
  const readsFor = (count: number) => {
    let reads = 0;
    const counted = (fields: object) =>
      new Proxy(fields, {
        get(target, part) {
          reads++;
          return Reflect.get(target, part);
        },
      });
    const label = (at: number) => ({ 'f:metadata': { 'f:labels': counted({ [`f:l${at}`]: {} }) } });
    const entries = Array.from({ length: count }, (_, at) => ({
      manager: `m${at}`,
      operation: 'Apply' as const,
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: label(at) as Record<string, object>,
    }));
    const labels = (value: string) => Object.fromEntries(entries.map((_, at) => [`l${at}`, value]));
    const live = { metadata: { labels: labels('a'), managedFields: entries } };
    const object = { metadata: { labels: labels('b'), managedFields: entries } };
    assert.equal(after(object, { live })?.length, 1);
    return reads;
  };
  const [few, many] = [readsFor(100), readsFor(1000)];
  assert.ok(many < 12 * few, `${few} reads for 100 managers, ${many} for 1,000`);
});
