import { deviceClaimNameOf, isDeviceClaimFor, isReservedFor } from '../../api/core/pod-device-claims.ts';
import { Pods, type Pod } from '../../api/core/v1/types.ts';
import { toleratesDevice } from '../../api/resource/device-toleration.ts';
import {
  ResourceClaims,
  ResourceSlices,
  type DeviceTaint,
  type DeviceToleration,
  type ResourceClaim,
  type ResourceSlice,
} from '../../api/resource/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import { parseTime } from '../../apimachinery/time.ts';
import { againAfter, settled, type ClusterReader, type Controller } from '../../reconciler/controller.ts';
import { equalJson } from '../../reconciler/equal-json.ts';
import { evictPod } from '../evict-pod.ts';
import { DevicePools } from './device-pools.ts';

const reason = {
  reason: 'DeletionByDeviceTaintManager',
  message: 'Device Taint manager: deleting due to NoExecute taint',
};
const event = 'DeviceTaintManagerEviction';

/**
 * Deletes pods whose devices got a taint with the effect NoExecute that their claims do not tolerate, or not any longer
 * (KEP-5055). Rules that taint devices from outside (DeviceTaintRule) are off by default in Kubernetes 1.36.
 */
export function deviceTaintEviction(): Controller<Pod> {
  const pools = new DevicePools();
  /** Pods whose time is running. */
  const scheduled = new Set<string>();
  return {
    name: 'device-taint-eviction-controller',
    concurrency: 8,
    watches: [
      {
        type: Pods,
        wakes: (pod: Readonly<Pod>) => (pod.spec.resourceClaims === undefined ? [] : [pod.metadata]),
      },
      {
        type: ResourceClaims,
        wakes: (claim: Readonly<ResourceClaim>, _, old) => [
          ...usersOf(claim),
          ...(old === undefined ? [] : usersOf(old)),
        ],
      },
      {
        type: ResourceSlices,
        wakes(slice: Readonly<ResourceSlice>, cluster, old) {
          pools.note(slice, cluster.get(ResourceSlices, { name: slice.metadata.name }) !== undefined);
          const { driver, pool } = slice.spec;
          if (old !== undefined && equalJson(old.spec, slice.spec)) return [];
          // A slice that goes may bring an older one to light.
          const others = pools.slicesOf(driver, pool.name, cluster);
          if (![slice, ...(old === undefined ? [] : [old]), ...others].some(hasEvictingTaint)) return [];
          return cluster
            .list(ResourceClaims)
            .filter(({ status }) =>
              status?.allocation?.devices?.results?.some((one) => one.driver === driver && one.pool === pool.name),
            )
            .flatMap(usersOf);
        },
      },
    ],

    async reconcile(key, cluster) {
      const pod = cluster.get(Pods, key);
      const name = keyText(key);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) {
        scheduled.delete(name);
        return settled;
      }
      const { nodeName = '' } = pod.spec;
      const taintsOf = (device: AllocatedDevice) => pools.taintsOf(device, nodeName, cluster);
      const times = claimsOf(pod, cluster).flatMap((claim) => deviceEvictionTime(claim, taintsOf) ?? []);
      if (times.length === 0) {
        if (scheduled.delete(name)) cluster.events.record(pod, 'Normal', event, 'Cancelling deletion');
        return settled;
      }
      const wait = Math.min(...times) - cluster.clock.now();
      if (wait > 0) {
        scheduled.add(name);
        return againAfter(wait);
      }
      cluster.events.record(pod, 'Normal', event, 'Marking for deletion');
      await evictPod(pod, reason, cluster);
      scheduled.delete(name);
      return settled;
    },
  };
}

interface AllocatedDevice {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
}

/** The claims that a pod on a node uses. */
function claimsOf(pod: Readonly<Pod>, cluster: ClusterReader): readonly Readonly<ResourceClaim>[] {
  if (!pod.spec.nodeName) return [];
  return (pod.spec.resourceClaims ?? []).flatMap((entry) => {
    const found = deviceClaimNameOf(pod, entry);
    if (found.state !== 'named') return [];
    const claim = cluster.get(ResourceClaims, { namespace: pod.metadata.namespace ?? '', name: found.name });
    if (claim === undefined || !isReservedFor(claim, pod)) return [];
    return found.isMade && !isDeviceClaimFor(claim, pod) ? [] : [claim];
  });
}

function usersOf({ metadata, status }: Readonly<ResourceClaim>) {
  return (status?.reservedFor ?? [])
    .filter(({ apiGroup = '', resource }) => apiGroup === '' && resource === 'pods')
    .map(({ name }) => ({ namespace: metadata.namespace, name }));
}

function hasEvictingTaint({ spec }: Readonly<ResourceSlice>): boolean {
  return spec.devices?.some(({ taints }) => taints?.some(({ effect }) => effect === 'NoExecute')) === true;
}

/**
 * When who uses the claim has to go, in milliseconds since the epoch; `undefined`: it may stay. `taintsOf` answers the
 * taints of a device with the effect NoExecute.
 */
export function deviceEvictionTime(
  { status }: Readonly<ResourceClaim>,
  taintsOf: (device: AllocatedDevice) => readonly Readonly<DeviceTaint>[],
): number | undefined {
  const times = (status?.allocation?.devices?.results ?? []).flatMap((device) =>
    taintsOf(device).flatMap((taint) => endOfPatience(taint, device.tolerations ?? []) ?? []),
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Only tolerations that name the effect are for those who have the device already. */
function endOfPatience(taint: Readonly<DeviceTaint>, tolerations: readonly DeviceToleration[]): number | undefined {
  const start = parseTime(taint.timeAdded) ?? 0;
  const fitting = tolerations.filter((one) => one.effect === 'NoExecute' && toleratesDevice(one, taint));
  if (fitting.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return undefined;
  const seconds = fitting.map(({ tolerationSeconds = 0 }) => Math.max(0, tolerationSeconds));
  return seconds.length === 0 ? start : start + Math.min(...seconds) * 1000;
}
