import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { UserInfo } from '../auth/auth.ts';
import type { ServerContext } from '../context.ts';

/** One write as admission sees it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly name: string;
  readonly subresource?: string;
  /**
   * Private copy on CREATE and UPDATE: `mutate` may change it, the later phases must not. On CONNECT the options:
   * PodExecOptions, …, without metadata.
   */
  readonly object?: KubeObject;
  readonly old?: Readonly<KubeObject>;
  /** CreateOptions, DeleteOptions, …. */
  readonly options?: unknown;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** The mutating phase runs for the second time, because a plugin that came later has patched the object. */
  readonly isReinvocation?: boolean;
  /** In the second round: what the plugin has noted in the first, and whether the object is another than that round left. */
  readonly firstRound?: { readonly note: unknown; readonly isChanged: boolean };
  /** When the request is given up, on the monotonic clock, in milliseconds; absent: never. */
  givenUpAt?(): number;
  /** Adds a text to the `Warning` header. */
  warn(text: string): void;
  /** Tells audit something of the request, or how to say it, where somebody wants to know; `key` has a domain. */
  annotate(key: string, value: string | (() => string)): void;
}

/** A change as a webhook answers it: a JSON patch (RFC 6902) of `request.object`. */
export interface AdmissionPatch {
  readonly patch: readonly unknown[];
  /** What the plugin is told in the second round, if there is one. */
  readonly note?: unknown;
}

/**
 * A say in what is written. Each method is a phase; all plugins finish one before the next begins (docs/adr/0022). Any
 * of them throws StatusError to refuse, usually Forbidden.
 */
export interface AdmissionPlugin {
  readonly name: string;
  /** Changes `request.object` in place, or answers a patch; what was patched is decoded and gets its defaults again. */
  mutate?(request: AdmissionRequest, context: ServerContext): Mutation | Promise<Mutation>;
  /** Sees the very object that is to be stored. For what nobody may get around: rights, who owns a node. */
  guard?(request: AdmissionRequest, context: ServerContext): void | Promise<void>;
  /** The last word on an object that is valid. Those that wait, wait at the same time. */
  validate?(request: AdmissionRequest, context: ServerContext): void | Promise<void>;
  /** Takes what the write will use, when everybody has agreed to it. Nothing but the store can refuse it any more. */
  reserve?(request: AdmissionRequest, context: ServerContext): void | Promise<void>;
}

export type Mutation = AdmissionPatch | undefined | void;
