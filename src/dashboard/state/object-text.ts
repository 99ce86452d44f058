import type { KubeObject } from '../../apimachinery/object.ts';
import { stringifyYaml } from '../../apimachinery/yaml.ts';

/** An object as `kubectl get -o yaml` prints it. */
export function objectYaml(object: Readonly<KubeObject>, { managedFields }: { managedFields: boolean }): string {
  if (managedFields) return stringifyYaml(object);
  const { managedFields: _, ...metadata } = object.metadata;
  return stringifyYaml({ ...object, metadata });
}
