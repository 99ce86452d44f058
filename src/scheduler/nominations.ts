import type { NodeInfo } from './framework/node-info.ts';
import type { PodInfo } from './framework/pod-info.ts';

/** The waiting pods for which room is being made, by node. */
export class Nominations {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodeOf = new Map<string, string>();

  get size(): number {
    return this.#nodeOf.size;
  }

  set(pod: PodInfo, nodeName: string): void {
    this.delete(pod.key);
    const pods = this.#byNode.get(nodeName) ?? new Map<string, PodInfo>();
    pods.set(pod.key, pod);
    this.#byNode.set(nodeName, pods);
    this.#nodeOf.set(pod.key, nodeName);
  }

  /** Answers the pod and its node, if there was a nomination. */
  delete(key: string): { readonly pod: PodInfo; readonly nodeName: string } | undefined {
    const nodeName = this.#nodeOf.get(key);
    if (nodeName === undefined) return undefined;
    this.#nodeOf.delete(key);
    const pods = this.#byNode.get(nodeName)!;
    const pod = pods.get(key)!;
    pods.delete(key);
    if (pods.size === 0) this.#byNode.delete(nodeName);
    return { pod, nodeName };
  }

  readonly on = ({ name }: NodeInfo): readonly PodInfo[] => [...(this.#byNode.get(name)?.values() ?? [])];
}
