import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nextTurn } from '../base/turn.ts';
import { deepFreeze } from '../apimachinery/freeze.ts';
import { withoutManagedFields } from './transform.ts';

const entry = {
  manager: 'kubectl',
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: {},
} as const;

test('managed fields are dropped, and all else is shared', () => {
  const object = deepFreeze({
    metadata: { name: 'a', labels: { app: 'a' }, managedFields: [entry] },
    spec: { x: [1] },
  });
  const kept = withoutManagedFields()(object);
  assert.deepEqual(kept, { metadata: { name: 'a', labels: { app: 'a' } }, spec: { x: [1] } });
  assert.equal(kept.spec, object.spec);
  assert.equal(kept.metadata.labels, object.metadata.labels);
  assert.ok(Object.isFrozen(kept) && Object.isFrozen(kept.metadata));
});

test('an object without managed fields is its own', () => {
  const transform = withoutManagedFields();
  const bare = deepFreeze({ metadata: { name: 'b' } });
  assert.equal(transform(bare), bare);
});

test('pods of one workload share what is equal in them', () => {
  const transform = withoutManagedFields();
  const pod = (name: string) =>
    deepFreeze({
      metadata: { name, labels: { app: 'a' }, managedFields: [entry] },
      spec: { volumes: [{ name, projected: {} }], containers: [{ name: 'app', env: [{ name: 'MODE' }] }] },
    });
  const [one, other] = [transform(pod('a')), transform(pod('b'))];
  assert.deepEqual(other.spec, pod('b').spec);
  assert.equal(one.spec.containers, other.spec.containers);
  assert.equal(one.spec.volumes[0]!.projected, other.spec.volumes[0]!.projected);
  assert.equal(one.metadata.labels, other.metadata.labels);
});

test('an object that is written again with the same spec keeps what it had of it, whoever came in between', () => {
  const transform = withoutManagedFields();
  const pod = (name: string) =>
    deepFreeze({ metadata: { name, managedFields: [entry] }, spec: { nodeName: name, containers: [{ name: 'app' }] } });
  transform(pod('model'));
  const first = pod('a');
  const { spec } = transform(first);
  transform(pod('b'));
  const again = transform(deepFreeze({ ...first, metadata: { ...first.metadata, labels: { new: 'one' } } }));
  assert.equal(again.spec, spec);
});

test('an object that nobody holds any more is not kept as a model', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const transform = withoutManagedFields();
  const kept = new WeakRef(transform(deepFreeze({ metadata: { name: 'a', managedFields: [entry] }, data: {} })));
  await nextTurn();
  collectGarbage();
  assert.equal(kept.deref(), undefined);
});
