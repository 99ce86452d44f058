import type { KubeObject } from '../apimachinery/object.ts';
import { groupResourceOf, type ResourceType } from '../apimachinery/resource-type.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from './client.ts';
import { createInformer } from './informer-cache.ts';
import type { Informer } from './informer.ts';

/** Which part of a kind an informer follows; nothing set means all of it. */
export interface InformerScope {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Hands out one shared informer for each kind and scope, started when first asked for. */
export interface InformerFactory {
  informer<T extends KubeObject>(type: ResourceType<T>, scope?: InformerScope): Informer<T>;
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
}

export function createInformerFactory(client: Client, options: InformerFactoryOptions): InformerFactory {
  const informers = new Map<string, Informer<any>>();
  return {
    informer<T extends KubeObject>(type: ResourceType<T>, scope: InformerScope = {}): Informer<T> {
      const key = JSON.stringify([
        groupResourceOf(type),
        type.version,
        scope.namespace,
        scope.labelSelector,
        scope.fieldSelector,
      ]);
      let informer = informers.get(key) as Informer<T> | undefined;
      if (informer === undefined)
        informers.set(key, (informer = createInformer(client, type, { ...scope, ...options })));
      return informer;
    },
    async synced() {
      await Promise.all([...informers.values()].map((informer) => informer.synced()));
    },
  };
}
