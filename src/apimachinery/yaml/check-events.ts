import { EVENT_ID, getScalarValue, type Event } from 'js-yaml';
import { goQuote } from '../go-text.ts';
import { LineCounter } from './line-counter.ts';

/** A document that is refused before anything is built of it; worded as go-yaml words it. */
export class YamlRefusal extends Error {
  override readonly name = 'YamlRefusal';
}

export interface YamlLimits {
  /** Letters that all values may have together once aliases stand for what they name. */
  readonly expandedLetters: number;
  /** Scalars, lists and maps, keys included, once aliases stand for what they name. */
  readonly expandedNodes: number;
}

/** Complaints that a client is told of. Of the rest it hears when it has mended these. */
const maximumComplaints = 100;
/** `%TAG` repeats its prefix in each tag that uses it. */
const longestTagPrefix = 1024;

interface Open {
  readonly keys: Set<string> | undefined;
  /** In a mapping: whether a key comes next. */
  atKey: boolean;
  readonly anchor: string;
  readonly start: Size;
}

interface Size {
  nodes: number;
  letters: number;
}

/**
 * Walks the events of a stream once, before values are made of them. Answers what is odd about each document (`line 10: key
 * "image" already set in map`), and refuses aliases that contain themselves or that multiply, by the size of what they
 * stand for. Throws {@link YamlRefusal}.
 */
export function checkEvents(text: string, events: readonly Event[], limits: YamlLimits): string[][] {
  const documents: string[][] = [];
  const lines = new LineCounter(text);
  let expansion = new Expansion(limits);
  const open: Open[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      expansion.close(open.pop()!);
      continue;
    }
    const parent = open.at(-1);
    const isKey = parent?.keys !== undefined && parent.atKey;
    if (parent?.keys !== undefined) parent.atKey = !parent.atKey;
    if (event.type === EVENT_ID.DOCUMENT) {
      documents.push([]);
      expansion = new Expansion(limits);
      for (const directive of event.directives)
        if (directive.kind === 'tag' && directive.prefix.length > longestTagPrefix)
          throw new YamlRefusal('found a %TAG directive with too long a prefix');
      open.push({ keys: undefined, atKey: false, anchor: '', start: expansion.size() });
      continue;
    }
    const anchor = event.anchorStart < 0 ? '' : text.slice(event.anchorStart, event.anchorEnd);
    if (event.type === EVENT_ID.ALIAS) {
      expansion.alias(anchor);
    } else if (event.type === EVENT_ID.SCALAR) {
      expansion.scalar(anchor, Math.max(0, event.valueEnd - event.valueStart));
      if (isKey) noteKey(parent.keys!, getScalarValue(text, event), documents.at(-1)!, lines, event.valueStart);
    } else {
      const keys = event.type === EVENT_ID.MAPPING ? new Set<string>() : undefined;
      open.push({ keys, atKey: true, anchor, start: expansion.open(anchor) });
    }
  }
  return documents;
}

function noteKey(keys: Set<string>, key: string, complaints: string[], lines: LineCounter, position: number): void {
  if (!keys.has(key)) keys.add(key);
  else if (complaints.length < maximumComplaints)
    complaints.push(`line ${lines.lineOf(position)}: key ${goQuote(key)} already set in map`);
}

/**
 * Aliases below which nothing is refused, and nodes; then the part of all nodes that may come from aliases, as go-yaml
 * has it.
 */
const harmlessAliases = 100;
const harmlessNodes = 1000;
const fewNodes = 400_000;
const manyNodes = 4_000_000;

/** How large a document is when each alias is written out. */
class Expansion {
  readonly #limits: YamlLimits;
  /** What each anchor stands for; `undefined` while it is open. */
  readonly #anchors = new Map<string, Size | undefined>();
  #nodes = 0;
  #letters = 0;
  #fromAliases = 0;

  constructor(limits: YamlLimits) {
    this.#limits = limits;
  }

  size(): Size {
    return { nodes: this.#nodes, letters: this.#letters };
  }

  scalar(anchor: string, letters: number): void {
    this.#count(1);
    this.#letters += letters;
    if (anchor !== '') this.#anchors.set(anchor, { nodes: 1, letters });
  }

  open(anchor: string): Size {
    const start = this.size();
    this.#count(1);
    if (anchor !== '') this.#anchors.set(anchor, undefined);
    return start;
  }

  close({ anchor, start }: Open): void {
    if (anchor === '') return;
    this.#anchors.set(anchor, { nodes: this.#nodes - start.nodes, letters: this.#letters - start.letters });
  }

  alias(name: string): void {
    if (!this.#anchors.has(name)) throw new YamlRefusal(`unknown anchor '${shortened(name)}' referenced`);
    const size = this.#anchors.get(name);
    if (size === undefined) throw new YamlRefusal(`anchor '${shortened(name)}' value contains itself`);
    this.#count(size.nodes);
    this.#fromAliases += size.nodes;
    this.#letters += size.letters;
    const isMany = this.#fromAliases > harmlessAliases && this.#nodes > harmlessNodes;
    if ((isMany && this.#fromAliases / this.#nodes > allowedRatio(this.#nodes)) || this.#isTooLong())
      throw new YamlRefusal('document contains excessive aliasing');
  }

  #count(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > this.#limits.expandedNodes)
      throw new YamlRefusal(`document contains more than ${this.#limits.expandedNodes} values`);
  }

  #isTooLong(): boolean {
    return this.#letters > this.#limits.expandedLetters;
  }
}

function allowedRatio(nodes: number): number {
  if (nodes <= fewNodes) return 0.99;
  if (nodes >= manyNodes) return 0.1;
  return 0.99 - (0.89 * (nodes - fewNodes)) / (manyNodes - fewNodes);
}

function shortened(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}
