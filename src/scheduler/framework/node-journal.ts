import type { NodeInfo } from './node-info.ts';

/** So many changes may come before what was found out about nodes earlier is of no more use. */
const mostRemembered = 4096;

/**
 * Remembers which nodes have got or lost pods, in order: what was found out about each node by itself holds for all others.
 * That a node comes, goes or is another now ends all that.
 */
export class NodeJournal {
  #first = 0;
  #nodes: NodeInfo[] = [];

  /** Where the next change will stand. */
  get end(): number {
    return this.#first + this.#nodes.length;
  }

  /** A pod has come to the node, or left it. */
  touched(node: NodeInfo): void {
    this.#nodes.push(node);
    if (this.#nodes.length < 2 * mostRemembered) return;
    this.#nodes = this.#nodes.slice(mostRemembered);
    this.#first += mostRemembered;
  }

  /** The nodes are others now. */
  renewed(): void {
    this.#first = this.end + 1;
    this.#nodes = [];
  }

  /** The nodes that were touched from `place` on; `undefined`: nobody knows any more, or they are others. */
  since(place: number): readonly NodeInfo[] | undefined {
    return place < this.#first ? undefined : this.#nodes.slice(place - this.#first);
  }
}
