import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nodePaths } from '../../src/local/paths.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';
const name = 'claims';

describe('claims of a real cluster', { skip }, () => {
  const { home, must, kubectl, until, [Symbol.asyncDispose]: close } = openCommandLine();
  after(close);
  const { volumes } = nodePaths(home, name, 'control-plane');

  before(async () => {
    await must('up', '--name', name, '--no-install');
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    await must('image', 'load', archive, '--name', name);
  });

  async function apply(...items: object[]): Promise<void> {
    const file = join(home.data, 'objects.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await kubectl('apply', '-f', file);
  }

  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Mi' } } },
  };

  function pod(podName: string, script: string, mount: object = {}): object {
    const container = {
      name: 'app',
      image,
      command: ['sh', '-c', `${script}; exec sleep 1000000`],
      volumeMounts: [{ name: 'data', mountPath: '/data', ...mount }],
    };
    const spec = {
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsUser: 1000, fsGroup: 2000 },
      containers: [container],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    };
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name: podName }, spec };
  }

  const ready = (podName: string) => kubectl('wait', '--for=condition=Ready', `pod/${podName}`, '--timeout=90s');
  const read = (podName: string, file: string) => kubectl('exec', podName, '--', 'cat', file);

  test('a pod that is nobody special writes to a claim', async () => {
    await apply(claim, pod('writer', 'echo kept > /data/word; mkdir /data/logs; echo line > /data/logs/log'));
    await ready('writer');
    assert.match(await kubectl('get', 'pvc', 'data', '--no-headers'), /^data +Bound +pvc-\S+ +100Mi +RWO +standard /);
    assert.match(
      await kubectl('get', 'sc', '--no-headers'),
      /^standard \(default\) +local\.kubeling\.dev +Delete +WaitForFirstConsumer +true /,
    );
    const [folder = ''] = readdirSync(volumes);
    assert.equal(readFileSync(join(volumes, folder, 'word'), 'utf8'), 'kept\n');
    const { uid, gid } = statSync(join(volumes, folder, 'word'));
    assert.deepEqual([uid, gid], [1000, 2000]);
  });

  test('another pod reads it when the first is gone, and only reads where it said so', async () => {
    await kubectl('delete', 'pod', 'writer');
    await apply(
      pod('reader', 'echo more > /data/more', { readOnly: true }),
      pod('partial', 'true', { subPath: 'logs' }),
    );
    await ready('reader');
    await ready('partial');
    assert.equal(await read('reader', '/data/word'), 'kept\n');
    assert.equal(await read('partial', '/data/log'), 'line\n');
    const [folder = ''] = readdirSync(volumes);
    assert.deepEqual(readdirSync(join(volumes, folder)).sort(), ['logs', 'word']);
  });

  test('it is there after the cluster was stopped and started', async () => {
    await must('stop', '--name', name);
    await must('start', '--name', name);
    await ready('reader');
    await until('reader has it', async () => (await read('reader', '/data/word')) === 'kept\n');
  });

  test('it goes with the claim, when no pod uses it any more', async () => {
    await kubectl('delete', 'pvc', 'data', '--wait=false');
    assert.match(await kubectl('get', 'pvc', 'data', '--no-headers'), /^data +Terminating /);
    await kubectl('delete', 'pod', 'reader', 'partial');
    await kubectl('wait', '--for=delete', 'pvc/data', '--timeout=60s');
    await until('the volume is gone', async () => (await kubectl('get', 'pv', '-o', 'name')) === '');
    assert.deepEqual(readdirSync(volumes), []);
  });
});
