import { load } from 'js-yaml';
import {
  ControllerRevisions,
  DaemonSets,
  Deployments,
  ReplicaSets,
  StatefulSets,
  type DaemonSet,
  type Deployment,
} from '../../src/api/apps/v1/types.ts';
import { HorizontalPodAutoscalers } from '../../src/api/autoscaling/v2/types.ts';
import { CronJobs, Jobs } from '../../src/api/batch/v1/types.ts';
import {
  ConfigMaps,
  EndpointsResource,
  Events,
  Namespaces,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  ReplicationControllers,
  ResourceQuotas,
  Services,
} from '../../src/api/core/v1/types.ts';
import { EndpointSlices } from '../../src/api/discovery/v1/types.ts';
import { PodDisruptionBudgets } from '../../src/api/policy/v1/types.ts';
import {
  DeviceClasses,
  ResourceClaims,
  ResourceClaimTemplates,
  ResourceSlices,
} from '../../src/api/resource/v1/types.ts';
import { StorageClasses } from '../../src/api/storage/v1/types.ts';
import { controllerOf, type KubeObject } from '../../src/apimachinery/object.ts';
import type { ResourceType } from '../../src/apimachinery/resource-type.ts';
import { isStatus } from '../../src/apimachinery/status.ts';
import { startTestCluster, type TestCluster } from '../../src/main/testing.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { jobsMade } from './jobs-made.ts';
import { formatScenario, parseScenario, type Step } from './scenario.ts';
import { Names } from './names.ts';
import { isRolledOut, rowOf } from './rows.ts';
import { undo } from './undo.ts';
import { Trace } from './trace.ts';

const namespace = 'default';
const types: Readonly<Record<string, ResourceType<any>>> = {
  deployment: Deployments,
  replicaset: ReplicaSets,
  statefulset: StatefulSets,
  daemonset: DaemonSets,
  controllerrevision: ControllerRevisions,
  replicationcontroller: ReplicationControllers,
  job: Jobs,
  cronjob: CronJobs,
  pod: Pods,
  configmap: ConfigMaps,
  persistentvolumeclaim: PersistentVolumeClaims,
  service: Services,
  endpoints: EndpointsResource,
  endpointslice: EndpointSlices,
  pdb: PodDisruptionBudgets,
  quota: ResourceQuotas,
  hpa: HorizontalPodAutoscalers,
  node: Nodes,
  namespace: Namespaces,
  persistentvolume: PersistentVolumes,
  storageclass: StorageClasses,
  deviceclass: DeviceClasses,
  resourceclaim: ResourceClaims,
  resourceclaimtemplate: ResourceClaimTemplates,
  resourceslice: ResourceSlices,
};

/** How a scenario went. */
export interface Course {
  /** The scenario with what was printed; generated names are numbered ({@link Names}). */
  readonly text: string;
  /** The ends of those names, and uids. */
  readonly drawn: readonly string[];
}

/** Plays a scenario on a cluster of its own. */
export async function play(text: string): Promise<Course> {
  const scenario = parseScenario(text);
  const [first, ...rest] = scenario.steps;
  const settings = new Map(
    first?.command
      .split(' ')
      .slice(1)
      .map((word) => word.split('=') as [string, string]),
  );
  if (first?.command.split(' ')[0] !== 'cluster')
    throw new Error('Cannot play the scenario: its first command must be "cluster"');
  await using cluster = await startTestCluster({
    nodes: Number(settings.get('nodes') ?? 1),
    seed: settings.get('seed') ?? 1,
    volumes: settings.get('volumes') === 'yes',
    metrics: settings.get('metrics') === 'yes',
    ...(settings.has('start') && { start: Date.parse(settings.get('start')!) }),
  });
  const names = new Names();
  await using trace = await Trace.of(cluster, (name) => void names.numbered(name));
  const player = new Player(cluster, trace, names);
  const printed: string[][] = [[]];
  for (const step of rest) printed.push(await player.run(step));
  return { text: formatScenario(scenario, printed), drawn: names.drawn };
}

type Command = (words: readonly string[], input: string) => Promise<string[]>;

class Player {
  readonly #names: Names;
  readonly #cluster: TestCluster;
  readonly #trace: Trace;

  constructor(cluster: TestCluster, trace: Trace, names: Names) {
    this.#names = names;
    this.#cluster = cluster;
    this.#trace = trace;
  }

  async run({ command, input }: Step): Promise<string[]> {
    const [verb = '', ...words] = command.split(/ +/);
    const action = this.#commands[verb];
    if (action === undefined) throw new Error(`Cannot run "${command}": there is no command "${verb}"`);
    try {
      return (await action(words, input.join('\n'))).map((line) => this.#names.numbered(line));
    } catch (error) {
      if (isStatus(error)) return [`error: ${error.message}`];
      throw error;
    }
  }

  readonly #commands: Readonly<Record<string, Command>> = {
    apply: async (_words, input) => {
      const object = load(input) as KubeObject & { kind: string };
      const type = Object.values(types).find(({ kind }) => kind === object.kind)!;
      const key = type.namespaced ? { namespace, ...object.metadata } : object.metadata;
      const made = await this.#cluster.client.create(type, { ...object, metadata: key });
      return [`${type.singular}/${made.metadata.name} created`];
    },
    image: async ([target = '', image]) => {
      const { type, key } = this.#find(target);
      const [container] = ((await this.#cluster.client.get(type, key)) as Deployment).spec.template.spec.containers;
      return this.#patch(target, { spec: { template: { spec: { containers: [{ name: container!.name, image }] } } } });
    },
    scale: async ([target = '', replicas]) => this.#patch(target, { spec: { replicas: Number(replicas) } }),
    patch: async ([target = ''], input) => this.#patch(target, load(input)),
    ask: async ([claim = '', storage]) =>
      this.#patch(`persistentvolumeclaim/${claim}`, { spec: { resources: { requests: { storage } } } }),
    pause: async ([target = '']) => this.#patch(target, { spec: { paused: true } }),
    resume: async ([target = '']) => this.#patch(target, { spec: { paused: false } }),
    undo: async ([target = '', revision]) => {
      const { type, key } = this.#find(target);
      return undo(this.#cluster.client, type, key, revision === undefined ? undefined : Number(revision));
    },
    versions: async () => {
      const { items } = await this.#cluster.client.list(Pods, { namespace });
      return this.#table(
        this.#names.sorted(items).map(({ metadata, spec }) => [metadata.name, spec.containers[0]!.image]),
      );
    },
    delete: async ([target = '', policy = 'Background']) => {
      const { type, key } = this.#find(target);
      await this.#cluster.client.delete(type, key, { propagationPolicy: policy as 'Background' });
      return [`${target} deleted`];
    },
    cordon: async ([node = '']) => this.#patch(`node/${node}`, { spec: { unschedulable: true } }),
    uncordon: async ([node = '']) => this.#patch(`node/${node}`, { spec: { unschedulable: null } }),
    drain: async ([node = '', limit = '60s']) => this.#drain(node, milliseconds(limit)),
    lose: async ([node = '']) => {
      await this.#cluster.loseNode(node);
      return [];
    },
    add: async ([node = '']) => {
      this.#cluster.addNode(node);
      return [];
    },
    fail: async ([what = '']) => {
      const [first] = this.#names.sorted((await this.#cluster.client.list(Pods, { namespace })).items);
      const body = { status: { phase: 'Failed', reason: what } };
      await this.#cluster.client.patch(Pods, first!.metadata, { type: 'strategic', body }, { subresource: 'status' });
      return [`${first!.metadata.name} failed`];
    },
    wait: async ([time = '']) => {
      await this.#cluster.clock.advance(milliseconds(time));
      this.#trace.take(0);
      return [];
    },
    trace: async ([time = '']) => {
      const from = this.#cluster.clock.now();
      this.#trace.take(from);
      await this.#cluster.clock.advance(milliseconds(time));
      return this.#trace.take(from);
    },
    owners: async ([what = '']) => {
      const { items } = await this.#cluster.client.list(this.#typeOf(what), { namespace });
      return this.#table(
        this.#names
          .sorted(items)
          .map((one) => [
            one.metadata.name,
            one.metadata.deletionTimestamp ? 'Terminating' : '',
            controllerOf(one)?.name ?? 'nobody',
          ]),
      );
    },
    relabel: async ([what = '', label = '']) => {
      const [name = '', value] = label.split('=');
      const type = this.#typeOf(what);
      const [first] = this.#names.sorted((await this.#cluster.client.list(type, { namespace })).items);
      return this.#patch(`${type.singular}/${first!.metadata.name}`, { metadata: { labels: { [name]: value } } });
    },
    release: async ([target = '', space = namespace]) => {
      const { type, key } = this.#find(target);
      const body = { metadata: { finalizers: null } };
      await this.#cluster.client.patch(type, { ...key, namespace: space }, { type: 'merge', body });
      return [`${target} changed`];
    },
    made: async ([time = '']) => {
      const { client, clock } = this.#cluster;
      const options = { clock, random: new SeededRandom('made'), log: silentLogger };
      return jobsMade(client, options, () => clock.advance(milliseconds(time)));
    },
    until: async ([target = '', ...words]) => this.#until(target, words.join(' ')),
    get: async ([what = '']) => this.#show(what),
    status: async ([target = '']) => {
      const { type, key } = this.#find(target);
      const { status } = (await this.#cluster.client.get(type, key)) as { status?: object };
      return this.#table(Object.entries(status ?? {}).map(([name, value]) => [name, JSON.stringify(value)]));
    },
    conditions: async ([target = '']) => {
      const { type, key } = this.#find(target);
      const { status } = (await this.#cluster.client.get(type, key)) as Deployment;
      const conditions = (status?.conditions ?? []).toSorted((a, b) => (a.type < b.type ? -1 : 1));
      return this.#table(
        conditions.map(({ type: of, status: is, reason = '-', message = '' }) => [of, is, reason, message]),
      );
    },
    events: async ([target = '']) => {
      const [kind, name] = target.split('/');
      const { items } = await this.#cluster.client.list(Events, {});
      const own = items.filter(
        ({ involvedObject: about }) => about.kind?.toLowerCase() === kind && about.name === name,
      );
      const inOrder = own.toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
      return this.#table(
        inOrder.map(({ type, reason, source, message }) => [type, reason, source?.component, message]),
      );
    },
  };

  #find(target: string): { type: ResourceType<any>; key: { namespace?: string; name: string } } {
    const [kind = '', name = ''] = target.split('/');
    const type = types[kind];
    if (type === undefined || name === '')
      throw new Error(`Cannot find "${target}": must be a kind, a slash and a name`);
    return { type, key: type.namespaced ? { namespace, name } : { name } };
  }

  #table(rows: readonly (readonly (string | undefined)[])[]): string[] {
    return columns(rows.map((row) => row.map((cell) => cell && this.#names.numbered(cell))));
  }

  #typeOf(what: string): ResourceType<any> {
    const type = types[what] ?? Object.values(types).find(({ resource }) => resource === what);
    if (type === undefined) throw new Error(`Cannot show "${what}": there is no such kind here`);
    return type;
  }

  async #patch(target: string, body: unknown): Promise<string[]> {
    const { type, key } = this.#find(target);
    await this.#cluster.client.patch(type, key, { type: 'strategic', body });
    return [`${target} changed`];
  }

  /** Cordons, evicts every pod that would not come back at once, tries again every five seconds where a budget forbids it, and waits until all are gone. */
  async #drain(node: string, limitMs: number): Promise<string[]> {
    const { client, clock } = this.#cluster;
    const from = clock.now();
    const lines = await this.#patch(`node/${node}`, { spec: { unschedulable: true } });
    const say = (text: string): number =>
      lines.push(`${((clock.now() - from) / 1000).toFixed(1).padStart(6)}s ${text}`);
    const here = async (): Promise<string[]> => {
      const { items } = await client.list(Pods, { namespace, fieldSelector: `spec.nodeName=${node}` });
      const evictable = items.filter((pod) => controllerOf(pod)?.kind !== 'DaemonSet');
      return this.#names.sorted(evictable).map(({ metadata }) => metadata.name);
    };
    const evicted = new Set<string>();
    while (clock.now() - from < limitMs) {
      const pods = await here();
      if (pods.length === 0) {
        say(`${node} drained`);
        return lines;
      }
      for (const name of pods.filter((one) => !evicted.has(one))) {
        try {
          await client.post(Pods, { namespace, name }, 'eviction', {
            apiVersion: 'policy/v1',
            kind: 'Eviction',
            metadata: { namespace, name },
          });
          evicted.add(name);
          say(`evicting ${name}`);
        } catch (error) {
          if (!isStatus(error, 'TooManyRequests')) throw error;
          say(`${name}: ${error.message}`);
        }
      }
      await clock.advance(5000);
    }
    say('time is up');
    return lines;
  }

  async #until(target: string, what: string): Promise<string[]> {
    const { type, key } = this.#find(target);
    const took = await this.#cluster.until(async () => {
      try {
        return isReached((await this.#cluster.client.get(type, key)) as Deployment, what);
      } catch (error) {
        if (isStatus(error, 'NotFound')) return what === 'gone';
        throw error;
      }
    }, 600_000);
    this.#trace.take(0);
    return [`after ${(took / 1000).toFixed(1)}s`];
  }

  async #show(what: string): Promise<string[]> {
    const { client } = this.#cluster;
    const type = this.#typeOf(what);
    const { items } = await client.list(type, type.namespaced ? { namespace } : {});
    return this.#table(
      this.#names.sorted(items).map((object) => [object.metadata.name, ...rowOf(type, object, this.#names)]),
    );
  }
}

function isReached(object: Deployment | DaemonSet, what: string): boolean {
  if (what === 'rolled out') return isRolledOut(object);
  const [, condition, reason] = /^(\w+) (\w+)$/.exec(what) ?? [];
  return object.status?.conditions?.some((one) => one.type === condition && one.reason === reason) === true;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(text: string): number {
  const [, number, unit] = /^([\d.]+)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`Cannot wait for "${text}": must be a time such as 10s`);
  return Number(number) * units[unit!]!;
}

function columns(rows: readonly (readonly (string | undefined)[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, index) => (cell ?? '').padEnd(widths[index]!))
      .join('  ')
      .trimEnd(),
  );
}
