import type { JsonText } from '../../apimachinery/decode/json-text.ts';
import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import type { ApiRequest } from '../../apimachinery/request.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Compactor } from '../../store/compactor.ts';
import type { LeaseReuse } from '../../store/lease-reuse.ts';
import type { Revision, Store } from '../../store/store.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';
import type { AdmissionTallies } from '../admission/admission-tallies.ts';
import type { Authorizer, UserInfo } from '../auth/auth.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import type { WatchCache } from '../cache/watch-cache.ts';
import type { ServerContext } from '../context.ts';
import type { Catalogs } from '../catalog/catalogs.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { Selectors } from '../request/selectors.ts';

/** What the REST operations work on. */
export interface Core {
  readonly store: Store;
  readonly leases: LeaseReuse;
  /** Knows which revisions are gone. */
  readonly compactor: Compactor;
  readonly cache: WatchCache;
  readonly catalogs: Catalogs;
  readonly admission: readonly AdmissionPlugin[];
  readonly admissionTallies: AdmissionTallies;
  /** For what turns out to be more than the request said. */
  readonly authorizer: Authorizer;
  readonly context: ServerContext;
  /** Whether what is stored under a key would be encrypted in another way now; absent where nothing is encrypted. */
  readonly isStale?: (key: string) => Promise<boolean>;
}

/** The bytes of a body that has not been decoded yet, or a value that a caller in this process gave. */
export type Body =
  | {
      readonly bytes: Uint8Array;
      readonly mediaType: string;
      /** Where they are JSON and much of it, they have been read already; each call gives what may be changed. */
      readonly json?: () => JsonText;
      /** The bytes as JSON, where they are YAML and a thread has read them already. */
      readonly yaml?: ReadYaml;
    }
  | { readonly value: unknown };

/** YAML as JSON text, with what is odd about it, or why it is none. */
export type ReadYaml =
  | { readonly json: () => JsonText; readonly repeated: readonly string[] }
  | { readonly refusal: string };

/** One authorised request on its way through the REST operations. */
export interface Operation {
  readonly request: Omit<ApiRequest, 'body' | 'cause'>;
  /** Of lists, watches and deletions of collections. */
  readonly selectors: Selectors;
  readonly served: ServedVersion;
  readonly user: UserInfo;
  /** Names the field manager where the request does not. */
  readonly userAgent: string;
  readonly body: Body | undefined;
  /**
   * Of a write of much: waits for the next turn of the event loop. Asked between any two steps that walk through the
   * object (docs/adr/0029).
   */
  readonly nextTurn?: () => Promise<void>;
  /** What audit is told besides; absent where nobody hears of it. */
  readonly annotations?: Map<string, string> | undefined;
  /** Adds a text to the `Warning` header. */
  warn(text: string): void;
}

export type Answer =
  | {
      readonly kind: 'object';
      readonly code: number;
      readonly served: ServedVersion;
      readonly object: CachedObject | Readonly<KubeObject>;
      /** Whether it is much that is stored nowhere: its text is made in steps. */
      readonly isLarge?: boolean;
    }
  | {
      readonly kind: 'list';
      readonly served: ServedVersion;
      readonly entries: readonly CachedObject[];
      readonly revision: Revision;
      readonly continue?: string;
      readonly remaining?: number;
    }
  /** A list of what is nowhere stored, so that it has no version. */
  | { readonly kind: 'measured'; readonly served: ServedVersion; readonly objects: readonly Readonly<KubeObject>[] }
  /** A Status, a Scale, a review: sent as it is. */
  | { readonly kind: 'value'; readonly code: number; readonly value: object };

export function optionOf({ request }: Pick<Operation, 'request'>, name: string): string | undefined {
  return request.options?.[name];
}

/** The name in the path. */
function nameOf({ request }: Operation): string {
  if (request.name === undefined) throw refused.methodNotAllowed();
  return request.name;
}

export function keyOfOperation(operation: Operation): ObjectKey {
  const { namespace } = operation.request;
  const name = nameOf(operation);
  return namespace === undefined ? { name } : { namespace, name };
}

/** The manager of fields that a request writes: the one that it names, else the product in its User-Agent. */
export function fieldManagerOf(named: string | undefined, userAgent: string): string {
  if (named !== undefined && named !== '') return named;
  const product = userAgent.split('/')[0]!.trim();
  return (product === '' ? 'unknown' : product).slice(0, 128);
}

export function isDryRun(operation: Operation): boolean {
  return optionOf(operation, 'dryRun') === 'All';
}
