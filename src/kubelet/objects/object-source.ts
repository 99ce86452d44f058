import { keyText, type KubeObject, type ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { isStatus } from '../../apimachinery/status.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { linkedAbort, type LinkedAbort } from '../../base/abort.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { createInformer } from '../../client/informer-cache.ts';
import type { Informer } from '../../client/informer.ts';

/** Single objects that pods refer to, each followed only while someone needs it: a node may read no others. */
export interface ObjectSource {
  /** Follows the object until disposed. `onChange` is called after each change but not for what is there at first. */
  follow<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, onChange: () => void): Followed<T>;
}

export interface Followed<T> extends Disposable {
  /** The object, or `undefined` when there is none. Waits for the first answer; rejects when the server refuses. */
  current(): Promise<Readonly<T> | undefined>;
}

export interface ObjectSourceOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** How long an object is still followed after its last user: the next pod of the same kind comes soon. */
const lingerMs = 60_000;

export function createObjectSource(options: ObjectSourceOptions): ObjectSource {
  const followings = new Map<string, Following<any>>();
  return {
    follow(type, key, onChange) {
      const id = `${type.resource}/${keyText(key)}`;
      let following = followings.get(id);
      if (following === undefined) {
        following = new Following(options, type, key, () => followings.delete(id));
        followings.set(id, following);
      }
      return following.join(onChange);
    },
  };
}

/** One watch of one object, shared by all who follow it. */
class Following<T extends KubeObject> {
  readonly #options: ObjectSourceOptions;
  readonly #type: ResourceType<T>;
  readonly #key: ObjectKey;
  readonly #informer: Informer<T>;
  readonly #life: LinkedAbort;
  readonly #onEnd: () => void;
  #users = 0;
  #linger: Timer | undefined;

  constructor(options: ObjectSourceOptions, type: ResourceType<T>, key: ObjectKey, onEnd: () => void) {
    this.#options = options;
    this.#type = type;
    this.#key = key;
    this.#onEnd = onEnd;
    this.#life = linkedAbort(options.signal);
    const { client, clock, random, log } = options;
    this.#informer = createInformer(client, type, {
      clock,
      random,
      log,
      signal: this.#life.signal,
      ...(key.namespace !== undefined && { namespace: key.namespace }),
      fieldSelector: `metadata.name=${key.name}`,
    });
  }

  join(onChange: () => void): Followed<T> {
    this.#users++;
    this.#linger?.cancel();
    let isFirst = true;
    const leave = this.#informer.onChange(() => {
      if (!isFirst) onChange();
    });
    isFirst = !this.#informer.hasSynced();
    if (isFirst)
      void this.#informer.synced().then(
        () => (isFirst = false),
        () => undefined,
      );
    let joined = true;
    return {
      current: () => this.#current(),
      [Symbol.dispose]: () => {
        if (!joined) return;
        joined = false;
        leave();
        if (--this.#users === 0) this.#linger = this.#options.clock.setTimer(lingerMs, () => this.#end());
      },
    };
  }

  /** Before the first list has come, asks the server itself: that answers a refusal too. */
  async #current(): Promise<Readonly<T> | undefined> {
    if (this.#informer.hasSynced()) return this.#informer.get(this.#key);
    try {
      return await this.#options.client.get(this.#type, this.#key);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #end(): void {
    if (this.#users > 0) return;
    this.#life.abort();
    this.#life[Symbol.dispose]();
    this.#onEnd();
  }
}
