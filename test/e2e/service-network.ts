import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from '../../src/base/node/command.ts';
import { inside, removeNamespace } from '../../src/local/network.ts';
import { openKernel, type Kernel } from '../../src/proxy/kernel.ts';
import type { NodeView } from '../../src/proxy/node-view.ts';
import { guard } from '../kit/guard.ts';
import type { Answer, Question } from './echo-program.ts';

/** Somebody in a network namespace who answers on port 8080 and can ask others. */
export interface Echo {
  readonly address: string;
  tcp(address: string, port: number): Promise<string>;
  udp(address: string, port: number, from?: number): Promise<string>;
}

/** A node with pods behind routed cables, as CNI's `ptp` makes them, and a client outside the cluster. */
export interface ServiceNetwork extends AsyncDisposable {
  readonly folder: string;
  readonly view: NodeView;
  readonly kernel: Kernel;
  readonly node: Echo;
  /** Two pods of this node. */
  readonly pods: readonly [Echo, Echo];
  /** A pod elsewhere: reached over the node's own network interface. */
  readonly remote: Echo;
  readonly client: Echo;
  /** Runs a program in the node's namespace. */
  readonly run: typeof run;
}

const places = ['node', 'pod-0', 'pod-1', 'remote', 'client'] as const;
const gateway = '10.244.1.1';
const view: NodeView = {
  name: 'one',
  addresses: ['172.29.99.2'],
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
};

export async function makeServiceNetwork(): Promise<ServiceNetwork> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync('/run/kl-services-');
  opened.use(guard({ folder, namespaces: places.map((name) => join(folder, name)) }));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const place = async (name: (typeof places)[number]): Promise<{ namespace: string }> => {
    const namespace = join(folder, name);
    writeFileSync(namespace, '');
    opened.defer(() => removeNamespace(namespace));
    await run('unshare', [`--net=${namespace}`, 'true']);
    return { namespace };
  };
  const node = await place('node');
  const inNode: typeof run = (program, args, options) => run(...inside(node, program, args), options);
  const batch = (at: { namespace: string }, lines: readonly string[]): Promise<string> =>
    run(...inside(at, 'ip', ['-batch', '-']), { input: lines.map((line) => `${line}\n`).join('') });

  await batch(node, ['link set dev lo up']);
  for (const setting of ['ip_forward', 'conf/all/route_localnet'])
    await inNode('tee', [`/proc/sys/net/ipv4/${setting}`], { input: '1' });
  // The kernel tells but so many senders a second that a port is closed, all namespaces together: here it tells each.
  await inNode('tee', ['/proc/sys/net/ipv4/icmp_ratemask'], { input: '0' });
  const pod = async (index: 0 | 1): Promise<Echo> => {
    const address = `10.244.1.${index + 2}`;
    const at = await place(`pod-${index}`);
    await batch(node, [`link add name veth${index} type veth peer name eth0 netns ${at.namespace}`]);
    await batch(node, [
      `address add ${gateway}/32 dev veth${index}`,
      `link set dev veth${index} up`,
      `route add ${address}/32 dev veth${index}`,
    ]);
    await batch(at, [
      'link set dev lo up',
      `address add ${address}/24 dev eth0`,
      'link set dev eth0 up',
      `route delete 10.244.1.0/24 dev eth0`,
      `route add ${gateway} dev eth0`,
      `route add default via ${gateway}`,
    ]);
    return opened.use(await startEcho(at, `pod-${index}`, address));
  };
  /** On the network of nodes; `more`: commands in its own namespace. */
  const neighbour = async (name: 'remote' | 'client', address: string, more: readonly string[]): Promise<Echo> => {
    const at = await place(name);
    await batch(node, [`link add name ${name} type veth peer name eth0 netns ${at.namespace}`]);
    await batch(node, [`link set dev ${name} master eth0 up`]);
    await batch(at, ['link set dev lo up', 'link set dev eth0 up', ...more]);
    return opened.use(await startEcho(at, name, address));
  };
  await batch(node, ['link add name eth0 type bridge', 'address add 172.29.99.2/24 dev eth0', 'link set dev eth0 up']);
  const pods: [Echo, Echo] = [await pod(0), await pod(1)];
  const remote = await neighbour('remote', '10.244.2.2', [
    'address add 172.29.99.3/24 dev eth0',
    'address add 10.244.2.2/32 dev lo',
    'route add 172.29.99.2/32 dev eth0 src 10.244.2.2', // whoever asks is answered by the pod's address
    'route add 10.244.1.0/24 via 172.29.99.2 src 10.244.2.2',
  ]);
  const client = await neighbour('client', '172.29.99.200', [
    'address add 172.29.99.200/24 dev eth0',
    'route add 10.96.0.0/16 via 172.29.99.2',
    'route add 192.0.2.0/24 via 172.29.99.2',
    'route add 10.244.1.0/24 via 172.29.99.2',
  ]);
  await batch(node, ['route add 10.244.2.0/24 via 172.29.99.3', 'route add default via 172.29.99.200']);
  const self = opened.use(await startEcho(node, 'node', '172.29.99.2'));
  const kernel = opened.use(openKernel((program, args) => inside(node, program, args)));
  const resources = opened.move();
  return {
    folder,
    view,
    kernel,
    node: self,
    pods,
    remote,
    client,
    run: inNode,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function startEcho(at: { namespace: string }, name: string, address: string): Promise<Echo & AsyncDisposable> {
  const program = new URL('echo-program.ts', import.meta.url).pathname;
  const [command, args] = inside(at, process.execPath, [program, name]);
  const child: ChildProcess = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, (text: string) => void>();
  let last = 0;
  const ready = Promise.withResolvers<void>();
  createInterface(child.stdout!).on('line', (line) => {
    if (line === 'ready') return ready.resolve();
    const { id, text } = JSON.parse(line) as Answer;
    waiting.get(id)?.(text);
    waiting.delete(id);
  });
  child.on('exit', (code) => ready.reject(new Error(`Cannot start "${name}": it ended with ${code}`)));
  await ready.promise;
  const ask = (question: Omit<Question, 'id'>): Promise<string> =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      child.stdin!.write(`${JSON.stringify({ id, ...question })}\n`);
    });
  return {
    address,
    tcp: (to, port) => ask({ protocol: 'tcp', address: to, port }),
    udp: (to, port, from) => ask({ protocol: 'udp', address: to, port, ...(from && { from }) }),
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.stdin!.end();
      await gone;
    },
  };
}
