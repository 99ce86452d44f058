import type { KubeObject } from '../../apimachinery/object.ts';
import type { FieldError } from '../../apimachinery/validation.ts';
import type { ImmediateAuthorizer, UserInfo } from '../auth/auth.ts';
import type { ServerContext } from '../context.ts';
import type { Steps } from '../../base/in-steps.ts';

/**
 * What a kind does with its objects when they are written. The generic handlers own the order: decode → `defaults` →
 * managed fields → mutating admission → `prepareFor…` → guards → `validate` → validating admission → the allocator →
 * commit.
 * Metadata (names, labels, owner references, finalizers) is checked for every kind by the generic code.
 *
 * The names are those of upstream's strategies (`k8s.io/apiserver/pkg/registry/rest`), where there is one.
 */
export interface Strategy<T extends KubeObject = any> {
  /** What a name must look like (default: a DNS subdomain). Answers complaints without the field, as in Kubernetes. */
  readonly nameRule?: (name: string, prefix: boolean) => string[];
  /** Whether a PUT of an object that does not exist creates it (default: no). */
  readonly allowCreateOnUpdate?: boolean;
  /** Whether a PUT without `resourceVersion` overwrites whatever is there (default: yes); otherwise it is Invalid. */
  readonly allowUnconditionalUpdate?: boolean;
  /**
   * Whether changes outside metadata and status raise `metadata.generation` (default: of kinds with a spec and a
   * status).
   */
  readonly hasGeneration?: boolean;
  /**
   * What a delete that says nothing does with dependents (default: the garbage collector deletes them), or that no delete
   * can say anything.
   */
  readonly garbageCollection?: 'orphan' | 'unsupported';
  /** The warning that such a delete gets (default: none). */
  readonly deletionWarning?: string;
  /** What of the metadata raises `metadata.generation` as well (default: nothing). */
  readonly generationCounts?: 'annotations' | 'labels';
  /** Whether the status is a part of what raises `metadata.generation`: it is written together with the rest. */
  readonly countsStatus?: boolean;
  /** Whether finalizers may be names without a domain, and not only Kubernetes' own (default: no). */
  readonly anyFinalizer?: boolean;
  /** Whether wrong metadata of an update is told once, and not by the generic code and the kind (default: no). */
  readonly checksMetadataOnce?: boolean;
  /** Paths that the main endpoint does not write, beside the status: nobody comes to own them there. */
  readonly ignores?: readonly string[];
  /** Whether a create may bring a status (nodes register with theirs); it is cleared otherwise. */
  readonly keepsStatusOnCreate?: boolean;
  /** Whether a delete that was carried out at once answers the object instead of a Status. */
  readonly returnDeletedObject?: boolean;
  /**
   * Whether `defaults`, `prepareForUpdate` and admission can take a spec or a status that is frozen, because it is the
   * stored one as it was. It has its defaults then.
   */
  readonly takesFrozen?: boolean;
  /** Fills unset fields of a private copy. Runs on every write and before validation; must be idempotent. */
  defaults?(draft: T): void;
  /** Runs after defaults and admission on a private copy, whose status was cleared already. */
  prepareForCreate?(draft: T, context: ServerContext, user: UserInfo): void;
  /** The same for a write through the main endpoint. `generation` is raised by the generic code. */
  prepareForUpdate?(draft: T, old: Readonly<T>, context: ServerContext): void;
  /**
   * Of an object that is large: looks at what takes long to check, ahead of `validate` and in several turns of the event
   * loop. What it finds is for `validate`, which gets the very same object.
   */
  examine?(object: Readonly<T>, nextTurn: () => Promise<void>): Promise<void>;
  /** All errors of a create (`old` absent) or of an update through the main endpoint. Must not change its arguments. */
  validate?(object: Readonly<T>, old: Readonly<T> | undefined, context: ServerContext): FieldError[];
  /**
   * What comes behind `validate`, whose errors it is given: rules that may take long however small the object is. In steps,
   * as others have their turn between them.
   */
  validateRules?(object: Readonly<T>, old: Readonly<T> | undefined, errors: readonly FieldError[]): Steps<FieldError[]>;
  /** Brings what is valid into the form in which it is stored. Runs at the end of a create. */
  canonicalize?(draft: T): void;
  /** Texts for the `Warning` header. */
  warnings?(object: Readonly<T>, old: Readonly<T> | undefined): string[];
  /** Writes through `/status`, which only has a say in the status. */
  readonly status?: StatusStrategy<T>;
  /**
   * How long a delete waits for an owner of the object on a node, in seconds; 0 deletes at once. `requested` is from
   * DeleteOptions.
   */
  gracePeriod?(object: Readonly<T>, requested: number | undefined): number;
  /** Whether a delete may go ahead; throws StatusError. */
  beforeDelete?(object: Readonly<T>, context: ServerContext): void;
  /** Changes the object when its deletion begins (a namespace becomes Terminating). */
  beginDeletion?(draft: T): void;
  /** What besides `metadata.finalizers` keeps a deleted object from going (the finalizers in a namespace's spec). */
  isHeld?(object: Readonly<T>): boolean;
}

export interface StatusStrategy<T extends KubeObject = any> {
  /** What of the metadata `/status` does not write, beside what it never writes; nobody comes to own it there. */
  readonly keepsMetadata?: readonly ('labels' | 'annotations' | 'finalizers' | 'ownerReferences')[];
  /** The generic code has put back everything but status, labels, annotations and what tells of owners. */
  prepareForUpdate?(draft: T, old: Readonly<T>, context: ServerContext): void;
  validate?(object: Readonly<T>, old: Readonly<T>, writer: StatusWriter): FieldError[];
  /** As in {@link Strategy}. */
  validateRules?(object: Readonly<T>, old: Readonly<T>, errors: readonly FieldError[]): Steps<FieldError[]>;
}

/** Who writes a status, for kinds where not everybody who may do so may write all of it. */
export interface StatusWriter {
  readonly context: ServerContext;
  readonly user: UserInfo;
  readonly authorizer: ImmediateAuthorizer;
  /** `update` or `patch`. */
  readonly verb: string;
}
