import type { Steps } from '../../base/in-steps.ts';
import { compareParts, manyParts, noteInOrder, sortedParts } from './field-order.ts';
import { leaf, self, type FieldSet, type FieldSetDraft } from './field-set.ts';

/** After so many steps that nobody had taken before all are forgotten: clients may always send other fields. */
const mostSteps = 20_000;
/** A longer part is that of a key which nobody uses twice. */
const longestPart = 128;
/** Nodes of one part that are known after the same steps. There are more where items have keys of their own, as addresses. */
const mostSiblings = 64;

/**
 * A set of fields that comes together part by part, each of which is added once. Who takes the same steps comes to the very
 * same set: objects of one shape, such as the pods of a workload, share the sets of their owners, and to make one of
 * these anew allocates nothing. Sets of many parts, and of nodes that are not shared, are made each time.
 */
export class SharedSet {
  readonly #before: SharedSet | undefined;
  readonly #part: string;
  readonly #node: FieldSet;
  readonly #count: number;
  readonly #isKnown: boolean;
  /** The known steps from here, by part; those of one part with different nodes are a chain. */
  #next: Map<string, SharedSet> | undefined;
  #sibling: SharedSet | undefined;
  #set: FieldSet | undefined;

  constructor(before: SharedSet | undefined, part: string, node: FieldSet, isKnown: boolean) {
    this.#before = before;
    this.#part = part;
    this.#node = node;
    this.#count = before === undefined ? 0 : before.#count + 1;
    this.#isKnown =
      before === undefined ||
      (isKnown && before.#isKnown && this.#count <= manyParts && part.length <= longestPart && isShared(node));
  }

  with(part: string, node: FieldSet): SharedSet {
    const first = this.#next?.get(part);
    let siblings = 0;
    for (let step = first; step !== undefined; step = step.#sibling, siblings++) if (step.#node === node) return step;
    noteStep();
    const step = new SharedSet(this, part, node, siblings < mostSiblings);
    if (!step.#isKnown) return step;
    step.#sibling = first;
    (this.#next ??= new Map()).set(part, step);
    return step;
  }

  /** With its parts in the order in which Kubernetes writes them. Must not be changed. */
  get set(): FieldSet {
    return (this.#set ??= SharedSet.#setAfter(this));
  }

  static #setAfter(last: SharedSet): FieldSet {
    if (last.#count === 0) return leaf;
    const steps: SharedSet[] = [];
    for (let step = last; step.#before !== undefined; step = step.#before) steps.push(step);
    steps.reverse().sort((a, b) => compareParts(a.#part, b.#part));
    const set: FieldSetDraft = {};
    for (const step of steps) set[step.#part] = step.#node;
    if (last.#isKnown) texts.set(Object.freeze(set), '');
    return set;
  }
}

/** The set of such parts, where every node is in order; in turns, for what is large. `isField`: it is a field itself. */
export function* makingSet(nodes: ReadonlyMap<string, FieldSet>, isField: boolean): Steps<FieldSet> {
  if (nodes.size === 0) return leaf;
  if (nodes.size > manyParts) return yield* makingLargeSet(nodes, isField);
  let set = isField ? itself() : noParts();
  for (const [part, node] of nodes) set = set.with(part, node);
  return set.set;
}

/** Of a large set so many parts are added between two turns. */
const fewParts = 2000;

/**
 * A set of many parts, made in order and in turns, of nodes that are in order themselves. `isField`: it is a field itself.
 */
function* makingLargeSet(nodes: ReadonlyMap<string, FieldSet>, isField: boolean): Steps<FieldSet> {
  yield;
  const parts = sortedParts([...nodes.keys()]);
  const set: FieldSetDraft = isField ? { [self]: leaf } : {};
  for (let at = 0; at < parts.length; at++) {
    if (at % fewParts === 0) yield;
    const part = parts[at]!;
    set[part] = nodes.get(part)!;
  }
  noteInOrder(set);
  return set;
}

/** Of sets that are shared; empty until somebody has asked. */
const texts = new WeakMap<FieldSet, string>();

/** Whether the set, and so all that is in it, is in order and known by the steps to it. */
export function isShared(set: FieldSet): boolean {
  return set === leaf || texts.has(set);
}

/** The set as JSON; of one that is shared it is made once. */
export function textOf(set: FieldSet): string {
  const known = texts.get(set);
  if (known) return known;
  const text = JSON.stringify(set);
  if (known !== undefined) texts.set(set, text);
  return text;
}

let nothing = new SharedSet(undefined, '', leaf, true);
let steps = 0;

/** The set without parts, to begin with. */
export function noParts(): SharedSet {
  return nothing;
}

/** The begin of a node that is a field itself. */
export function itself(): SharedSet {
  return nothing.with(self, leaf);
}

function noteStep(): void {
  if (++steps < mostSteps) return;
  steps = 0;
  nothing = new SharedSet(undefined, '', leaf, true);
}
