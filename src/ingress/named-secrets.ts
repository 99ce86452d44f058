import { Secrets, type Secret } from '../api/core/v1/types.ts';
import { keyText, type ObjectKey } from '../apimachinery/object.ts';
import { abortable, AbortBranches, deadline } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createInformer } from '../client/informer-cache.ts';
import type { Informer } from '../client/informer.ts';

export interface NamedSecretsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends all watches. */
  readonly signal: AbortSignal;
  /** Called when one has changed that is followed. */
  readonly onChange: () => void;
}

/** One that does not come by then is taken to be missing, until it comes. */
const patienceMs = 2000;

/** Watches of a node. All nodes together must not take those that a server has; what is more is taken to be missing. */
const mostFollowed = 1000;

/**
 * The Secrets that are named, each watched alone as kubelets do it: a node may read no others. Where there are too many,
 * those that are followed already stay, whatever others name.
 */
export class NamedSecrets {
  readonly #options: NamedSecretsOptions;
  readonly #branches: AbortBranches;
  readonly #followed = new Map<string, { readonly informer: Informer<Secret>; stop(): void }>();

  constructor(options: NamedSecretsOptions) {
    this.#options = options;
    this.#branches = new AbortBranches(options.signal);
  }

  get(key: ObjectKey): Readonly<Secret> | undefined {
    return this.#followed.get(keyText(key))?.informer.get(key);
  }

  /** Follows just these from now on. Resolves when those that are new are there, or are known to be missing. */
  async follow(keys: readonly ObjectKey[]): Promise<void> {
    const wanted = new Map(keys.map((key) => [keyText(key), key]));
    for (const [name, { stop }] of this.#followed) {
      if (wanted.has(name)) continue;
      this.#followed.delete(name);
      stop();
    }
    const added = [...wanted]
      .filter(([name]) => !this.#followed.has(name))
      .slice(0, mostFollowed - this.#followed.size)
      .map(([name, key]) => this.#add(name, key));
    if (added.length === 0) return;
    using limit = deadline(this.#options.clock, patienceMs, this.#options.signal);
    await Promise.allSettled(added.map((informer) => abortable(informer.synced(), limit.signal)));
  }

  #add(name: string, { namespace, name: secret }: ObjectKey): Informer<Secret> {
    const { client, onChange } = this.#options;
    const own = this.#branches.branch();
    const informer = createInformer(client, Secrets, {
      ...this.#options,
      signal: own.signal,
      ...(namespace !== undefined && { namespace }),
      fieldSelector: `metadata.name=${secret}`,
    });
    informer.onChange(onChange);
    const stop = (): void => {
      own.abort();
      own[Symbol.dispose]();
    };
    this.#followed.set(name, { informer, stop });
    return informer;
  }
}
