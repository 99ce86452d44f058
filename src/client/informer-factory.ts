import type { KubeObject } from '../apimachinery/object.ts';
import { groupResourceOf, type ResourceType } from '../apimachinery/resource-type.ts';
import { AbortBranches } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from './client.ts';
import { createInformer } from './informer-cache.ts';
import type { Informer } from './informer.ts';
import type { Transform } from './transform.ts';

/** Which part of a kind an informer follows; nothing set means all of it. */
export interface InformerScope {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Hands out one shared informer for each kind and scope, started when first asked for. */
export interface InformerFactory {
  informer<T extends KubeObject>(type: ResourceType<T>, scope?: InformerScope): Informer<T>;
  /** Stops the informers of a kind that is not served any more, and forgets them. */
  release(type: ResourceType): void;
  /** Resolves when every informer asked for so far has its first list. */
  synced(): Promise<void>;
}

export interface InformerFactoryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Stops all informers. */
  readonly signal: AbortSignal;
  /** The longest pause between attempts, in milliseconds (default 15,000). */
  readonly longestRetryMs?: number;
  /** What all of them keep of an object. */
  readonly transform?: Transform;
}

export function createInformerFactory(client: Client, options: InformerFactoryOptions): InformerFactory {
  const branches = new AbortBranches(options.signal);
  const informers = new Map<string, { readonly type: ResourceType; readonly informer: Informer<any>; stop(): void }>();
  return {
    informer<T extends KubeObject>(type: ResourceType<T>, scope: InformerScope = {}): Informer<T> {
      const key = JSON.stringify([
        groupResourceOf(type),
        type.version,
        scope.namespace,
        scope.labelSelector,
        scope.fieldSelector,
      ]);
      const known = informers.get(key);
      if (known !== undefined) return known.informer;
      const own = branches.branch();
      const informer = createInformer(client, type, { ...scope, ...options, signal: own.signal });
      const stop = (): void => {
        own.abort();
        own[Symbol.dispose]();
      };
      informers.set(key, { type, informer, stop });
      return informer;
    },
    release(type) {
      for (const [key, one] of informers) {
        if (groupResourceOf(one.type) !== groupResourceOf(type) || one.type.version !== type.version) continue;
        informers.delete(key);
        one.stop();
      }
    },
    async synced() {
      await Promise.all(Array.from(informers.values(), ({ informer }) => informer.synced()));
    },
  };
}
