import { ResourceQuotas, type ResourceQuota } from '../../api/core/v1/types.ts';
import { amountsOf, amountTexts, equalAmounts, pick } from '../../api/core/quota/amounts.ts';
import { usageOf, type Counted } from '../../api/core/quota/counter.ts';
import { counterOf } from '../../api/core/quota/counters.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import { keyText, type KubeObject } from '../../apimachinery/object.ts';
import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import {
  againAfter,
  settled,
  type Cluster,
  type ClusterReader,
  type Controller,
  type Watch,
} from '../../reconciler/controller.ts';
import type { ServedResources } from '../served-resources.ts';

/** Some things cease to count without a change that would tell of it. */
const recountMs = 5 * 60_000;
/**
 * A charge comes before its object. So long after a change of a quota all objects that it was charged for are there, or
 * never will be.
 */
const restMs = 500;

/**
 * Counts what the objects of a namespace use. While objects are made, admission charges them to the quota; this takes
 * back what is no longer used, when objects go or change, and begins with quotas that are new or have other bounds.
 */
export function resourceQuotaController(served: ServedResources): Controller<ResourceQuota> {
  /** Since when each quota has been as it is. */
  const seen = new Map<string, { readonly version: string | undefined; readonly since: number }>();

  /** How long the quota has been as it is now, in milliseconds. */
  function restOf({ metadata }: Readonly<ResourceQuota>, now: number): number {
    const [key, version] = [keyText(metadata), metadata.resourceVersion];
    const last = seen.get(key);
    if (last !== undefined && last.version === version) return now - last.since;
    seen.set(key, { version, since: now });
    return 0;
  }

  return {
    name: 'resourcequota-controller',
    for: ResourceQuotas,
    changingWatches: {
      current: () => countedKinds(served.current()).map(watchOf),
      onChange: (listener) => served.onChange(listener),
    },
    concurrency: 5,

    async reconcile(key, cluster) {
      const quota = cluster.get(ResourceQuotas, key);
      if (quota === undefined) {
        seen.delete(keyText(key));
        return settled;
      }
      const rest = restOf(quota, cluster.clock.now());
      if (isCounted(quota) && rest < restMs) return againAfter(restMs - rest);
      await recount(quota, countedKinds(served.current()), cluster);
      return againAfter(recountMs);
    },
  };
}

/** Kinds of which objects are made, found and deleted in namespaces, each in one version. */
function countedKinds(served: readonly ResourceFacts[]): ResourceType[] {
  const kinds = new Map<string, ResourceType>();
  for (const facts of served) {
    const name = countedName(facts);
    if (name !== undefined && !kinds.has(name)) kinds.set(name, facts.type);
  }
  return [...kinds.values()];
}

/** Of what is served, by its facts and types: each kind that comes has all of them looked through. */
const countedNames = new WeakMap<ResourceFacts, { readonly name: string | undefined }>();
const watches = new WeakMap<ResourceType, Watch>();

/** What the kind is counted under, or nothing. */
function countedName(facts: ResourceFacts): string | undefined {
  let known = countedNames.get(facts);
  if (known === undefined) {
    const { type, verbs } = facts;
    const isManaged = (['create', 'list', 'watch', 'delete'] as const).every((verb) => verbs.includes(verb));
    const isCounted = type.namespaced && isManaged && counterOf(type) !== undefined;
    countedNames.set(facts, (known = { name: isCounted ? groupResourceOf(type) : undefined }));
  }
  return known.name;
}

function watchOf(type: ResourceType): Watch {
  let watch = watches.get(type);
  if (watch === undefined) watches.set(type, (watch = { type, wakes: wakesFor(type) }));
  return watch;
}

/** Objects that are new have been charged already. */
function wakesFor(type: ResourceType) {
  const counter = counterOf(type)!;
  return (changed: Readonly<KubeObject>, cluster: ClusterReader, old?: Readonly<KubeObject>) => {
    const quotas = cluster.list(ResourceQuotas, changed.metadata.namespace);
    if (quotas.length === 0) return [];
    const concerned = quotas.filter(({ status }) =>
      Object.keys(status?.hard ?? {}).some((name) => counter.counts(name)),
    );
    if (concerned.length === 0) return [];
    const isLess =
      old === undefined ? cluster.get(type, changed.metadata) === undefined : counter.frees?.(changed, old) === true;
    return isLess ? concerned.map(({ metadata }) => metadata) : [];
  };
}

/** Whether the status speaks of what the spec bounds. */
function isCounted({ spec, status }: Readonly<ResourceQuota>): boolean {
  return status?.hard !== undefined && equalAmounts(amountsOf(spec.hard), amountsOf(status.hard));
}

async function recount(
  quota: Readonly<ResourceQuota>,
  kinds: readonly ResourceType[],
  cluster: Cluster,
): Promise<void> {
  const { spec, status = {}, metadata } = quota;
  const bounded = Object.keys(spec.hard ?? {});
  const counted = kinds.flatMap((type): Counted[] => {
    const counter = counterOf(type)!;
    if (!bounded.some((name) => counter.counts(name))) return [];
    return [{ counter, objects: cluster.list(type, metadata.namespace) }];
  });
  const last = pick(amountsOf(status.used), (name) => bounded.includes(name));
  const used = { ...last, ...usageOf(quota, counted, cluster.clock.now()) };
  if (isCounted(quota) && status.used !== undefined && equalAmounts(used, amountsOf(status.used))) return;
  await cluster.updateStatus(ResourceQuotas, quota, { hard: { ...spec.hard }, used: amountTexts(used) });
}
