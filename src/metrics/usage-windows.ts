import type { Clock } from '../base/clock.ts';
import type { NodeSample } from './node-sample.ts';
import { nextWindow, rateOf, type Rate, type Window } from './rates.ts';

export interface ContainerRate extends Rate {
  readonly name: string;
}

interface PodWindows {
  readonly node: string;
  readonly containers: ReadonlyMap<string, Window>;
}

/** What was measured longer ago is not told any more. */
const freshMs = 60_000;

/** The last two samples of every node and container, in memory only: whoever starts anew knows rates after two looks. */
export class UsageWindows {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #nodes = new Map<string, Window>();
  /** By `namespace/name`. */
  readonly #pods = new Map<string, PodWindows>();
  readonly #podsOf = new Map<string, ReadonlySet<string>>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Takes in one look at a node; pods that are not in it are forgotten. */
  take(name: string, { node, pods }: NodeSample): void {
    if (node !== undefined) this.#nodes.set(name, nextWindow(this.#nodes.get(name), node));
    this.#forgetPods(name, (pod) => !pods.has(pod));
    for (const [pod, containers] of pods) {
      const known = this.#pods.get(pod)?.containers;
      const windows = containers.map((one) => [one.name, nextWindow(known?.get(one.name), one)] as const);
      this.#pods.set(pod, { node: name, containers: new Map(windows) });
    }
    this.#podsOf.set(name, new Set(pods.keys()));
  }

  forget(name: string): void {
    this.#nodes.delete(name);
    this.#forgetPods(name, () => true);
    this.#podsOf.delete(name);
  }

  node(name: string): Rate | undefined {
    return this.#fresh(this.#nodes.get(name));
  }

  /** Whether the rates of the node and of all that runs on it are known. */
  isComplete(name: string): boolean {
    const known = (pod: string): boolean => {
      const { containers } = this.#pods.get(pod) ?? {};
      return containers === undefined || [...containers.values()].every(({ before }) => before !== undefined);
    };
    return this.node(name) !== undefined && [...(this.#podsOf.get(name) ?? [])].every(known);
  }

  /** Of all containers of a pod that run; `undefined` when one of them is not known well enough. */
  pod(namespace: string, name: string): readonly ContainerRate[] | undefined {
    const known = this.#pods.get(`${namespace}/${name}`);
    if (known === undefined) return undefined;
    const rates: ContainerRate[] = [];
    for (const [container, window] of known.containers) {
      const rate = this.#fresh(window);
      if (rate === undefined) return undefined;
      rates.push({ ...rate, name: container });
    }
    return rates;
  }

  #fresh(window: Window | undefined): Rate | undefined {
    if (window === undefined || this.#clock.now() - window.last.at > freshMs) return undefined;
    return rateOf(window);
  }

  /** A pod that another node has told of since is that node's. */
  #forgetPods(name: string, isGone: (pod: string) => boolean): void {
    for (const pod of this.#podsOf.get(name) ?? [])
      if (isGone(pod) && this.#pods.get(pod)?.node === name) this.#pods.delete(pod);
  }
}
