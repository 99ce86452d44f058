import type { Container, EphemeralContainer, Pod, Volume } from './v1/types.ts';
import type { DeepReadonly } from '../../apimachinery/object.ts';

/**
 * What the agent of a pod's node must read for it, as `<kind> <name>` in the pod's namespace: `secret a`, `configmap
 * b`, `persistentvolumeclaim c`, `resourceclaim d`, `serviceaccount e`.
 */
export function podReferences(pod: DeepReadonly<Pod>): Set<string> {
  const names = new Set<string>();
  const add = (kind: string, name: string | undefined) => name && names.add(`${kind} ${name}`);
  const { spec } = pod;
  add('serviceaccount', spec.serviceAccountName);
  for (const secret of spec.imagePullSecrets ?? []) add('secret', secret.name);
  for (const container of containersOf(pod)) addEnvironment(container, add);
  for (const volume of spec.volumes ?? []) addVolume(volume, pod.metadata.name, add);
  for (const claim of pod.status?.resourceClaimStatuses ?? []) add('resourceclaim', claim.resourceClaimName);
  for (const claim of spec.resourceClaims ?? []) add('resourceclaim', claim.resourceClaimName);
  add('resourceclaim', pod.status?.extendedResourceClaimStatus?.resourceClaimName);
  return names;
}

type Add = (kind: string, name: string | undefined) => void;

function containersOf({ spec }: DeepReadonly<Pod>): DeepReadonly<Container | EphemeralContainer>[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

function addEnvironment({ env = [], envFrom = [] }: DeepReadonly<Container | EphemeralContainer>, add: Add): void {
  for (const { secretRef, configMapRef } of envFrom) {
    add('secret', secretRef?.name);
    add('configmap', configMapRef?.name);
  }
  for (const { valueFrom } of env) {
    add('secret', valueFrom?.secretKeyRef?.name);
    add('configmap', valueFrom?.configMapKeyRef?.name);
  }
}

function addVolume(volume: DeepReadonly<Volume>, pod: string, add: Add): void {
  add('secret', volume.secret?.secretName);
  add('configmap', volume.configMap?.name);
  add('persistentvolumeclaim', volume.persistentVolumeClaim?.claimName);
  if (volume.ephemeral) add('persistentvolumeclaim', `${pod}-${volume.name}`);
  for (const { secret, configMap } of volume.projected?.sources ?? []) {
    add('secret', secret?.name);
    add('configmap', configMap?.name);
  }
  add('secret', volume.azureFile?.secretName);
  add('secret', volume.csi?.nodePublishSecretRef?.name);
  for (const driver of [volume.cephfs, volume.cinder, volume.flexVolume, volume.iscsi])
    add('secret', driver?.secretRef?.name);
  for (const driver of [volume.rbd, volume.scaleIO, volume.storageos]) add('secret', driver?.secretRef?.name);
}
