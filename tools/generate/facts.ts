import { readFileSync } from 'node:fs';
import type { Field } from '../../src/apimachinery/schema.ts';

/** The recorded facts, as they stand in `facts/`. */
export interface Facts {
  readonly schema: Readonly<Record<string, DefinitionFacts>>;
  readonly resources: readonly RecordedResource[];
  readonly groups: readonly RecordedGroup[];
  /** `name|type|format|priority` by `<resource>.<version>[.<group>]`. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly fieldSelectors: Readonly<Record<string, readonly string[]>>;
}

export interface DefinitionFacts {
  readonly gvk?: readonly string[];
  readonly fields?: Readonly<Record<string, Field>>;
  readonly type?: string;
}

export interface RecordedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singular: string;
  readonly verbs: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly { readonly name: string; readonly kind: string; readonly verbs: string }[];
}

export interface RecordedGroup {
  readonly name: string;
  readonly versions: readonly string[];
  readonly preferred: string;
}

export function readFacts(folder: URL): Facts {
  const read = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
  return {
    schema: read('schema'),
    resources: read('resources'),
    groups: read('groups'),
    columns: read('columns'),
    fieldSelectors: read('field-selectors'),
  };
}

/** Where a definition's interface lives and what it is called, e.g. `core/v1` and `Pod`. */
export interface Home {
  readonly folder: string;
  readonly name: string;
}

/** Absent for definitions that become no interface of their own (quantities, times, raw JSON). */
export function homeOf(definition: string): Home | undefined {
  const own =
    /^io\.k8s\.(?:api|(?:apiextensions-apiserver|kube-aggregator|apimachinery)\.pkg\.apis)\.([a-z]+)\.(v\w+)\.(\w+)$/;
  const match = own.exec(definition);
  return match ? { folder: `${match[1]}/${match[2]}`, name: match[3]! } : undefined;
}

/** `core/v1` for the core group, else the first label of the group and the version. */
export function folderOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return `${group === '' ? 'core' : group.split('.')[0]}/${version}`;
}

/** The plural of the kind, cased like the kind: `NetworkPolicies`; `EndpointsResource` where the plural is the kind. */
export function constantNameOf({ kind, resource }: Pick<RecordedResource, 'kind' | 'resource'>): string {
  if (kind.toLowerCase() === resource) return `${kind}Resource`;
  let common = 0;
  while (kind[common]?.toLowerCase() === resource[common]) common++;
  return kind.slice(0, common) + resource.slice(common);
}

/** `pods.v1`, `deployments.v1.apps`: how the facts name a resource. */
export function factsKeyOf({ group, version, resource }: RecordedResource): string {
  return group === '' ? `${resource}.${version}` : `${resource}.${version}.${group}`;
}

/** The schema definition of a served kind. */
export function definitionOf(facts: Facts, { group, version, kind }: RecordedResource): string {
  const gvk = `${group}/${version}/${kind}`;
  const found = Object.entries(facts.schema).find(([, shape]) => shape.gvk?.includes(gvk));
  if (!found) throw new Error(`Cannot find the definition of ${gvk} in facts/schema.json`);
  return found[0];
}
