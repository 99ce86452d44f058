import { chargedAmounts } from '../../api/core/pod-requests.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { parseQuantity, quantityText, quantityToNumber } from '../../apimachinery/quantity.ts';

/** What a pod holds on the disk of its node, in bytes by name. */
export interface PodStorage {
  /** Volumes of type `emptyDir` that lie on the disk. */
  readonly emptyDirs: ReadonlyMap<string, number>;
  /** Containers: what they have written over their images, and their logs. */
  readonly containers: ReadonlyMap<string, number>;
}

const resource = 'ephemeral-storage';

/** Whether anything bounds what the pod writes to the disk. */
export function limitsStorage(pod: Readonly<Pod>): boolean {
  return emptyDirsOf(pod).some(({ sizeLimit }) => sizeLimit !== undefined) || limitOfPod(pod) !== undefined;
}

/**
 * Of which limit the pod holds more, in the words of the stock kubelet's events; `undefined`: of none. Zero bounds a pod,
 * and no volume and no container.
 */
export function exceededLimit(pod: Readonly<Pod>, { emptyDirs, containers }: PodStorage): string | undefined {
  const isOver = (used: number, limit: string): boolean => used > quantityToNumber(parseQuantity(limit));
  for (const { name, sizeLimit } of emptyDirsOf(pod))
    if (sizeLimit !== undefined && !isZero(sizeLimit) && isOver(emptyDirs.get(name) ?? 0, sizeLimit))
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(sizeLimit)}. `;
  const all = [...emptyDirs.values(), ...containers.values()].reduce((sum, bytes) => sum + bytes, 0);
  const most = limitOfPod(pod);
  if (most !== undefined && isOver(all, most))
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${most}. `;
  for (const { name, resources } of pod.spec.containers) {
    const limit = resources?.limits?.[resource];
    if (limit !== undefined && !isZero(limit) && isOver(containers.get(name) ?? 0, limit))
      return `Container ${name} exceeded its local ephemeral storage limit ${JSON.stringify(limit)}. `;
  }
  return undefined;
}

function isZero(limit: string): boolean {
  return quantityToNumber(parseQuantity(limit)) === 0;
}

/** The volumes whose files lie on the disk. Those in memory are as large as their file system. */
export function emptyDirsOf({ spec }: Readonly<Pod>): { readonly name: string; readonly sizeLimit?: string }[] {
  return (spec.volumes ?? []).flatMap(({ name, emptyDir }) =>
    emptyDir === undefined || emptyDir.medium === 'Memory'
      ? []
      : [{ name, ...(emptyDir.sizeLimit !== undefined && { sizeLimit: emptyDir.sizeLimit }) }],
  );
}

function limitOfPod(pod: Readonly<Pod>): string | undefined {
  const limit = chargedAmounts(pod).limits[resource];
  return limit === undefined ? undefined : quantityText(limit);
}
