import type { CustomResourceDefinitionSpec } from '../../../api/apiextensions/v1/types.ts';
import { conversionProblem } from '../../schema/conversion-problem.ts';
import { defaultErrors } from '../../schema/default-values.ts';
import { someSchema, type JsonSchema } from '../../schema/json-schema.ts';
import { structuralErrors } from '../../schema/structural.ts';
import { isDivisibleSet, mapKeyErrors } from './list-type-checks.ts';

/** What is wrong with a stored definition that is no longer accepted in new ones. */
export interface KnownFaults {
  readonly lacksSchema: boolean;
  readonly isNotStructural: boolean;
  readonly hasUnprunedDefaults: boolean;
  readonly hasOddTypes: boolean;
  readonly hasDivisibleSets: boolean;
  readonly hasOddKeys: boolean;
}

const types: ReadonlySet<string> = new Set(['array', 'boolean', 'integer', 'number', 'object', 'string']);
const known = new WeakMap<object, KnownFaults>();

export function knownFaults(spec: Readonly<CustomResourceDefinitionSpec>): KnownFaults {
  const found = known.get(spec);
  if (found !== undefined) return found;
  const roots = spec.versions.map(({ schema }) => schema?.openAPIV3Schema);
  const some = (isSuch: (schema: JsonSchema) => boolean) =>
    roots.some((root) => root !== undefined && someSchema(root, isSuch));
  const isStructural = (root: JsonSchema) =>
    conversionProblem(root) === undefined && structuralErrors(root, '').length === 0;
  const faults: KnownFaults = {
    lacksSchema: roots.some((root) => root === undefined),
    isNotStructural: roots.some((root) => root !== undefined && !isStructural(root)),
    hasUnprunedDefaults: roots.some(
      (root) =>
        root !== undefined &&
        isStructural(root) &&
        defaultErrors(root, '', { requirePruned: true }).some(({ message }) => message.endsWith('unknown fields')),
    ),
    hasOddTypes: some(({ type = '' }) => type !== '' && !types.has(type)),
    hasDivisibleSets: some(isDivisibleSet),
    hasOddKeys: some((schema) => mapKeyErrors(schema, '').length > 0),
  };
  known.set(spec, faults);
  return faults;
}
