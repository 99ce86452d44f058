import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, PersistentVolumeClaim } from '../../../api/core/v1/types.ts';
import type { CSINode } from '../../../api/storage/v1/types.ts';
import type { Client } from '../../../client/client.ts';
import { noteGrown } from './claim-growth.ts';
import { CsiNodeObject } from './csi-node-object.ts';

const annotation = 'csi.volume.kubernetes.io/nodeid';

/** Keeps what is written; the patch of a node is told, not made. */
function fakeClient(csiNode: CSINode) {
  let kept = csiNode;
  const bodies: unknown[] = [];
  const client = {
    get: async () => kept,
    update: async (_: unknown, object: CSINode) => (kept = object),
    patch: async (_: unknown, __: unknown, { body }: { readonly body: unknown }) => void bodies.push(body),
  };
  return { client: client as unknown as Client, bodies, drivers: () => kept.spec.drivers };
}

const other = { name: 'b.example.com', nodeID: 'kept' };
const node = {
  metadata: { name: 'n1', uid: 'u', annotations: { [annotation]: '{"b.example.com":"kept"}' } },
  spec: {},
} as Node;
const info = { nodeId: 'id', maxVolumesPerNode: 0, accessibleTopology: undefined };

test('a driver that comes is told beside others, and again instead of itself', async () => {
  const { client, bodies, drivers } = fakeClient({ metadata: { name: 'n1' }, spec: { drivers: [other] } });
  const told = new CsiNodeObject(client, 'n1', () => node);
  await told.add('a.example.com', info as never);
  assert.deepEqual(drivers(), [other, { name: 'a.example.com', nodeID: 'id', topologyKeys: null }]);
  const more = { nodeId: 'id', maxVolumesPerNode: 3, accessibleTopology: { segments: { zone: 'z', area: 'a' } } };
  await told.add('a.example.com', more as never);
  const driver = { name: 'a.example.com', nodeID: 'id', topologyKeys: ['area', 'zone'], allocatable: { count: 3 } };
  assert.deepEqual(drivers(), [other, driver]);
  const annotations = { [annotation]: '{"b.example.com":"kept","a.example.com":"id"}' };
  assert.deepEqual(bodies.at(-1), { metadata: { annotations, labels: { zone: 'z', area: 'a' } } });
});

test('the last driver that goes takes the annotation with it', async () => {
  const { client, bodies, drivers } = fakeClient({ metadata: { name: 'n1' }, spec: { drivers: [other] } });
  await new CsiNodeObject(client, 'n1', () => node).remove(other.name);
  assert.deepEqual(drivers(), []);
  assert.deepEqual(bodies, [{ metadata: { annotations: { [annotation]: null } } }]);
});

test('nothing is told of a node that is not known yet', async () => {
  const { client, bodies } = fakeClient({ metadata: { name: 'n1' }, spec: { drivers: [] } });
  const told = new CsiNodeObject(client, 'n1', () => undefined);
  await assert.rejects(told.add('a.example.com', info as never), { message: 'the node has not registered yet' });
  assert.deepEqual(bodies, []);
});

test('a claim that has grown waits for its node no more, but for what else it did', async () => {
  const { client, bodies } = fakeClient({ metadata: { name: 'n1' }, spec: { drivers: [] } });
  const kept = { type: 'ModifyingVolume', status: 'True' };
  const conditions = [{ type: 'Resizing', status: 'True' }, kept, { type: 'FileSystemResizePending', status: 'True' }];
  const claim = { metadata: { namespace: 'default', name: 'data' }, status: { conditions } } as PersistentVolumeClaim;
  await noteGrown(client, claim, '2Gi');
  const status = { capacity: { storage: '2Gi' }, conditions: [kept], allocatedResourceStatuses: null };
  assert.deepEqual(bodies, [{ status }]);
});
