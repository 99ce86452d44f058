import type { KubeObject } from './object.ts';
import type { ResourceType } from './resource-type.ts';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/**
 * Why a controller writes: its name, and the object (`kind namespace/name`) and revision that it reacted to. Audit is
 * told.
 */
export interface Cause {
  readonly controller?: string;
  readonly object?: string;
  readonly revision?: number;
}

/** One call of the API, whatever carries it: HTTP or a function call in the same process. */
export interface ApiRequest {
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'watch';
  readonly type: ResourceType;
  /** Absent for cluster-scoped kinds, and for lists and watches across namespaces. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** Query parameters under their Kubernetes names: `labelSelector`, `limit`, `fieldManager`, `dryRun`, … */
  readonly options?: Readonly<Record<string, string | undefined>>;
  /** The object (create, update), the DeleteOptions (delete) or the patch document (patch). Not changed by the callee. */
  readonly body?: unknown;
  readonly patchType?: PatchType;
  readonly cause?: Cause;
}

/** The HTTP method of each verb (API concepts, "API verbs"). */
export const methodOfVerb = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
} as const satisfies Record<ApiRequest['verb'], string>;

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** `object` carries only kind, apiVersion and metadata.resourceVersion. */
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject };

/**
 * Carries calls to an API server. Results are frozen. A refusal rejects with `StatusError`.
 * Two implementations: in the server's own process, and over HTTPS.
 */
export interface Transport {
  /** The object, the list, or the Status that the server answers with. */
  call(request: ApiRequest): Promise<unknown>;
  /** Ends when `signal` aborts or the server closes the stream; an ERROR event is thrown as `StatusError`. */
  watch(request: ApiRequest, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /**
   * Creates each of `objects`, all of the kind and namespace of the request, as if it were called for: but they are taken
   * over, not copied, so they must have names, fit their type and be nobody else's. Answers who was refused, and why, in
   * their order. Absent where it would save nothing.
   */
  createAll?(request: ApiRequest, objects: readonly KubeObject[]): Promise<readonly (Error | undefined)[]>;
}
