import { Nodes, Pods, Services, type Node } from '../api/core/v1/types.ts';
import { createAuthority, newSigningKey, requestSigner } from '../apiserver/auth/certificates.ts';
import { TokenKeys } from '../apiserver/auth/json-web-token.ts';
import { superuser } from '../apiserver/api-server.ts';
import type { AuditSink } from '../apiserver/request/audit.ts';
import type { UserInfo } from '../apiserver/auth/auth.ts';
import { silentLogger, type Logger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Client } from '../client/client.ts';
import { informerParts } from '../client/informer-parts.ts';
import { createClient } from '../client/typed-client.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import { SimulatedRuntime, type SimulatedRuntimeOptions } from '../kubelet/runtime/simulated/simulated-runtime.ts';
import { simulatedUsage, startSimulatedKubelet } from '../kubelet/simulated-kubelet.ts';
import { resourceMetrics } from '../kubelet/stats/resource-metrics.ts';
import type { NodeUsage } from '../kubelet/stats/usage.ts';
import { MemoryStore } from '../store/memory/memory-store.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { agentUser } from '../local/program-config.ts';
import { createStorageClass } from '../local/storage-class.ts';
import { simulatedFolders } from '../volumes/simulated-folders.ts';
import { startVolumes } from '../volumes/volumes.ts';

export interface TestClusterOptions {
  /** Simulated nodes `node-1`, `node-2`, … (default 1). */
  readonly nodes?: number;
  /** Everything that looks like chance comes from it: the same seed, the same story (default 1). */
  readonly seed?: number | string;
  /** Wall time at the start, in milliseconds since the Unix epoch (default: the beginning of 2026). */
  readonly start?: number;
  readonly log?: Logger;
  /** Addresses for Services of type LoadBalancer (default: they get none). */
  readonly loadBalancerRange?: string;
  /** Whether nodes make volumes for claims, of a disk that keeps nothing; with it comes the default StorageClass. */
  readonly volumes?: boolean;
  /** How containers of an image behave; see the simulated runtime. */
  readonly runtime?: Omit<SimulatedRuntimeOptions, 'clock' | 'name'>;
  /** Whether nodes are measured and `metrics.k8s.io` is served (default: not). */
  readonly metrics?: boolean;
  /** Hears of every request. */
  readonly audit?: AuditSink;
}

/** A whole cluster in this process: API server, controllers, scheduler and kubelets, on a clock that the test moves. */
export interface TestCluster extends AsyncDisposable {
  readonly clock: VirtualClock;
  /** May do everything. */
  readonly client: Client;
  readonly plane: ControlPlane;
  /** The names of the nodes that run. */
  nodes(): string[];
  /** A client of anybody else, with just that user's rights. */
  clientOf(user: UserInfo): Client;
  addNode(name: string): void;
  /** The parts of a node that runs; throws when there is none of the name. */
  node(name: string): TestNode;
  /** The machine is gone: no heartbeats, no containers. */
  loseNode(name: string): Promise<void>;
  /** Moves time on until `what` answers true; throws after `limitMs` of virtual time. Resolves with how long it took. */
  until(what: () => boolean | Promise<boolean>, limitMs?: number): Promise<number>;
}

/** One simulated node. */
export interface TestNode {
  readonly kubelet: Kubelet;
  readonly runtime: SimulatedRuntime;
  readonly usage: () => Promise<NodeUsage>;
}

interface RunningNode extends TestNode {
  readonly stop: AbortController;
  /** Resolves when nothing of the node is under way. */
  readonly stopped: Promise<unknown>;
}

const defaultLimitMs = 120_000;
const stepMs = 100;
/** Larger clusters have other networks. */
const mostUsualNodes = 240;
const diskBytes = 50 * 2 ** 30;

/** Starts a cluster on virtual time and waits until its nodes are ready. Takes well under a second of real time. */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { nodes = 1, seed = 1, log = silentLogger } = options;
  const clock = new VirtualClock(options.start);
  const random = new SeededRandom(seed);
  const issuer = 'https://kubernetes.default.svc.cluster.local';
  const running = new Map<string, RunningNode>();
  const runningNode = (name: string): RunningNode => {
    const node = running.get(name);
    if (node === undefined) throw new Error(`Cannot find node "${name}": it does not run`);
    return node;
  };
  const resourceMetricsOf = async ({ metadata: { name } }: Readonly<Node>): Promise<string> =>
    resourceMetrics(await runningNode(name).usage());
  const authority = await createAuthority(
    { commonName: 'test', days: 3650 },
    { clock, random: random.fork('authority') },
  );
  const starting = startControlPlane({
    store: new MemoryStore({ clock }),
    clock,
    random: random.fork('control plane'),
    randomOf: (part) => random.fork(part),
    log,
    clientAuthorities: [],
    tokenKeys: new TokenKeys([newSigningKey()]),
    config: {
      serviceCidr: '10.96.0.0/16',
      nodePorts: { from: 30000, to: 32767 },
      issuer,
      audiences: [issuer],
      advertise: { host: '192.0.2.1', port: 6443 },
    },
    controllers: {
      podCidr: nodes > mostUsualNodes ? '100.64.0.0/10' : '10.244.0.0/16',
      rootCertificate: '',
      certificates: requestSigner(authority, { random: random.fork('certificates') }),
      ...(options.loadBalancerRange && { loadBalancerRange: options.loadBalancerRange }),
    },
    ...(options.audit && { audit: options.audit }),
    ...(options.metrics === true && { askKubelet: resourceMetricsOf }),
  });
  const plane = await moving(clock, starting);
  // All kubelets see what the control plane sees, each its own part, without a watch for each of thousands.
  const podsOf = informerParts(plane.informers.informer(Pods), 'node', ({ spec }) => spec.nodeName);
  const nodeOf = informerParts(plane.informers.informer(Nodes), 'name', ({ metadata }) => metadata.name);
  const services = plane.informers.informer(Services);
  /** A node that comes back has the address that it had. */
  const addresses = new Map<string, string>();
  const clientOf = (user: UserInfo): Client => createClient(plane.api.transport(user, user.name.split(':').pop()!));
  const client = createClient(plane.api.transport(superuser, 'test'));

  const volumesOf = (name: string, signal: AbortSignal): Promise<void> =>
    startVolumes({
      client: clientOf({ ...agentUser('volumes', name), groups: ['system:authenticated'] }),
      clock,
      random: random.fork(`volumes of ${name}`),
      log: log.with({ node: name }),
      signal,
      nodeName: name,
      folders: simulatedFolders(diskBytes),
    });

  const addressOf = (name: string): string => {
    const address = addresses.get(name) ?? addressAt(addresses.size);
    addresses.set(name, address);
    return address;
  };

  const cluster: TestCluster = {
    clock,
    client,
    plane,
    clientOf,
    nodes: () => [...running.keys()],
    node: runningNode,
    addNode(name) {
      if (running.has(name)) throw new Error(`Cannot add node "${name}": it runs already`);
      const stop = new AbortController();
      const mine = random.fork(name);
      const runtime = new SimulatedRuntime({ ...options.runtime, clock, name });
      const kubelet = startSimulatedKubelet({
        client: clientOf({ name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] }),
        runtime,
        clock,
        random: mine,
        log: log.with({ node: name }),
        signal: stop.signal,
        name,
        ip: addressOf(name),
        pods: podsOf(name),
        nodes: nodeOf(name),
        services,
        askEndpointsRemoved: ({ metadata }, timeoutMs, signal) =>
          plane.api.endpointRemovals.of({ pod: metadata, uid: metadata.uid ?? '', timeoutMs, signal }),
      });
      const usage = simulatedUsage({ name, kubelet, runtime, clock });
      const stopped = Promise.all([kubelet.stopped, options.volumes === true && volumesOf(name, stop.signal)]);
      running.set(name, { kubelet, runtime, usage, stop, stopped });
    },
    async loseNode(name) {
      const node = runningNode(name);
      running.delete(name);
      node.stop.abort();
      await moving(clock, node.stopped);
    },
    async until(what, limitMs = defaultLimitMs) {
      const began = clock.now();
      for (;;) {
        if (await moving(clock, Promise.resolve(what()))) return clock.now() - began;
        if (clock.now() - began >= limitMs)
          throw new Error(`Cannot go on: what was waited for did not happen within ${limitMs} ms of virtual time`);
        await clock.advance(stepMs);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const { stop } of running.values()) stop.abort();
      await moving(clock, Promise.all([...running.values()].map(({ stopped }) => stopped)));
      await moving(clock, Promise.resolve(plane[Symbol.asyncDispose]()));
    },
  };

  await moving(clock, plane.started);
  if (options.volumes === true) await moving(clock, createStorageClass(plane.api.transport(superuser, 'test')));
  for (let number = 1; number <= nodes; number++) cluster.addNode(`node-${number}`);
  await cluster.until(() => cluster.nodes().every((name) => isReady(plane, name)));
  return cluster;
}

function isReady({ api }: ControlPlane, name: string): boolean {
  const node = api.context.lookup(Nodes, { name });
  return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** Documentation addresses as long as they last, then those for benchmarks. */
function addressAt(index: number): string {
  return index < mostUsualNodes ? `192.0.2.${10 + index}` : `198.18.${index >> 8}.${index & 255}`;
}

/** Waits for something that may itself wait for the clock. */
async function moving<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  const done = work.finally(() => (isDone = true));
  done.catch(() => {});
  await clock.advanceUntil(() => isDone, defaultLimitMs);
  return done;
}
