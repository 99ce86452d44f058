import { forbidden, invalid, type FieldError } from '../../../apimachinery/validation.ts';
import type { Steps } from '../../../base/in-steps.ts';
import { conversionProblem } from '../../schema/conversion-problem.ts';
import { defaultErrors } from '../../schema/default-values.ts';
import { fillDefaults, mostFilled } from '../../schema/fill.ts';
import type { JsonSchema } from '../../schema/json-schema.ts';
import { structuralErrors } from '../../schema/structural.ts';
import type { RuleChecks } from '../../schema/rule-checks.ts';
import { keywordErrors, type SchemaRules } from './schema-check.ts';

export interface WholeSchemaRules extends SchemaRules {
  readonly requireStructural: boolean;
  readonly requirePrunedDefaults: boolean;
}

/** What is wrong with the schema of a version, or of all. `hasStatus`: whether the status is written by itself. In steps. */
export function* schemaErrors(
  schema: JsonSchema,
  path: string,
  hasStatus: boolean,
  rules: WholeSchemaRules,
  rulesOf?: (root: JsonSchema) => RuleChecks,
): Steps<FieldError[]> {
  const errors = hasStatus ? rootErrors(schema, path) : [];
  if (schema.nullable === true) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
  const problem = rules.requireStructural ? conversionProblem(schema) : undefined;
  yield;
  let checks: RuleChecks | undefined;
  if (rules.requireStructural && problem === undefined) {
    const wrong = structuralErrors(schema, path);
    yield;
    if (wrong.length === 0) {
      const made = rulesOf?.(schema);
      const wrongDefaults = defaultErrors(schema, path, {
        requirePruned: rules.requirePrunedDefaults,
        ...(made === undefined ? {} : { check: made.checkDefault }),
      });
      yield;
      errors.push(...wrongDefaults);
      if (wrongDefaults.length === 0) checks = made;
      if (!fillDefaults({}, schema))
        errors.push(forbidden(path, `defaults must bring at most ${mostFilled} values to an empty object`));
    }
    errors.push(...wrong);
    yield;
  }
  errors.push(...(yield* keywordErrors(schema, path, rules, checks?.check)));
  if (errors.length === 0 && problem !== undefined) errors.push(invalid(path, '', problem));
  errors.push(...(checks?.total(path) ?? []));
  return errors;
}

/** In the order in which Kubernetes looks at the keywords, with the names that it has for them. */
const keywords = [
  ['id', 'ID'],
  ['$schema', 'Schema'],
  ['$ref', 'Ref'],
  ['description', 'Description'],
  ['type', 'Type'],
  ['nullable', 'Nullable'],
  ['format', 'Format'],
  ['title', 'Title'],
  ['default', 'Default'],
  ['maximum', 'Maximum'],
  ['exclusiveMaximum', 'ExclusiveMaximum'],
  ['minimum', 'Minimum'],
  ['exclusiveMinimum', 'ExclusiveMinimum'],
  ['maxLength', 'MaxLength'],
  ['minLength', 'MinLength'],
  ['pattern', 'Pattern'],
  ['maxItems', 'MaxItems'],
  ['minItems', 'MinItems'],
  ['uniqueItems', 'UniqueItems'],
  ['multipleOf', 'MultipleOf'],
  ['enum', 'Enum'],
  ['maxProperties', 'MaxProperties'],
  ['minProperties', 'MinProperties'],
  ['required', 'Required'],
  ['items', 'Items'],
  ['allOf', 'AllOf'],
  ['oneOf', 'OneOf'],
  ['anyOf', 'AnyOf'],
  ['not', 'Not'],
  ['properties', 'Properties'],
  ['additionalProperties', 'AdditionalProperties'],
  ['patternProperties', 'PatternProperties'],
  ['dependencies', 'Dependencies'],
  ['additionalItems', 'AdditionalItems'],
  ['definitions', 'Definitions'],
  ['externalDocs', 'ExternalDocs'],
  ['example', 'Example'],
  ['x-kubernetes-preserve-unknown-fields', 'XPreserveUnknownFields'],
  ['x-kubernetes-embedded-resource', 'XEmbeddedResource'],
  ['x-kubernetes-int-or-string', 'XIntOrString'],
  ['x-kubernetes-list-map-keys', 'XListMapKeys'],
  ['x-kubernetes-list-type', 'XListType'],
  ['x-kubernetes-map-type', 'XMapType'],
  ['x-kubernetes-validations', 'XValidations'],
] as const;

const allowedAtRoot =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';

/** The schema of the status is taken out of a schema that may have no more at its root than this. */
function rootErrors(schema: JsonSchema, path: string): FieldError[] {
  const allowed = allowedAtRoot.split(' ');
  for (const [name, inner] of keywords) {
    const value = schema[name];
    if (value === undefined || value === '' || isEmptyList(value)) continue;
    // The others may be a schema as well, and say something where they are false.
    if (value === false && !name.startsWith('additional')) continue;
    if (name === 'type') {
      if (value === 'object') continue;
      const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      return [invalid(`${path}.type`, value, why)];
    }
    if (allowed.includes(inner)) continue;
    const why = `only [${allowedAtRoot}] fields are allowed at the root of the schema if the status subresource is enabled`;
    return [invalid(path, schema, why)];
  }
  return [];
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
