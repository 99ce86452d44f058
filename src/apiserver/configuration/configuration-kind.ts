import type { Schema } from '../../apimachinery/schema.ts';
import type { FieldError } from '../../apimachinery/validation.ts';

/** One of Kubernetes' kinds of configuration: what its documents look like, and what they may say. */
export interface ConfigurationKind<T extends object> {
  readonly kind: string;
  /** `apiserver.config.k8s.io/v1`; all have the same fields. */
  readonly apiVersions: readonly string[];
  /** Has a definition of the kind's name. Fields that it does not have are refused. */
  readonly schema: Schema;
  /** Fills in what a document leaves out. */
  defaults?(document: T): void;
  /** In the words and order of Kubernetes. */
  validate(document: Readonly<T>): FieldError[];
}

/** The fields by which a document says what it is. */
export const typeFields = { apiVersion: { type: 'string' }, kind: { type: 'string' } } as const;
