import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prefixRange } from '../range.ts';
import type { Expected, Revision, Store } from '../store.ts';
import { put, remove, revisionOf, text } from '../contract-access.ts';

const prefixes = ['/', '/a/', '/b/'];
const keys = ['/a/1', '/a/2', '/a/3', '/b/1', '/b/2', '/c'];

type Step =
  | { readonly do: 'put' | 'delete'; readonly key: string; readonly expected: 'any' | 'absent' | 'current' | 'stale' }
  | { readonly do: 'watch'; readonly prefix: string; readonly from: number }
  | { readonly do: 'compact'; readonly share: number }
  | { readonly do: 'wait' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('put' as const, 'put' as const, 'delete' as const),
      key: fc.constantFrom(...keys),
      expected: fc.constantFrom(
        'any' as const,
        'any' as const,
        'absent' as const,
        'current' as const,
        'stale' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('watch' as const),
      prefix: fc.constantFrom(...prefixes),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('compact' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
);

/** What a write with this revision did. */
interface Fact {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly value: string;
}

interface Watcher {
  readonly prefix: string;
  readonly after: Revision;
  /** What it knows of. */
  reached: Revision;
  readonly seen: string[];
  done: Promise<void>;
}

/** Any interleaving of writers, watchers and compactions agrees with a list of facts, one for each revision. */
export function describeModel(open: () => Promise<Store>): void {
  test('any interleaving of writers, watchers and compactions gives one history, of which everyone sees the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        await using store = await open();
        await new Run(store, await revisionOf(store)).play(steps);
      }),
      { numRuns: 60 },
    );
  });
}

class Run {
  readonly #store: Store;
  readonly #facts = new Map<Revision, Fact>();
  readonly #pending: Promise<void>[] = [];
  readonly #watchers: Watcher[] = [];
  readonly #stop = new AbortController();
  readonly #start: Revision;
  #oldest: Revision;
  #writes = 0;
  #moved = () => {};

  constructor(store: Store, start: Revision) {
    this.#store = store;
    this.#start = this.#oldest = start;
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.do === 'wait') await Promise.all(this.#pending.splice(0));
      else if (step.do === 'compact') await this.#compact(await this.#between(step.share));
      else if (step.do === 'watch') this.#watch(step.prefix, await this.#between(step.from));
      else this.#pending.push(this.#write(step.do, step.key, step.expected));
    }
    await Promise.all(this.#pending);
    await this.#settleWatchers();
    for (const watcher of this.#watchers)
      assert.deepEqual(watcher.seen, this.#factsAfter(watcher.prefix, watcher.after));
    await this.#checkStates();
  }

  async #write(type: 'put' | 'delete', key: string, kind: 'any' | 'absent' | 'current' | 'stale'): Promise<void> {
    const expected = await this.#expected(key, kind);
    const value = `${++this.#writes}`;
    const result = await (type === 'put' ? put(this.#store, key, value, expected) : remove(this.#store, key, expected));
    if (!result.committed) return;
    assert.ok(!this.#facts.has(result.revision), `revision ${result.revision} was given out twice`);
    this.#facts.set(result.revision, { type, key, value });
  }

  async #expected(key: string, kind: 'any' | 'absent' | 'current' | 'stale'): Promise<Expected> {
    if (kind === 'any' || kind === 'absent') return kind;
    const modified = (await this.#store.read(key)).entry?.modified ?? 0;
    return kind === 'current' ? modified : modified - 1;
  }

  async #compact(before: Revision): Promise<void> {
    await this.#store.compact(before);
    this.#oldest = Math.max(this.#oldest, before);
  }

  #watch(prefix: string, after: Revision): void {
    const watcher: Watcher = { prefix, after, reached: after, seen: [], done: Promise.resolve() };
    const follow = async (): Promise<void> => {
      let last = after;
      for await (const event of this.#store.watch(prefix, { after, signal: this.#stop.signal })) {
        assert.ok(event.revision > last, 'events go forward');
        if (event.type === 'changes')
          for (const change of event.changes) {
            assert.ok(change.modified > last && change.modified <= event.revision, 'a change lies within its event');
            last = change.modified;
            const value = change.type === 'put' ? text(change.value) : 'gone';
            watcher.seen.push(`${change.modified} ${change.key} ${value}`);
          }
        last = watcher.reached = event.revision;
        this.#moved();
      }
    };
    watcher.done = follow();
    this.#watchers.push(watcher);
  }

  /** One last write wakes every watcher, so all of them see the end. */
  async #settleWatchers(): Promise<void> {
    await this.#write('put', '/end', 'any');
    const last = await revisionOf(this.#store);
    while (this.#watchers.some(({ reached }) => reached < last))
      await new Promise<void>((resolve) => (this.#moved = resolve));
    this.#stop.abort();
    await Promise.all(this.#watchers.map((watcher) => watcher.done));
  }

  #factsAfter(prefix: string, after: Revision): string[] {
    return [...this.#facts]
      .filter(([revision, { key }]) => revision > after && key.startsWith(prefix))
      .sort(([a], [b]) => a - b)
      .map(([revision, { type, key, value }]) => `${revision} ${key} ${type === 'put' ? value : 'gone'}`);
  }

  async #checkStates(): Promise<void> {
    const values = new Map<string, string>();
    const revisions = [this.#start, ...[...this.#facts.keys()].sort((a, b) => a - b)];
    assert.equal(await revisionOf(this.#store), revisions.at(-1), 'every revision is some write that was answered');
    for (const revision of revisions) {
      const fact = this.#facts.get(revision);
      if (fact?.type === 'put') values.set(fact.key, fact.value);
      else if (fact !== undefined) values.delete(fact.key);
      if (revision < this.#oldest) continue;
      const page = await this.#store.range(prefixRange('/'), { at: revision });
      assert.deepEqual(
        page.entries.map((entry) => [entry.key, text(entry.value)]),
        [...values].sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    }
  }

  async #between(share: number): Promise<Revision> {
    return this.#oldest + Math.floor(share * ((await revisionOf(this.#store)) - this.#oldest));
  }
}
