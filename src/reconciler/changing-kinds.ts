import { apiVersionOf, groupResourceOf, type ResourceType } from '../apimachinery/resource-type.ts';
import { abortable, AbortBranches, deadline, onAbort } from '../base/abort.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import type { Kind, Surroundings } from './cluster-view.ts';
import type { ChangingWatches, Watch } from './controller.ts';
import { OwnWrites } from './own-writes.ts';

/** How long work waits for the first list of a kind that has come. One that cannot be listed must not stop it for good. */
const longestSyncMs = 30_000;

interface OpenKind {
  readonly kind: Kind;
  stop(): void;
}

/** Watches the kinds that a controller names at each moment: opens those that come, lets go of those that go. */
export class ChangingKinds {
  readonly #watches: ChangingWatches;
  readonly #around: Surroundings;
  /** What the controller reads from, by `groupResourceOf`. */
  readonly #kinds: Map<string, Kind>;
  readonly #informers: InformerFactory;
  readonly #subscribe: (watch: Watch, kind: Kind) => () => void;
  readonly #branches: AbortBranches;
  readonly #open = new Map<string, OpenKind>();

  constructor(
    watches: ChangingWatches,
    around: Surroundings,
    kinds: Map<string, Kind>,
    informers: InformerFactory,
    subscribe: (watch: Watch, kind: Kind) => () => void,
  ) {
    this.#watches = watches;
    this.#around = around;
    this.#kinds = kinds;
    this.#informers = informers;
    this.#subscribe = subscribe;
    this.#branches = new AbortBranches(around.signal);
    this.#update();
    onAbort(
      around.signal,
      watches.onChange(() => this.#update()),
    );
  }

  /** Resolves when all that are watched have their first list or have had their time; `undefined` when they have it. */
  synced(): Promise<void> | undefined {
    const late = [...this.#open.values()].filter(({ kind }) => !kind.informer.hasSynced());
    return late.length === 0 ? undefined : this.#wait(late);
  }

  async #wait(late: readonly OpenKind[]): Promise<void> {
    const { clock, signal } = this.#around;
    using limit = deadline(clock, longestSyncMs, signal);
    await abortable(Promise.allSettled(late.map(({ kind }) => kind.informer.synced())), limit.signal).catch(
      () => undefined,
    );
  }

  #update(): void {
    const wanted = new Map(this.#watches.current().map((watch) => [nameOf(watch.type), watch]));
    for (const [name, { stop }] of this.#open) {
      if (wanted.has(name)) continue;
      this.#open.delete(name);
      stop();
    }
    for (const [name, watch] of wanted) if (!this.#open.has(name)) this.#open.set(name, this.#start(watch));
  }

  #start(watch: Watch): OpenKind {
    const { clock, log } = this.#around;
    const type: ResourceType = watch.type;
    const name = groupResourceOf(type);
    const own = this.#branches.branch();
    const informer = this.#informers.informer(type);
    const kind = { informer, writes: new OwnWrites({ informer, resource: name, clock, log, signal: own.signal }) };
    this.#kinds.set(name, kind);
    const unsubscribe = this.#subscribe(watch, kind);
    return {
      kind,
      stop: () => {
        unsubscribe();
        own.abort();
        own[Symbol.dispose]();
        if (this.#kinds.get(name) === kind) this.#kinds.delete(name);
        this.#informers.release(type);
      },
    };
  }
}

/** Each change asks for the names of all. */
const names = new WeakMap<ResourceType, string>();

function nameOf(type: ResourceType): string {
  let name = names.get(type);
  if (name === undefined) names.set(type, (name = `${apiVersionOf(type)}/${type.resource}`));
  return name;
}
