import type { Schema } from '../apimachinery/schema.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** What is known of one served resource; of Kubernetes' own it is recorded. */
export interface ResourceFacts {
  readonly type: ResourceType;
  readonly verbs: readonly Verb[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly SubresourceFacts[];
  /** The columns of its Table, Name and Age included, in order. */
  readonly columns: readonly ColumnFacts[];
  readonly fieldSelectors: readonly string[];
  /** The definitions of a kind that is not recorded, that of its list among them; they may refer to recorded ones. */
  readonly schema?: Schema;
  /** The `apiVersion` in which its objects are stored, where that is another. */
  readonly storageVersion?: string;
  /** The kind of its lists, where that is not its own with `List`. */
  readonly listKind?: string;
}

export interface SubresourceFacts {
  readonly name: string;
  /** Set where the kind is of another group or version than the resource. */
  readonly group?: string;
  readonly version?: string;
  /** The kind that is sent: `Scale`, `PodExecOptions`, or the resource's own. */
  readonly kind: string;
  readonly verbs: readonly Verb[];
}

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  /** 0 is always shown, 1 only in wide output. */
  readonly priority: number;
  /** What clients are told of it, where no field is described that it shows. */
  readonly description?: string;
}

export interface GroupFacts {
  readonly name: string;
  /** Preferred first. */
  readonly versions: readonly string[];
  readonly preferred: string;
}
