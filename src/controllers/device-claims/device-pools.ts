import { ResourceSlices, type DeviceTaint, type ResourceSlice } from '../../api/resource/v1/types.ts';
import type { ClusterReader } from '../../reconciler/controller.ts';

/** The slices of each pool, by name, so that nobody goes through those of all drivers. */
export class DevicePools {
  readonly #names = new Map<string, Set<string>>();

  /** Tells of a slice that has come, has changed or is gone. */
  note({ metadata, spec }: Readonly<ResourceSlice>, isThere: boolean): void {
    const key = keyOf(spec.driver, spec.pool.name);
    const names = this.#names.get(key) ?? new Set<string>();
    if (isThere) names.add(metadata.name);
    else names.delete(metadata.name);
    if (names.size > 0) this.#names.set(key, names);
    else this.#names.delete(key);
  }

  /** All of a pool, those of older generations too. */
  slicesOf(driver: string, pool: string, cluster: ClusterReader): readonly Readonly<ResourceSlice>[] {
    const names = this.#names.get(keyOf(driver, pool)) ?? [];
    return [...names].flatMap((name) => cluster.get(ResourceSlices, { name }) ?? []);
  }

  /**
   * The taints of a device on a node that drive pods away; none where nobody tells of the device any more. What another
   * node says of a pool by that name does not count: it may say anything.
   */
  taintsOf(
    { driver, pool, device }: { readonly driver: string; readonly pool: string; readonly device: string },
    node: string,
    cluster: ClusterReader,
  ): readonly Readonly<DeviceTaint>[] {
    const slices = this.slicesOf(driver, pool, cluster).filter(({ spec }) => !spec.nodeName || spec.nodeName === node);
    const newest = Math.max(...slices.map(({ spec }) => spec.pool.generation));
    for (const { spec } of slices) {
      if (spec.pool.generation !== newest) continue;
      const found = spec.devices?.find(({ name }) => name === device);
      if (found !== undefined) return found.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
    }
    return [];
  }
}

function keyOf(driver: string, pool: string): string {
  return `${driver}|${pool}`;
}
