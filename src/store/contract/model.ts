import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prefixRange } from '../range.ts';
import type { Expected, Revision, Store, WriteResult } from '../store.ts';

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

/** Any interleaving of writers, watchers and compactions agrees with a list of facts, one for each revision. */
export function describeModel(open: () => Promise<Store>): void {
  test('any interleaving of writers, watchers and compactions gives one history, of which everyone sees the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        await using store = await open();
        await new Run(store).play(steps);
      }),
      { numRuns: 60 },
    );
  });
}

class Run {
  readonly #store: Store;
  readonly #facts = new Map<Revision, Fact>();
  readonly #pending: Promise<void>[] = [];
  readonly #watchers: { prefix: string; after: Revision; seen: string[]; done: Promise<void> }[] = [];
  readonly #stop = new AbortController();
  #writes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.do === 'wait') await Promise.all(this.#pending.splice(0));
      else if (step.do === 'compact') await this.#store.compact(this.#between(step.share));
      else if (step.do === 'watch') this.#watch(step.prefix, this.#between(step.from));
      else this.#pending.push(this.#write(step.do, step.key, step.expected));
    }
    await Promise.all(this.#pending);
    await this.#settleWatchers();
    assert.deepEqual(
      [...this.#facts.keys()].sort((a, b) => a - b),
      Array.from({ length: this.#store.revision() }, (_, i) => i + 1),
    );
    for (const watcher of this.#watchers)
      assert.deepEqual(watcher.seen, this.#factsAfter(watcher.prefix, watcher.after));
    await this.#checkStates();
  }

  async #write(type: 'put' | 'delete', key: string, kind: 'any' | 'absent' | 'current' | 'stale'): Promise<void> {
    const expected = await this.#expected(key, kind);
    const value = `${++this.#writes}`;
    const bytes = new TextEncoder().encode(value);
    const result: WriteResult = await (type === 'put'
      ? this.#store.put(key, bytes, { expected })
      : this.#store.delete(key, { expected }));
    if (!result.committed) return;
    assert.ok(!this.#facts.has(result.revision), `revision ${result.revision} was given out twice`);
    this.#facts.set(result.revision, { type, key, value });
  }

  async #expected(key: string, kind: 'any' | 'absent' | 'current' | 'stale'): Promise<Expected> {
    if (kind === 'any') return undefined;
    if (kind === 'absent') return 'absent';
    const { entries } = await this.#store.list({ start: key, end: `${key}\0` });
    const modified = entries[0]?.modified ?? 0;
    return kind === 'current' ? modified : modified - 1;
  }

  #watch(prefix: string, after: Revision): void {
    const watcher = { prefix, after, seen: [] as string[], done: Promise.resolve() };
    const follow = async (): Promise<void> => {
      let last = after;
      for await (const event of this.#store.watch(prefix, { after, signal: this.#stop.signal })) {
        assert.ok(event.revision > last, 'events go forward');
        if (event.type === 'changes')
          for (const { type, entry, previous } of event.changes) {
            assert.ok(entry.modified > last && entry.modified <= event.revision, 'a change lies within its event');
            last = entry.modified;
            watcher.seen.push(
              `${entry.modified} ${type} ${entry.key} ${text(entry.value)} was ${previous && text(previous.value)}`,
            );
          }
        last = event.revision;
        if (last === this.#store.revision()) this.#abreast?.();
      }
    };
    watcher.done = follow();
    this.#watchers.push(watcher);
  }

  #abreast: (() => void) | undefined;

  /** One last write wakes every watcher, so all of them see the end. */
  async #settleWatchers(): Promise<void> {
    if (this.#watchers.length > 0) {
      let left = this.#watchers.length;
      const all = new Promise<void>((resolve) => (this.#abreast = () => --left === 0 && resolve()));
      await this.#write('put', '/end', 'any');
      await all;
    }
    this.#stop.abort();
    await Promise.all(this.#watchers.map((watcher) => watcher.done));
  }

  #factsAfter(prefix: string, after: Revision): string[] {
    const values = new Map<string, string>();
    const expected: string[] = [];
    for (let revision = 1; revision <= this.#store.revision(); revision++) {
      const { type, key, value } = this.#facts.get(revision)!;
      const was = values.get(key);
      if (revision > after && key.startsWith(prefix))
        expected.push(`${revision} ${type} ${key} ${type === 'put' ? value : was} was ${was}`);
      if (type === 'put') values.set(key, value);
      else values.delete(key);
    }
    return expected;
  }

  async #checkStates(): Promise<void> {
    const values = new Map<string, string>();
    for (let revision = 0; revision <= this.#store.revision(); revision++) {
      const fact = this.#facts.get(revision);
      if (fact?.type === 'put') values.set(fact.key, fact.value);
      else if (fact !== undefined) values.delete(fact.key);
      if (revision < this.#store.oldest()) continue;
      const page = await this.#store.list(prefixRange('/'), { at: revision });
      assert.deepEqual(
        page.entries.map((entry) => [entry.key, text(entry.value)]),
        [...values].sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    }
  }

  #between(share: number): Revision {
    const { oldest, newest } = { oldest: this.#store.oldest(), newest: this.#store.revision() };
    return oldest + Math.floor(share * (newest - oldest));
  }
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
