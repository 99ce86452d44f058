import { DeviceClasses, ResourceClaims, ResourceSlices, type ResourceClaim } from '../api/resource/v1/types.ts';
import { keyOf, keyText, type KubeObject } from '../apimachinery/object.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { InformerChange } from '../client/informer.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import type { DeviceState } from './devices/device-state.ts';
import type { ClusterChange } from './framework/plugin.ts';

/** Kinds that are followed into the scheduler's state. */
export interface FollowedKind {
  synced(): Promise<void>;
  /** The answer ends it. */
  follow(): () => void;
}

/** Carries what there is of devices into the state, and tells what changed. */
export function deviceKinds(
  informers: InformerFactory,
  devices: DeviceState,
  changed: (change: ClusterChange) => void,
): FollowedKind[] {
  const kind = <T extends KubeObject>(
    type: ResourceType<T>,
    onChange: (change: InformerChange<T>) => ClusterChange,
  ): FollowedKind => {
    const informer = informers.informer(type);
    return { synced: () => informer.synced(), follow: () => informer.onChange((change) => changed(onChange(change))) };
  };
  return [
    kind(DeviceClasses, ({ type, object }) => {
      if (type === 'deleted') devices.classes.delete(object.metadata.name);
      else devices.classes.set(object.metadata.name, object);
      return { type: 'devices-changed', frees: true };
    }),
    kind(ResourceSlices, ({ type, object }) => {
      if (type === 'deleted') devices.removeSlice(object);
      else devices.setSlice(object);
      return { type: 'devices-changed', frees: true };
    }),
    kind(ResourceClaims, (change) => onClaim(devices, change)),
  ];
}

function onClaim(devices: DeviceState, { type, object }: InformerChange<ResourceClaim>): ClusterChange {
  const before = devices.claim(keyText(object.metadata))?.status?.allocation;
  if (type === 'deleted') devices.removeClaim(object);
  else devices.setClaim(object);
  const frees = before !== undefined && (type === 'deleted' || object.status?.allocation === undefined);
  return { type: 'devices-changed', claim: keyOf(object as KubeObject), frees };
}
