import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeStored } from '../../apimachinery/canonical-json.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/system-clock.ts';
import { nextTurn } from '../../base/turn.ts';
import type { Revision } from '../../store/store.ts';
import { breakableStore } from '../testing/breakable-store.ts';
import type { CachedObject, KindForm } from './cached-object.ts';
import type { WatchedEvent } from './change.ts';
import type { RunningWatcher } from './resource-cache.ts';
import type { Selection } from './selection.ts';
import { WatchCache } from './watch-cache.ts';
import type { Delivery } from './watcher-group.ts';

const prefix = '/registry/configmaps/';
const form: KindForm = { kind: 'ConfigMap', apiVersion: 'v1', fields: { node: ({ node }) => node as string } };
/** So few that watchers fall out of the window again and again: four changes or so. */
const window = { kindBytes: 2500, totalBytes: 100_000, ageMs: 60_000 };

/** Real time, but nobody waits long before he tries again. */
const hastyClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms > 1000 ? ms : Math.min(ms, 1), signal),
};

/** What a key holds: the label that selections ask for, and the node that triggers do. */
interface Value {
  readonly app: string;
  readonly node: string;
}

const whole = {
  prefix,
  namespace: undefined,
  only: undefined,
  trigger: undefined,
  text: '',
  conversion: undefined,
  matches: undefined,
};
const inNamespace = { ...whole, prefix: `${prefix}a/`, namespace: 'a' };
const hasApp = (object: CachedObject) => object.attributes(form).labels['app'] === 'x';
const readNode = (object: CachedObject) => object.attributes(form).fields['node']!;
const selections: readonly Selection[] = [
  whole,
  inNamespace,
  { ...whole, text: 'app=x', matches: hasApp },
  { ...inNamespace, text: 'app=x', matches: hasApp },
  { ...inNamespace, text: 'name=k1', only: `${prefix}a/k1`, matches: ({ name }) => name === 'k1' },
  {
    ...whole,
    text: 'node=n1',
    trigger: { field: 'node', value: 'n1', read: readNode },
    matches: (object) => readNode(object) === 'n1',
  },
];

type Command =
  | { readonly do: 'put'; readonly key: string; readonly value: Value }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'watch'; readonly selection: number; readonly delivery: Delivery }
  | { readonly do: 'pause' | 'resume' | 'stop'; readonly informer: number }
  | { readonly do: 'restart' | 'break' | 'turn' }
  | { readonly do: 'compact'; readonly back: number };

const key = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('k1', 'k2', 'k3')).map((parts) => parts.join('/'));
const value = fc.record(
  { app: fc.constantFrom('x', 'y'), node: fc.constantFrom('n1', 'n2') },
  { noNullPrototype: true },
);
const informer = fc.nat({ max: 5 });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('put' as const), key, value }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('watch' as const),
      selection: fc.nat({ max: selections.length - 1 }),
      delivery: fc.constantFrom<Delivery>('immediate', 'deferred'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), informer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), informer }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'break' as const, 'turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const), back: fc.nat({ max: 6 }) }) },
);

/** What a client with an informer does: it lists by a watch, goes on where it was, and begins anew when that is too old. */
class Informer {
  readonly known = new Map<string, Value>();
  readonly #selection: Selection;
  readonly #delivery: Delivery;
  /** Everything up to here has come; `undefined` before the end of the initial events. */
  #last: Revision | undefined;
  #seen: Revision = 0;
  #watcher: RunningWatcher | undefined;
  #isPaused = false;
  #onRoom: (() => void) | undefined;
  #stopped = false;

  constructor(selection: Selection, delivery: Delivery) {
    this.#selection = selection;
    this.#delivery = delivery;
  }

  open(cache: WatchCache): void {
    if (this.#stopped) return;
    if (this.#last === undefined) this.known.clear();
    const generation = {};
    this.#generation = generation;
    const start = this.#last === undefined ? ({ initial: true, endMark: true } as const) : { after: this.#last };
    const options = { selection: this.#selection, apiVersion: 'v1', start, delivery: this.#delivery };
    const isOld = () => this.#generation !== generation;
    this.#watcher = cache.kind(prefix).watch(options, {
      events: ({ events }) => {
        if (!isOld()) for (const event of events) this.#take(event);
        return !this.#isPaused;
      },
      bookmark: (revision, isInitialEnd) => {
        if (isOld()) return;
        assert.ok(this.#last === undefined ? isInitialEnd : revision >= this.#last, 'bookmarks go on');
        this.#last = this.#seen = revision;
      },
      drained: () => (this.#isPaused ? new Promise((resolve) => (this.#onRoom = resolve)) : Promise.resolve()),
      fail: (error) => {
        if (isOld()) return;
        assert.equal((error as { code?: number }).code, 410, String(error));
        this.#last = undefined;
        this.#watcher = undefined;
        queueMicrotask(() => {
          if (!isOld()) this.open(cache);
        });
      },
      end: () => assert.fail('the kind is served'),
    });
  }
  #generation: object | undefined;

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#onRoom?.();
    this.#onRoom = undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.leave();
  }

  /** The server has gone. */
  leave(): void {
    this.#generation = undefined;
    this.#watcher?.stop();
    this.#watcher = undefined;
  }

  hasSeen(revision: Revision): boolean {
    if (this.#stopped) return true;
    this.#watcher?.bookmark();
    return this.#last !== undefined && this.#seen >= revision;
  }

  wanted(model: ReadonlyMap<string, Value>): Map<string, Value> {
    if (this.#stopped) return this.known;
    return new Map([...model].filter(([one, { app, node }]) => matchesText(this.#selection, one, app, node)));
  }

  #take({ type, change }: WatchedEvent): void {
    const object = change.objectFor(type);
    const { labels, fields } = object.attributes(form);
    const shown = { app: labels['app']!, node: fields['node']! };
    assert.ok(
      matchesText(this.#selection, object.key, shown.app, shown.node),
      'what is shown was chosen, if only before',
    );
    assert.equal(object.revision, change.revision);
    if (this.#last !== undefined) {
      assert.ok(change.revision > this.#last, 'revisions ascend');
      this.#last = this.#seen = change.revision;
    }
    assert.equal(this.known.has(object.key), type !== 'ADDED', `${type} ${object.key}`);
    if (type === 'DELETED') this.known.delete(object.key);
    else this.known.set(object.key, shown);
  }
}

function matchesText({ prefix: from, text }: Selection, one: string, app: string, node: string): boolean {
  if (!one.startsWith(from)) return false;
  if (text === 'app=x') return app === 'x';
  if (text === 'name=k1') return one.endsWith('/k1');
  return text === '' || node === 'n1';
}

async function run(commands: readonly Command[]): Promise<void> {
  const { store, breakWatches } = breakableStore();
  const parts = { clock: hastyClock, log: silentLogger, window };
  const model = new Map<string, Value>();
  const informers: Informer[] = [];
  let cache = await WatchCache.open(store, [prefix], parts);
  let revision: Revision = 0;
  try {
    for (const one of commands) {
      switch (one.do) {
        case 'put': {
          const [namespace, name] = one.key.split('/') as [string, string];
          const { app, node } = one.value;
          const object = { metadata: { name, namespace, labels: { app } }, node };
          ({ revision } = await store.txn(prefix + one.key, 'any', { put: encodeStored(object) }));
          model.set(prefix + one.key, one.value);
          break;
        }
        case 'delete': {
          const result = await store.txn(prefix + one.key, 'any', { delete: true });
          if (result.committed) ({ revision } = result);
          model.delete(prefix + one.key);
          break;
        }
        case 'watch': {
          const added = new Informer(selections[one.selection]!, one.delivery);
          informers.push(added);
          added.open(cache);
          break;
        }
        case 'pause':
        case 'resume':
        case 'stop':
          informers[one.informer]?.[one.do]();
          break;
        case 'turn':
          await nextTurn();
          break;
        case 'break':
          breakWatches();
          break;
        case 'restart':
          for (const each of informers) each.leave();
          await cache[Symbol.asyncDispose]();
          cache = await WatchCache.open(store, [prefix], parts);
          for (const each of informers) each.open(cache);
          break;
        case 'compact':
          await store.compact(Math.max(0, revision - one.back));
      }
      if (one.do !== 'break') await cache.reached(revision)?.catch(() => {});
    }
    for (const each of informers) each.resume();
    await until(() => cache.revision >= revision && informers.every((each) => each.hasSeen(revision)));
    const listed = cache.kind(prefix).range(prefix);
    assert.deepEqual(
      listed.map((object) => object.key),
      [...model.keys()].sort(),
    );
    for (const each of informers) assert.deepEqual(sorted(each.known), sorted(each.wanted(model)));
  } finally {
    for (const each of informers) each.leave();
    await cache[Symbol.asyncDispose]();
  }
}

/** Gives everybody as many turns as it takes, and fails when that never ends. */
async function until(isSo: () => boolean): Promise<void> {
  const limit = systemClock.monotonic() + 5000;
  while (!isSo()) {
    assert.ok(systemClock.monotonic() < limit, 'some informer never caught up');
    await nextTurn();
  }
}

function sorted(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

test('informers end with what is there, through restarts, broken streams, compaction and pauses', async () => {
  await fc.assert(fc.asyncProperty(fc.array(command, { minLength: 10, maxLength: 60 }), run), {
    numRuns: 200,
    seed: 8,
    interruptAfterTimeLimit: 20_000,
    markInterruptAsFailure: false,
  });
});
