import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';
const name = 'names';

describe('DNS of a cluster of two nodes', { skip }, () => {
  const { home, must, kubectl, until, [Symbol.asyncDispose]: close } = openCommandLine();
  after(close);

  async function runPod(pod: string, on: string, command: string): Promise<void> {
    const containers = [{ name: 'main', image, command: ['sh', '-c', command] }];
    const tolerations = [{ operator: 'Exists' }];
    const spec = { nodeName: `${name}-${on}`, terminationGracePeriodSeconds: 0, tolerations, containers };
    await kubectl('run', pod, `--image=${image}`, `--labels=app=${pod}`, `--overrides=${JSON.stringify({ spec })}`);
  }
  const clusterIp = (service: string, namespace: string): Promise<string> =>
    kubectl('get', 'service', service, '-n', namespace, '-o', 'jsonpath={.spec.clusterIP}');
  const inPod = (...command: string[]): Promise<string> => kubectl('exec', 'client', '--', ...command);
  const addressesOf = async (...asked: string[]): Promise<string[]> => {
    const answer = await inPod('nslookup', ...asked);
    return [...answer.matchAll(/^Address:\s+([\d.]+)$/gm)].map(([, address]) => address!);
  };

  before(async () => {
    await must('up', '--name', name, '--nodes', '2', '--no-install');
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    await must('image', 'load', archive, '--name', name);
    await runPod('web', 'worker', 'mkdir /www; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www');
    await runPod('client', 'control-plane', 'exec sleep 1000000');
    await kubectl('expose', 'pod', 'web', '--port=8080', '--cluster-ip=None');
    await kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
  });

  test('pods ask it under the address of its Service, with their search path', async () => {
    const server = await clusterIp('kube-dns', 'kube-system');
    const file = await inPod('cat', '/etc/resolv.conf');
    assert.match(file, /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/m);
    assert.deepEqual(file.match(/^nameserver .*$/gm), [`nameserver ${server}`]);
    assert.match(file, /^options ndots:5$/m);
  });

  test('names of Services lead to their addresses', async () => {
    const address = await clusterIp('kubernetes', 'default');
    assert.deepEqual(await addressesOf('kubernetes.default.svc.cluster.local'), [address]);
  });

  test('a short name leads to the ready pods of a headless Service on another node', async () => {
    await until('wget finds "web"', async () => (await inPod('wget', '-qO-', 'http://web:8080/')).trim() === 'hello');
  });

  test('an address has a name', async () => {
    const address = await clusterIp('kubernetes', 'default');
    assert.match(await inPod('nslookup', address), /name = kubernetes\.default\.svc\.cluster\.local/);
  });

  test('a name that does not exist has none', async () => {
    await assert.rejects(inPod('nslookup', 'nobody.default.svc.cluster.local'), /NXDOMAIN/);
  });
});
