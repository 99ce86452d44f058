import type { NodeInfo } from './node-info.ts';

/** So many pods may be placed before a search that is older is of no more use. */
const mostRemembered = 4096;

/**
 * Numbers the changes of the cluster that may matter to where a pod can go, and remembers which of them did no more than
 * to put a pod on a node: what was found out about other nodes holds in spite of those.
 */
export class ChangeLog {
  #version = 0;
  /** Where the last pods were put, each by one version. */
  #taken: NodeInfo[] = [];

  get version(): number {
    return this.#version;
  }

  /** The node has one pod more. */
  took(node: NodeInfo): void {
    this.#version++;
    this.#taken.push(node);
    if (this.#taken.length >= 2 * mostRemembered) this.#taken = this.#taken.slice(mostRemembered);
  }

  /** Anything else changed. */
  changed(): void {
    this.#version++;
    if (this.#taken.length > 0) this.#taken = [];
  }

  /** The nodes that have more pods than they had at `version`; `undefined`: more than that has changed. */
  takenSince(version: number): ReadonlySet<NodeInfo> | undefined {
    const known = this.#taken.length - (this.#version - version);
    return known < 0 ? undefined : new Set(this.#taken.slice(known));
  }
}
