import type { NamespaceCondition } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { rfc3339 } from '../../apimachinery/time.ts';

/** What one kind still has in the namespace. */
export interface Remaining {
  readonly type: ResourceType;
  readonly objects: readonly Readonly<KubeObject>[];
}

interface Said {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** The conditions of a namespace that is being emptied; `failures` are what deleting was refused with. */
export function planConditions(
  present: readonly NamespaceCondition[],
  remaining: readonly Remaining[],
  failures: readonly string[],
  now: number,
): NamespaceCondition[] {
  const said = [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    contentFailure(failures),
    contentRemaining(remaining),
    finalizersRemaining(remaining),
  ] as const satisfies readonly Said[];
  const others = present.filter(({ type }) => !said.some((one) => one.type === type));
  return [...others, ...said.map((one) => update(one, present, now))];
}

function contentFailure(failures: readonly string[]): Said {
  const type = 'NamespaceDeletionContentFailure';
  if (failures.length > 0)
    return {
      type,
      status: 'True',
      reason: 'ContentDeletionFailed',
      message: `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`,
    };
  return {
    type,
    status: 'False',
    reason: 'ContentDeleted',
    message: 'All content successfully deleted, may be waiting on finalization',
  };
}

function contentRemaining(remaining: readonly Remaining[]): Said {
  const type = 'NamespaceContentRemaining';
  const found = remaining.filter(({ objects }) => objects.length > 0);
  if (found.length === 0)
    return { type, status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' };
  const counts = found.map((one) => `${resourceName(one.type)} has ${one.objects.length} resource instances`).sort();
  return {
    type,
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: `Some resources are remaining: ${counts.join(', ')}`,
  };
}

function finalizersRemaining(remaining: readonly Remaining[]): Said {
  const type = 'NamespaceFinalizersRemaining';
  const counts = new Map<string, number>();
  for (const { metadata } of remaining.flatMap(({ objects }) => objects))
    for (const finalizer of metadata.finalizers ?? []) counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
  if (counts.size === 0)
    return {
      type,
      status: 'False',
      reason: 'ContentHasNoFinalizers',
      message: 'All content-preserving finalizers finished',
    };
  const texts = [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort();
  return {
    type,
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${texts.join(', ')}`,
  };
}

/** `pods.`, `deployments.apps`: the dot stands even where the group has no name. */
function resourceName(type: ResourceType): string {
  return type.group === '' ? `${type.resource}.` : groupResourceOf(type);
}

function update(said: Said, present: readonly NamespaceCondition[], now: number): NamespaceCondition {
  const current = present.find(({ type }) => type === said.type);
  const since = current?.status === said.status ? current.lastTransitionTime : undefined;
  return { ...said, lastTransitionTime: since ?? rfc3339(now) };
}
