import type { FieldError } from '../../apimachinery/validation.ts';
import type { Steps } from '../../base/in-steps.ts';
import type { DefaultCheck } from './default-values.ts';
import type { JsonSchema } from './json-schema.ts';

/**
 * Looks at the rules of a schema that is right in all else. `uncorrelated`: the path of the first schema above it whose
 * parts cannot be told apart before and after a write.
 */
export type RuleCheck = (schema: JsonSchema, path: string, uncorrelated: string | undefined) => Steps<FieldError[]>;

/** Looks at the rules of one schema as a whole. */
export interface RuleChecks {
  readonly check: RuleCheck;
  readonly checkDefault: DefaultCheck;
  /** What is wrong with all of them together, when each has been looked at. */
  total(path: string): FieldError[];
}
