import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { UserInfo } from '../auth/auth.ts';
import type { ServerContext } from '../context.ts';
import type { Body } from './operation.ts';

/**
 * A kind that is answered and never stored: a client creates a question, and gets it back with the answer in it. The
 * generic code decodes it, checks kind, version and namespace as for stored kinds, calls `defaults`, notes managed
 * fields on the draft, and then calls `create`.
 */
export interface VirtualResource<T extends KubeObject = any> {
  readonly type: ResourceType<T>;
  /** Set where the kind is taken by a subresource of a stored kind: `token` of service accounts. */
  readonly parent?: { readonly type: ResourceType; readonly subresource: string };
  /** Fills unset fields of a private copy. */
  defaults?(draft: T): void;
  /** The answer; may be the draft, changed. Throws StatusError to refuse. */
  create(draft: T, request: VirtualRequest): T | Promise<T>;
}

export interface VirtualRequest {
  readonly user: UserInfo;
  /** From the path; absent for kinds of the cluster. */
  readonly namespace?: string;
  /** Name of the parent object, for subresources. */
  readonly name?: string;
  readonly dryRun: boolean;
  readonly context: ServerContext;
}

/** A question as it came. */
export interface VirtualCall {
  readonly user: UserInfo;
  readonly body: Body;
  readonly namespace?: string;
  readonly name?: string;
  readonly options: Readonly<Record<string, string | undefined>>;
  /** Names the field manager where the request does not. */
  readonly userAgent: string;
  warn(text: string): void;
}
