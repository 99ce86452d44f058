import { podLimits } from '../../../api/core/pod-requests.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { parseQuantity, quantityToNumber } from '../../../apimachinery/quantity.ts';
import type { Allocatable } from '../../pods/downward.ts';
import { VolumeError } from '../payload.ts';
import { emptyDirPlace, type VolumeDisk } from '../volume-disk.ts';
import { ownershipOf, type VolumeDriver } from '../volume-driver.ts';

/** Folders that live and die with their pod, on disk or in memory. */
export function emptyDirDriver(disk: VolumeDisk, allocatable: Allocatable): VolumeDriver {
  return {
    name: 'kubernetes.io/empty-dir',
    supports: (source) => 'emptyDir' in source && source.emptyDir !== undefined,
    open({ pod, volume: { name, emptyDir = {} } }) {
      const { medium = '', sizeLimit } = emptyDir;
      if (medium !== '' && medium !== 'Memory') throw new VolumeError(refusedMedium(medium));
      return {
        async publish() {
          const now = pod();
          const place = emptyDirPlace(now.metadata.uid ?? '', name);
          const path = await (medium === 'Memory'
            ? disk.makeMemory(place, ownershipOf(now), memorySize(now, sizeLimit, allocatable))
            : disk.makeFolder(place, ownershipOf(now)));
          return { path, readOnly: false };
        },
      };
    },
  };
}

/** Of a volume in memory, in bytes: what the volume, the pod and the node's pods together may use, whichever is least. */
function memorySize(pod: Readonly<Pod>, sizeLimit: string | undefined, { memory }: Allocatable): number | undefined {
  const ofPod = podLimits(pod)['memory'];
  const bounds = [memory, sizeLimit].flatMap((text) => (text === undefined ? [] : [parseQuantity(text)]));
  if (ofPod !== undefined) bounds.push(ofPod);
  const sizes = bounds.map(quantityToNumber).filter((size) => size > 0);
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}

/** Nodes have no huge pages, so no pod that asks for some comes here. */
function refusedMedium(medium: string): string {
  return /^HugePages(-|$)/.test(medium)
    ? `medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`
    : `unknown storage medium ${JSON.stringify(medium)}`;
}
