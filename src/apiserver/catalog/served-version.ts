import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { Schema } from '../../apimachinery/schema.ts';
import type { Structure } from '../../apimachinery/structure.ts';
import type { KindForm } from '../cache/cached-object.ts';
import type { ResourceDefinition } from '../rest/resource.ts';

/** A kind as clients see it in one version: what is special about it, what is known of it, and how it is stored. */
export interface ServedVersion<T extends KubeObject = any> extends Omit<
  ResourceDefinition<T>,
  'storage' | 'asyncStorage'
> {
  readonly apiVersion: string;
  readonly facts: ResourceFacts;
  /** Holds the definition `type.definition`, and all that it refers to. */
  readonly schema: Schema;
  /** What its objects look like; compiled on first use. */
  readonly structure: Structure;
  /** Whether the kind is one of Kubernetes' own: only these have strategic merge patches and a protobuf form. */
  readonly isBuiltIn: boolean;
  /** Absent where nothing is stored. */
  readonly stored: StoredKind | undefined;
  /** Of the keys of its objects: `/registry/pods/`; empty where nothing is stored. */
  readonly prefix: string;
  /** How the cache makes an object of this version out of stored bytes. */
  readonly form: KindForm;
}

/** Objects that are kept under one prefix in one form, and served in one version or several. */
export interface StoredKind {
  /** `/registry/pods/` */
  readonly prefix: string;
  /** The `apiVersion` in which objects are written to the store. */
  readonly storageVersion: string;
  /** Whether the bytes in the store say their `apiVersion`, as some may have been written in another one. */
  readonly isLabelled?: boolean;
  readonly versions: readonly ServedVersion[];
  /**
   * The object as it is stored; one that does not say its version is in the storage version. Never changes its argument,
   * but may share parts with it. A promise where somebody else converts.
   */
  toStorage(object: KubeObject): KubeObject | Promise<KubeObject>;
  /** The same for any of its versions: many objects, which say theirs, in their order, all or none. */
  convert(objects: readonly KubeObject[], apiVersion: string): Converted;
}

/** Objects in another version, at once or later. */
export type Converted = readonly KubeObject[] | Promise<readonly KubeObject[]>;

export function storageKey({ prefix }: ServedVersion, namespace: string | undefined, name: string): string {
  return namespace === undefined ? prefix + name : `${prefix}${namespace}/${name}`;
}

/** Whether the kind has a status subresource, so that its main endpoint leaves status alone. */
export function hasStatus({ facts }: ServedVersion): boolean {
  return facts.subresources.some(({ name }) => name === 'status');
}
