import { storageClassOf } from '../../api/core/storage-class-of.ts';
import { fits, rejects, type FilterStage, type SchedulerPlugin } from '../framework/plugin.ts';
import type { StorageState } from '../framework/storage-state.ts';

const rejection = rejects(['node(s) exceed max volume count'], { evictionMayHelp: true });

interface State {
  /** The pod's volumes, with the drivers that attach them. */
  readonly wanted: ReadonlyMap<string, string>;
  /** By node: how many volumes of each of those drivers it takes; of others there is no limit. */
  readonly limits: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly storage: StorageState;
}

/** A node takes as many volumes of a CSI driver as its CSINode says; one that several pods share counts once. */
export const nodeVolumeLimits: SchedulerPlugin = {
  name: 'NodeVolumeLimits',
  retryOn: ['pod-removed', 'storage-changed'],
  mayHelp: (pod, change) =>
    change.type === 'pod-removed'
      ? change.pod.claims.length > 0
      : change.type !== 'storage-changed' ||
        change.claim === undefined ||
        (change.claim.namespace === pod.namespace && pod.claims.includes(change.claim.name)),
  filter: {
    prepare({ claims, namespace }, { storage }) {
      if (claims.length === 0) return undefined;
      const wanted = new Map<string, string>();
      addVolumes(wanted, claims, namespace, storage);
      const limits = limitsOf(new Set(wanted.values()), storage);
      return limits.size === 0 ? undefined : { wanted, limits, storage };
    },
    test({ wanted, limits, storage }, { name, pods }) {
      const limit = limits.get(name);
      if (limit === undefined) return fits;
      const volumes = new Map<string, string>();
      for (const pod of pods.values()) addVolumes(volumes, pod.claims, pod.namespace, storage);
      const before = new Set(volumes.keys());
      for (const { spec } of storage.attachmentsOn(name)) {
        const attached = csiVolume(spec.source.persistentVolumeName, storage);
        if (attached) volumes.set(...attached);
      }
      const added = [...wanted].filter(([volume]) => !before.has(volume)).map(([, driver]) => driver);
      for (const [driver, most] of limit) {
        const more = count(added, driver);
        if (more > 0 && count(volumes.values(), driver) + more > most) return rejection;
      }
      return fits;
    },
  } satisfies FilterStage<State>,
};

function limitsOf(drivers: ReadonlySet<string>, storage: StorageState): State['limits'] {
  const limits = new Map<string, Map<string, number>>();
  if (drivers.size === 0) return limits;
  for (const { metadata, spec } of storage.csiNodes.values())
    for (const { name, allocatable } of spec.drivers ?? []) {
      if (allocatable?.count === undefined || !drivers.has(name)) continue;
      const ofNode = limits.get(metadata.name) ?? new Map<string, number>();
      limits.set(metadata.name, ofNode.set(name, allocatable.count));
    }
  return limits;
}

/** A claim without a volume counts as one of its class's provisioner, whose name drivers share. */
function addVolumes(
  into: Map<string, string>,
  claims: readonly string[],
  namespace: string,
  storage: StorageState,
): void {
  for (const name of claims) {
    const claim = storage.claims.get(`${namespace}/${name}`);
    if (claim === undefined) continue;
    const { volumeName } = claim.spec;
    if (volumeName && storage.volume(volumeName) !== undefined) {
      const found = csiVolume(volumeName, storage);
      if (found) into.set(...found);
      continue;
    }
    const provisioner = storage.classes.get(storageClassOf(claim))?.provisioner;
    if (provisioner) into.set(`claim ${namespace}/${name}`, provisioner);
  }
}

/** What tells the volume from others, and its driver. */
function csiVolume(name: string | undefined, storage: StorageState): [volume: string, driver: string] | undefined {
  const csi = name === undefined ? undefined : storage.volume(name)?.spec.csi;
  return csi && [`${csi.driver}/${csi.volumeHandle}`, csi.driver];
}

function count(drivers: Iterable<string>, driver: string): number {
  let found = 0;
  for (const one of drivers) if (one === driver) found++;
  return found;
}
