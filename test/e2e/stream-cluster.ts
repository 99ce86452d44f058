import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Namespaces, Nodes, Pods, ServiceAccounts, type Node, type Pod } from '../../src/api/core/v1/types.ts';
import { superuser } from '../../src/apiserver/api-server.ts';
import { TokenKeys } from '../../src/apiserver/auth/json-web-token.ts';
import { listenForApi } from '../../src/apiserver/http/api-listener.ts';
import { createKubeletProxy } from '../../src/apiserver/streams/kubelet-proxy.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { makeContainerConfig, makeSandboxConfig } from '../../src/kubelet/testing/runtime-configs.ts';
import { loadImages } from '../../src/local/images.ts';
import { inside } from '../../src/local/network.ts';
import { ensureServerPki, issueNodeCertificate } from '../../src/main/pki.ts';
import { kubernetesVersion, versionInfo } from '../../src/main/version.ts';
import { MemoryStore } from '../../src/store/memory/memory-store.ts';
import { startMemoryApi } from '../kit/memory-api.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { startRealNode } from './real-node.ts';
import type { StreamKubeletSettings } from './stream-kubelet.ts';

/** An API server, a kubelet's server and real containers, for tests of logs, exec, attach and port forwarding. */
export interface StreamCluster extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly port: number;
  readonly folder: string;
}

/** Each container's command; the pods are named by the keys, their container is `main`. */
export type Programs = Readonly<
  Record<string, { readonly command: readonly string[]; readonly stdin?: boolean; readonly tty?: boolean }>
>;

const nodeName = 'node';
const kubeletPort = 10250;
const image = 'kubeling-test/busybox:1';

export async function startStreamCluster(programs: Programs): Promise<StreamCluster> {
  await using opened = new AsyncDisposableStack();
  const node = opened.use(await startRealNode('streams'));
  const archive = join(node.folder, 'busybox.tar');
  writeBusyboxImage(archive, image);
  await loadImages(node.paths.containerdSocket, archive);

  const pods: Record<string, { sandbox: string; container: string; logPath: string }> = {};
  for (const [name, { command, stdin = false, tty = false }] of Object.entries(programs)) {
    const sandbox = makeSandboxConfig(name, { cgroupParent: node.cgroup, logDirectory: join(node.folder, 'pod-logs') });
    const id = await node.runtime.runSandbox(sandbox);
    const container = await node.runtime.createContainer(
      id,
      makeContainerConfig(image, command, { stdin, tty }),
      sandbox,
    );
    await node.runtime.startContainer(container);
    pods[name] = { sandbox: id, container, logPath: join(sandbox.logDirectory, 'main/0.log') };
  }

  const sources = { clock: systemClock, random: systemRandom };
  const pki = await ensureServerPki(join(node.folder, 'pki'), { dnsNames: [], addresses: ['127.0.0.1'] }, sources);
  const identity = await issueNodeCertificate(pki.authority, { name: nodeName, addresses: [node.address] }, sources);
  const settings: StreamKubeletSettings = {
    socket: node.paths.containerdSocket,
    host: node.address,
    port: kubeletPort,
    ...identity,
    clientAuthority: pki.authority.certificate,
    pods,
  };
  const settingsFile = join(node.folder, 'kubelet.json');
  writeFileSync(settingsFile, JSON.stringify(settings));
  const program = new URL('stream-kubelet.ts', import.meta.url).pathname;
  const [command, args] = inside({ namespace: node.paths.networkNamespace }, process.execPath, [program, settingsFile]);
  const kubelet: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  opened.defer(() => void kubelet.kill('SIGKILL'));
  await once(kubelet.stdout!, 'data');

  const store = opened.use(new MemoryStore({ clock: systemClock }));
  const api = opened.use(
    await startMemoryApi({
      store,
      clientAuthorities: [pki.authority.certificate],
      tokenKeys: new TokenKeys([pki.tokenKey]),
    }),
  );
  const client = createClient(api.transport(superuser, 'test'));
  if (!(await client.list(Namespaces)).items.some(({ metadata }) => metadata.name === 'default'))
    await client.create(Namespaces, { metadata: { name: 'default' }, spec: {} });
  await client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  const address = { type: 'InternalIP', address: node.address };
  const status = { addresses: [address], daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } } };
  await client.create(Nodes, { metadata: { name: nodeName }, spec: {} } as Node);
  await client.patch(Nodes, { name: nodeName }, { type: 'merge', body: { status } }, { subresource: 'status' });
  for (const [name, { stdin = false, tty = false }] of Object.entries(programs)) {
    const spec = { nodeName, containers: [{ name: 'main', image, stdin, tty }] };
    await client.create(Pods, { metadata: { name, namespace: 'default' }, spec } as Pod);
    const body = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } };
    await client.patch(Pods, { name, namespace: 'default' }, { type: 'merge', body }, { subresource: 'status' });
  }
  const listener = opened.use(
    await listenForApi(api, {
      host: '127.0.0.1',
      port: 0,
      certificate: pki.server.certificate,
      key: pki.server.key,
      clientAuthority: pki.authority.certificate,
      version: kubernetesVersion,
      versionInfo,
      kubelets: createKubeletProxy({ authority: pki.authority.certificate, ...pki.kubeletClient }),
    }),
  );
  const kubeconfig = join(node.folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText(listener.port, pki.authority.certificate, pki.admin));
  const running = opened.move();
  return {
    kubeconfig,
    port: listener.port,
    folder: node.folder,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function kubeconfigText(port: number, authority: string, admin: { certificate: string; key: string }): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'c', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': base64(authority) } },
    ],
    users: [
      {
        name: 'u',
        user: { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) },
      },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}
