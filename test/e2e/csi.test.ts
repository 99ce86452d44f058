import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CsiPlugin } from '../../src/kubelet/testing/csi-plugin.ts';
import { nodePaths } from '../../src/local/paths.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';
const name = 'csi';
const driver = 'csi.example';

describe('volumes of a CSI driver', { skip }, () => {
  const { home, must, kubectl, until, [Symbol.asyncDispose]: close } = openCommandLine();
  const { kubelet } = nodePaths(home, name, 'control-plane');
  const data = join(home.data, 'csi-data');
  const plugin = new CsiPlugin({ name: driver, folder: kubelet, capabilities: ['stage', 'expand'], most: 2, data });
  after(async () => {
    await plugin[Symbol.asyncDispose]();
    await close();
  });

  before(async () => {
    await must('up', '--name', name, '--no-install');
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    await must('image', 'load', archive, '--name', name);
    await plugin.start();
  });

  async function apply(...items: object[]): Promise<void> {
    const file = join(home.data, 'objects.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await kubectl('apply', '-f', file);
  }

  const storage = { apiVersion: 'storage.k8s.io/v1' };
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pv' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      csi: { driver, volumeHandle: 'h1' },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'csi',
    },
  };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'csi' },
  };

  function pod(podName: string, source: object, command: string): object {
    const volumeMounts = [{ name: 'v', mountPath: '/v' }];
    const container = { name: 'app', image, command: ['sh', '-c', `${command}; exec sleep 1000000`], volumeMounts };
    const spec = { terminationGracePeriodSeconds: 0, containers: [container], volumes: [{ name: 'v', ...source }] };
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name: podName }, spec };
  }

  const get = (what: string, path: string) => kubectl('get', ...what.split(' '), '-o', `jsonpath={${path}}`);
  const ready = (podName: string) => kubectl('wait', '--for=condition=Ready', `pod/${podName}`, '--timeout=90s');

  test('a driver registers, and its node says so', async () => {
    await until(
      'the driver is known',
      async () => (await get('csinodes', '.items[*].spec.drivers[*].name')) === driver,
    );
    assert.equal(await get('csinodes', '.items[0].spec.drivers[0].nodeID'), `${driver}-node`);
    assert.equal(await get('csinodes', '.items[0].spec.drivers[0].allocatable.count'), '2');
    const annotation = await get('nodes', '.items[0].metadata.annotations.csi\\.volume\\.kubernetes\\.io/nodeid');
    assert.equal(annotation, `{"${driver}":"${driver}-node"}`);
  });

  test('a volume is attached, staged and shown to its pod', async () => {
    await apply({ ...storage, kind: 'CSIDriver', metadata: { name: driver }, spec: {} }, volume, claim);
    const source = { persistentVolumeClaim: { claimName: 'data' } };
    await apply(pod('writer', source, 'echo kept > /v/word'));
    const attachments = () => get('volumeattachments', '.items[*].metadata.name');
    await until('it is to be attached', async () => (await attachments()) !== '');
    assert.deepEqual(plugin.steps(), []);
    const status = JSON.stringify({ status: { attached: true } });
    const patch = ['--subresource=status', '--type=merge', '-p', status];
    await kubectl('patch', 'volumeattachment', await attachments(), ...patch);
    await ready('writer');
    assert.equal(readFileSync(join(data, 'h1', 'word'), 'utf8'), 'kept\n');
    assert.deepEqual(plugin.steps(), ['NodeStageVolume', 'NodePublishVolume']);
    const id = `kubernetes.io/csi/${driver}^h1`;
    assert.equal(await get('nodes', '.items[0].status.volumesInUse[*]'), id);
    assert.equal(await get('nodes', '.items[0].status.volumesAttached[*].name'), id);
    assert.match(await kubectl('events', '--for=pod/writer'), /SuccessfulAttachVolume .*"pv"/);
  });

  test('a claim that is given more is told when its node has done its part', async () => {
    const more = JSON.stringify({ spec: { capacity: { storage: '2Gi' } } });
    await kubectl('patch', 'pv', 'pv', '--type=merge', '-p', more);
    await kubectl('wait', 'pvc/data', '--for=jsonpath={.status.capacity.storage}=2Gi', '--timeout=90s');
    assert.equal(plugin.steps().at(-1), 'NodeExpandVolume');
  });

  test('a pod that goes while its agent is away leaves nothing behind', async () => {
    await must('stop', '--name', name);
    await must('start', '--name', name);
    await ready('writer');
    await kubectl('delete', 'pod', 'writer');
    await until('the volume is let go', async () => (await get('volumeattachments', '.items[*].metadata.name')) === '');
    assert.deepEqual(plugin.steps().slice(-2), ['NodeUnpublishVolume', 'NodeUnstageVolume']);
    assert.deepEqual(readdirSync(join(data, 'h1')).sort(), ['.volume', 'word']);
    const staged = join(kubelet, 'plugins/kubernetes.io/csi', driver);
    assert.deepEqual(existsSync(staged) ? readdirSync(staged) : [], []);
  });

  test('a pod describes a volume of its own', async () => {
    const spec = { volumeLifecycleModes: ['Ephemeral'], podInfoOnMount: true, attachRequired: false };
    await kubectl('delete', 'csidriver', driver);
    await apply({ ...storage, kind: 'CSIDriver', metadata: { name: driver }, spec });
    // The runtime keeps the last line of a log back until it ends.
    await apply(pod('inline', { csi: { driver, readOnly: true } }, 'echo $(cat /v/.volume)'));
    await ready('inline');
    const [, request] = plugin.calls.at(-1)!;
    assert.equal(request.volumeContext['csi.storage.k8s.io/pod.name'], 'inline');
    await until('the pod has read it', async () => (await kubectl('logs', 'inline')) === `${request.volumeId}\n`);
    await kubectl('delete', 'pod', 'inline');
    // A pod without a grace period is gone for the API before its node is done with it.
    await until('the volume is let go', async () => plugin.steps().at(-1) === 'NodeUnpublishVolume');
  });
});
