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
  /** Private copy on CREATE and UPDATE: `mutate` may change it. */
  readonly object?: KubeObject;
  readonly old?: Readonly<KubeObject>;
  /** CreateOptions, DeleteOptions, PodExecOptions, …. */
  readonly options?: unknown;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Adds a text to the `Warning` header. */
  warn(text: string): void;
}

/** Throws StatusError to refuse (usually Forbidden). Both stages are optional. */
export interface AdmissionPlugin {
  readonly name: string;
  mutate?(request: AdmissionRequest, context: ServerContext): void | Promise<void>;
  validate?(request: AdmissionRequest, context: ServerContext): void | Promise<void>;
}
