import type { KubeObject } from './object.ts';

/** Names a served kind and ties it to its TypeScript type. Constants of this type are generated into `src/api`. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, lower case: the name in URLs. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  /** Name of the schema definition, for example `io.k8s.api.core.v1.Pod`. */
  readonly definition: string;
  /** Never set; carries `T`. */
  readonly object?: T;
}

/** `v1`, or `apps/v1`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** `pods`, or `deployments.apps`: the name used in messages and in the facts. */
export function groupResourceOf(type: Pick<ResourceType, 'group' | 'resource'>): string {
  return type.group === '' ? type.resource : `${type.resource}.${type.group}`;
}
