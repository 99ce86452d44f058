import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Events,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  type NodeStatus,
} from '../../api/core/v1/types.ts';
import { attachmentName, csiVolumeId } from '../../api/storage/node/csi-names.ts';
import {
  CSIDrivers,
  VolumeAttachments,
  type VolumeAttachment,
  type VolumeAttachmentStatus,
} from '../../api/storage/v1/types.ts';
import type { Cluster } from '../../reconciler/controller.ts';
import { SmallCluster } from '../../reconciler/testing/small-cluster.ts';
import { attachDetachController } from './attach-detach.ts';

const driver = 'csi.example';
const id = csiVolumeId(driver, 'h');
const name = attachmentName('h', driver, 'n1');
const ready = { conditions: [{ type: 'Ready', status: 'True' as const }] };

/** Two nodes, a claim with its volume, and a driver; attachments are carried out by the test. */
class Attaching extends SmallCluster {
  async begin(attachRequired = true): Promise<void> {
    const { client } = this;
    for (const node of ['n1', 'n2']) await client.create(Nodes, { metadata: { name: node }, spec: {}, status: ready });
    await client.create(CSIDrivers, { metadata: { name: driver }, spec: { attachRequired } });
    const uid = await this.claim('data');
    const claimRef = { namespace: 'default', name: 'data', uid };
    const spec = { accessModes: ['ReadWriteOnce' as const], csi: { driver, volumeHandle: 'h' }, claimRef };
    await client.create(PersistentVolumes, { metadata: { name: 'pv' }, spec });
    await this.pod('a', 'n1');
    this.start(attachDetachController());
    await this.clock.advance(1000);
  }

  /** Names the volume, whose the volume may be or not. */
  async claim(claim: string): Promise<string> {
    const metadata = { name: claim, namespace: 'default' };
    const made = await this.client.create(PersistentVolumeClaims, { metadata, spec: { volumeName: 'pv' } });
    return made.metadata.uid!;
  }

  async pod(pod: string, nodeName: string, claimName = 'data'): Promise<void> {
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName } }];
    const metadata = { name: pod, namespace: 'default' };
    await this.client.create(Pods, { metadata, spec: { nodeName, containers: [], volumes } });
    await this.clock.advance(1000);
  }

  async attachment(status: VolumeAttachmentStatus): Promise<void> {
    await this.client.patch(
      VolumeAttachments,
      { name },
      { type: 'merge', body: { status } },
      { subresource: 'status' },
    );
    await this.clock.advance(1000);
  }

  async node(status: NodeStatus): Promise<void> {
    await this.client.patch(Nodes, { name: 'n1' }, { type: 'merge', body: { status } }, { subresource: 'status' });
    await this.clock.advance(1000);
  }

  async removePod(): Promise<void> {
    await this.client.delete(Pods, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
    await this.clock.advance(1000);
  }

  attachments(): string[] {
    return this.server.all(VolumeAttachments).map(({ spec }) => `${spec.source.persistentVolumeName} ${spec.nodeName}`);
  }

  attached(): string[] {
    const node = this.server.all(Nodes).find(({ metadata }) => metadata.name === 'n1');
    return (node?.status?.volumesAttached ?? []).map((one) => one.name);
  }

  told(): string[] {
    return this.server.all(Events).map(({ reason, message }) => `${reason} ${message}`);
  }
}

test('a volume comes to the node of its pod, and goes when the node shows it to none', async () => {
  await using cluster = new Attaching();
  await cluster.begin();
  assert.deepEqual([cluster.attachments(), cluster.attached()], [['pv n1'], []]);
  await cluster.attachment({ attached: true });
  assert.deepEqual(cluster.attached(), [id]);
  assert.deepEqual(cluster.told(), ['SuccessfulAttachVolume AttachVolume.Attach succeeded for volume "pv" ']);
  await cluster.node({ volumesInUse: [id] });
  await cluster.removePod();
  assert.deepEqual([cluster.attachments(), cluster.attached()], [['pv n1'], [id]]);
  await cluster.node({ volumesInUse: [] });
  assert.deepEqual([cluster.attachments(), cluster.attached()], [[], []]);
});

test('a claim that names a volume of another one brings it to no node', async () => {
  await using cluster = new Attaching();
  await cluster.begin();
  await cluster.removePod();
  assert.deepEqual(cluster.attachments(), []);
  await cluster.claim('thief');
  await cluster.pod('b', 'n2', 'thief');
  assert.deepEqual(cluster.attachments(), []);
});

test('a driver that attaches nothing is left alone', async () => {
  await using cluster = new Attaching();
  await cluster.begin(false);
  assert.deepEqual(cluster.attachments(), []);
});

test('what the driver cannot do is told to the pod', async () => {
  await using cluster = new Attaching();
  await cluster.begin();
  await cluster.attachment({ attached: false, attachError: { message: 'no such disk', time: '2026-01-01T00:00:00Z' } });
  assert.deepEqual(cluster.told(), ['FailedAttachVolume AttachVolume.Attach failed for volume "pv" : no such disk']);
});

test('a volume for one node at a time comes to the next when the first has let go', async () => {
  await using cluster = new Attaching();
  await cluster.begin();
  await cluster.attachment({ attached: true });
  await cluster.pod('b', 'n2');
  assert.deepEqual(cluster.attachments(), ['pv n1']);
  const refused = 'Multi-Attach error for volume "pv" Volume is already used by pod(s) a';
  assert.equal(cluster.told().at(-1), `FailedAttachVolume ${refused}`);
  await cluster.removePod();
  await cluster.clock.advance(11_000);
  assert.deepEqual(cluster.attachments(), ['pv n2']);
});

test('a node that does not answer loses a volume after six minutes, and one that is out of service at once', async () => {
  await using cluster = new Attaching();
  await cluster.begin();
  await cluster.attachment({ attached: true });
  await cluster.node({ volumesInUse: [id], conditions: [{ type: 'Ready', status: 'Unknown' }] });
  await cluster.removePod();
  await cluster.clock.advance(350_000);
  assert.deepEqual(cluster.attachments(), ['pv n1']);
  await cluster.clock.advance(20_000);
  assert.deepEqual(cluster.attachments(), []);

  await using other = new Attaching();
  await other.begin();
  await other.attachment({ attached: true });
  await other.node({ volumesInUse: [id] });
  await other.removePod();
  const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' as const }];
  await other.client.patch(Nodes, { name: 'n1' }, { type: 'merge', body: { spec: { taints } } });
  await other.clock.advance(1000);
  assert.deepEqual(other.attachments(), []);
});

test('of two nodes that want a volume for one the second waits, though nobody was shown the first attachment yet', async () => {
  const made: string[] = [];
  const objects: Record<string, object> = {
    persistentvolumeclaims: { metadata: { uid: 'c' }, spec: { volumeName: 'pv' } },
    persistentvolumes: {
      metadata: { name: 'pv' },
      spec: { accessModes: ['ReadWriteOnce'], claimRef: { uid: 'c' }, csi: { driver, volumeHandle: 'h' } },
    },
  };
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  const cluster = {
    get: ({ resource }: { resource: string }) => objects[resource],
    list: () => [],
    podsOn: (nodeName: string) => [{ metadata: { name: nodeName, namespace: 'default' }, spec: { nodeName, volumes } }],
    create: async (_type: unknown, { spec }: VolumeAttachment) => void made.push(spec.nodeName),
    events: { record: () => undefined },
  } as unknown as Cluster;
  const controller = attachDetachController();
  for (const node of ['n1', 'n2', 'n2']) await controller.reconcile({ name: node }, cluster);
  assert.deepEqual(made, ['n1']);
});

test('a volume stays on a node that has begun to use it again, though nobody was shown that yet', async () => {
  const gone: string[] = [];
  const objects: Record<string, object> = {
    nodes: { metadata: { name: 'n1', resourceVersion: '7' }, status: { ...ready, volumesAttached: [{ name: id }] } },
    persistentvolumes: { metadata: { name: 'pv' }, spec: { csi: { driver, volumeHandle: 'h' } } },
  };
  const attachment = { metadata: { name }, spec: { nodeName: 'n1', source: { persistentVolumeName: 'pv' } } };
  const cluster = {
    get: ({ resource }: { resource: string }) => objects[resource],
    list: () => [attachment],
    podsOn: () => [],
    async patch(_type: unknown, _key: unknown, { body }: { body: { metadata: { resourceVersion?: string } } }) {
      const { resourceVersion = '8' } = body.metadata;
      if (resourceVersion !== '8') throw new Error('the node is newer');
    },
    delete: async (_type: unknown, { metadata }: VolumeAttachment) => void gone.push(metadata.name),
  } as unknown as Cluster;
  await assert.rejects(attachDetachController().reconcile({ name: 'n1' }, cluster), { message: 'the node is newer' });
  assert.deepEqual(gone, []);
});
