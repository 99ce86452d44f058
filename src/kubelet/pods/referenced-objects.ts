import { ConfigMaps, Secrets, type Pod } from '../../api/core/v1/types.ts';
import type { ObjectSource } from '../objects/object-source.ts';
import { containersOf } from './pod-containers.ts';

/** Calls `onChange` when an object changes that the pod's variables come from, until what it answers is disposed. */
export function followReferences(objects: ObjectSource, pod: Readonly<Pod>, onChange: () => void): Disposable[] {
  const { namespace = '' } = pod.metadata;
  const { configMaps, secrets } = referencedObjects(pod);
  return [
    ...[...configMaps].map((name) => objects.follow(ConfigMaps, { namespace, name }, onChange)),
    ...[...secrets].map((name) => objects.follow(Secrets, { namespace, name }, onChange)),
  ];
}

/** The ConfigMaps and Secrets of the pod's namespace that its variables come from. */
function referencedObjects(pod: Readonly<Pod>): { configMaps: Set<string>; secrets: Set<string> } {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const { spec } of containersOf(pod)) {
    for (const { configMapRef, secretRef } of spec.envFrom ?? []) {
      if (configMapRef?.name !== undefined) configMaps.add(configMapRef.name);
      if (secretRef?.name !== undefined) secrets.add(secretRef.name);
    }
    for (const { valueFrom } of spec.env ?? []) {
      if (valueFrom?.configMapKeyRef?.name !== undefined) configMaps.add(valueFrom.configMapKeyRef.name);
      if (valueFrom?.secretKeyRef?.name !== undefined) secrets.add(valueFrom.secretKeyRef.name);
    }
  }
  return { configMaps, secrets };
}
