/** Makes what a test makes, says so, and waits to be killed: run with the name of what to make. */
import { join } from 'node:path';
import { Pods, ServiceAccounts, type Pod } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { startLocalCluster } from '../kit/local-cluster.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { openCommandLine } from './command-line.ts';
import { startIngressCluster } from './ingress-cluster.ts';
import { startRealNode } from './real-node.ts';
import { makeServiceNetwork } from './service-network.ts';

export const clusterName = 'killed';
const image = 'kubeling-test/busybox:1';

/** What each makes; resolves to the folder below which it is. */
export const fixtures = {
  async 'a cluster with a pod'() {
    const { home, client, kubeling } = await startLocalCluster(clusterName, ['--no-install']);
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    await kubeling('image', 'load', archive);
    const namespace = 'default';
    await comesTrue(async () => (await client.list(ServiceAccounts, { namespace })).items.length > 0);
    const containers = [{ name: 'main', image, command: ['sleep', '1000000'] }];
    await client.create(Pods, { metadata: { name: 'web', namespace }, spec: { containers } } as Pod);
    await comesTrue(async () => (await client.get(Pods, { name: 'web', namespace })).status?.phase === 'Running');
    return home.data;
  },
  'half a cluster'() {
    const { home, kubeling } = openCommandLine();
    void kubeling('up', '--name', clusterName, '--no-install');
    return Promise.resolve(home.data);
  },
  'a node with a containerd': async () => (await startRealNode('killed')).folder,
  'an nginx': async () => join((await startIngressCluster()).folder, '..'),
  'network namespaces': async () => (await makeServiceNetwork()).folder,
} satisfies Record<string, () => Promise<string>>;

async function comesTrue(holds: () => Promise<boolean>): Promise<void> {
  const limit = systemClock.monotonic() + 60_000;
  while (!(await holds())) {
    if (systemClock.monotonic() > limit) throw new Error('Cannot go on: what is to be killed does not come to run');
    await systemClock.sleep(50);
  }
}

if (import.meta.main) {
  keepAlive();
  const folder = await fixtures[process.argv[2] as keyof typeof fixtures]();
  process.stdout.write(`${folder}\n`);
}
