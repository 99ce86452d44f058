import { generateKeyPairSync } from 'node:crypto';
import {
  Events,
  Nodes,
  Pods,
  ServiceAccounts,
  type Event,
  type Node,
  type Pod,
} from '../../../src/api/core/v1/types.ts';
import { startApiServer, superuser } from '../../../src/apiserver/api-server.ts';
import { TokenKeys } from '../../../src/apiserver/auth/json-web-token.ts';
import { silentLogger, type Logger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { Client } from '../../../src/client/client.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import type { Kubelet } from '../../../src/kubelet/kubelet.ts';
import type { Observations } from '../../../src/kubelet/eviction/thresholds.ts';
import type { AskEndpointsRemoved } from '../../../src/kubelet/pods/endpoints-removed.ts';
import type { IsolatePod } from '../../../src/kubelet/pods/pod-parts.ts';
import { SimulatedRuntime } from '../../../src/kubelet/runtime/simulated/simulated-runtime.ts';
import { startSimulatedKubelet } from '../../../src/kubelet/simulated-kubelet.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const tokenKey = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const issuer = 'https://kubernetes.default.svc.cluster.local';

export interface OneNodeOptions {
  readonly log?: Logger;
  readonly askEndpointsRemoved?: AskEndpointsRemoved;
  readonly isolatePod?: IsolatePod;
  /** What is left on the node; default: enough of everything. */
  readonly observe?: () => Promise<Observations>;
}

/** An API server and one simulated node on virtual time. */
export interface OneNode extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly client: Client;
  readonly runtime: SimulatedRuntime;
  readonly node: string;
  /** Calls the API while time stands still. */
  call<T>(promise: Promise<T>): Promise<T>;
  /** Every form that the pod's row has taken: `Pending -`, `Running app=running`. */
  readonly rows: string[];
  /** Has the kubelet evict a pod. */
  evict(podUid: string, message: string, disruption?: string): void;
  /** Stops the kubelet and starts the next one. */
  restartKubelet(): Promise<void>;
  createPod(name: string, spec: Partial<Pod['spec']>, metadata?: Partial<Pod['metadata']>): Promise<Pod>;
  pod(name: string): Promise<Pod | undefined>;
  /** `Normal Started Container started`, in order of first occurrence; each with its count where above one. */
  events(name: string): Promise<string[]>;
}

export async function oneNode(options: OneNodeOptions = {}): Promise<OneNode> {
  const { log = silentLogger, askEndpointsRemoved, isolatePod, observe } = options;
  const clock = new VirtualClock();
  const random = new SeededRandom('one node');
  const store = new MemoryStore({ clock });
  const config = {
    serviceCidr: '10.96.0.0/16',
    nodePorts: { from: 30000, to: 32767 },
    issuer,
    audiences: [issuer],
    advertise: { host: '192.0.2.1', port: 6443 },
  };
  const server = startApiServer({
    store,
    clock,
    random,
    log,
    config,
    clientAuthorities: [],
    tokenKeys: new TokenKeys([tokenKey]),
  });
  const call = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => {});
    await clock.settle();
    return await promise;
  };
  const api = await call(server);
  const client = createClient(api.transport(superuser, 'test'));
  await call(client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } }));
  const node = 'node-1';
  const user = { name: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] };
  const nodeClient = createClient(api.transport(user, 'kubelet'));
  const runtime = new SimulatedRuntime({ clock, name: node });
  let life = new AbortController();
  let kubelet: Kubelet;
  const startOne = () => {
    life = new AbortController();
    kubelet = startSimulatedKubelet({
      client: nodeClient,
      runtime,
      clock,
      random: random.fork('kubelet'),
      log,
      signal: life.signal,
      name: node,
      ip: '192.0.2.10',
      cpus: 2,
      ...(askEndpointsRemoved && { askEndpointsRemoved }),
      ...(isolatePod && { isolatePod }),
      ...(observe && { observe }),
    });
    kubelet.started.catch(() => {});
  };
  startOne();
  await clock.advance(300);
  await call(
    client.patch<Node>(
      Nodes,
      { name: node },
      { type: 'merge', body: { spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] } } },
    ),
  );
  await clock.advance(1000);

  const rows: string[] = [];
  const watching = new AbortController();
  const events = new Map<string, Event>();
  const { metadata } = await call(client.list(Pods));
  const from = { resourceVersion: metadata.resourceVersion!, signal: watching.signal };
  const reading = [
    follow(client.watch(Pods, from), ({ type, object }) => {
      const row = type === 'DELETED' ? `${object.metadata.name} deleted` : rowOf(object as Pod);
      if (row !== rows.at(-1)) rows.push(row);
    }),
    follow(client.watch(Events, from), ({ object }) => events.set(object.metadata.uid!, object as Event)),
  ];
  for (const one of reading) one.catch(() => {});

  return {
    clock,
    client,
    runtime,
    node,
    call,
    rows,
    evict: (podUid, message, disruption) => kubelet.evict(podUid, message, disruption),
    async restartKubelet() {
      life.abort();
      await call(kubelet.stopped);
      startOne();
      await clock.advance(300);
    },
    createPod: (name, spec, metadata = {}) =>
      call(
        client.create(Pods, {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, namespace: 'default', ...metadata },
          spec: { containers: [], nodeName: node, automountServiceAccountToken: false, ...spec },
        }),
      ),
    pod: (name) => call(client.get(Pods, { namespace: 'default', name }).catch(() => undefined)),
    async events(name) {
      await clock.settle();
      return [...events.values()]
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(
          ({ type, reason, message, count = 1 }) => `${type} ${reason} ${message}${count > 1 ? ` (x${count})` : ''}`,
        );
    },
    async [Symbol.asyncDispose]() {
      watching.abort();
      life.abort();
      await call(kubelet.stopped);
      await runtime[Symbol.asyncDispose]();
      await clock.settle();
      await call(Promise.resolve(api[Symbol.asyncDispose]()));
      await store[Symbol.asyncDispose]();
    },
  };
}

async function follow<E extends { readonly type: string }>(
  watch: AsyncIterable<E>,
  see: (event: E) => void,
): Promise<void> {
  for await (const event of watch) if (event.type !== 'BOOKMARK') see(event);
}

/** What a watch shows of a pod: phase, readiness, each container's state, and the end that is asked for. */
function rowOf({ metadata, status = {} }: Pod): string {
  const states = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map(
    ({ name, state = {}, restartCount, ready }) => {
      const what = state.running
        ? `running${ready ? '+' : ''}`
        : (state.terminated?.reason ?? state.waiting?.reason ?? 'nothing');
      return `${name}=${what}${restartCount > 0 ? `#${restartCount}` : ''}`;
    },
  );
  const leaving = metadata.deletionTimestamp === undefined ? '' : ' leaving';
  return `${metadata.name} ${status.phase ?? '-'} ${states.join(' ') || '-'}${leaving}`;
}
