import { Events, Nodes, Pods, type Node, type Pod } from '../../src/api/core/v1/types.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { createInformer } from '../../src/client/informer-cache.ts';
import type { TestCluster } from '../../src/main/testing.ts';

/** Writes down what happens to pods and nodes, and what events say about everything else. */
export class Trace implements AsyncDisposable {
  readonly #cluster: TestCluster;
  readonly #stop = new AbortController();
  readonly #lines: { readonly at: number; readonly text: string }[] = [];

  private constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** `seen` is called with the name of every pod in the order in which they are made. */
  static async of(cluster: TestCluster, seen: (name: string) => void): Promise<Trace> {
    const trace = new Trace(cluster);
    const { clock, client } = cluster;
    const options = { clock, random: new SeededRandom('trace'), log: silentLogger, signal: trace.#stop.signal };
    const pods = createInformer(client, Pods, options);
    const nodes = createInformer(client, Nodes, options);
    const events = createInformer(client, Events, options);
    await clock.settle();
    await Promise.all([pods, nodes, events].map((informer) => informer.synced()));
    const states = new Map<string, string>();
    pods.onChange(({ type, object }) => {
      if (type === 'added') seen(object.metadata.name);
      trace.#note(states, `pod ${object.metadata.name}`, type === 'deleted' ? 'gone' : podState(object));
    });
    nodes.onChange(({ type, object }) =>
      trace.#note(states, `node ${object.metadata.name}`, type === 'deleted' ? 'gone' : nodeState(object)),
    );
    events.onChange((change) => {
      if (change.type === 'deleted') return;
      const { involvedObject: about, reason, message, count = 1, type } = change.object;
      const isOfPod = about.kind === 'Pod' && type === 'Normal' && reason !== 'TaintManagerEviction';
      if (isOfPod || (about.kind === 'Node' && type === 'Normal' && reason !== 'NodeNotReady')) return;
      trace.#add(`${about.kind?.toLowerCase()} ${about.name}: ${reason}${count > 1 ? ` (${count})` : ''}: ${message}`);
    });
    trace.#lines.length = 0;
    return trace;
  }

  /** What was noted since the last call, with the seconds since `from`. */
  take(from: number): string[] {
    return this.#lines.splice(0).map(({ at, text }) => `${((at - from) / 1000).toFixed(1).padStart(6)}s ${text}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#cluster.clock.settle();
  }

  #note(states: Map<string, string>, name: string, state: string): void {
    if (states.get(name) === state) return;
    states.set(name, state);
    this.#add(`${name}: ${state}`);
  }

  #add(text: string): void {
    this.#lines.push({ at: this.#cluster.clock.now(), text });
  }
}

export function podState({ metadata, spec, status }: Readonly<Pod>): string {
  const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
  const waiting = status?.containerStatuses
    ?.map(({ state }) => state?.waiting?.reason)
    .find((reason) => reason !== undefined);
  const where = spec.nodeName ? ` on ${spec.nodeName}` : '';
  const phase = metadata.deletionTimestamp !== undefined ? 'Terminating' : (waiting ?? status?.phase ?? 'Pending');
  return `${phase}${where}${ready ? ', ready' : ''}`;
}

export function nodeState({ spec, status }: Readonly<Node>): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'unknown';
  const taints = (spec?.taints ?? []).map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`);
  const word = { True: 'Ready', False: 'NotReady', Unknown: 'NotReady (silent)' }[ready] ?? 'not yet ready';
  return [word, ...(spec?.unschedulable === true ? ['cordoned'] : []), ...taints].join(', ');
}
