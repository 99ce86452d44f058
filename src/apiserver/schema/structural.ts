import { forbidden, fieldErrorText, invalid, required, type FieldError } from '../../apimachinery/validation.ts';
import { completenessErrors } from './completeness.ts';
import {
  additionalSchema,
  isEmbedded,
  itemSchema,
  keepsUnknown,
  propertySchema,
  type JsonSchema,
} from './json-schema.ts';
import { patternProblem } from './pattern.ts';
import { child, index, key } from './paths.ts';

type Errors = FieldError[];
type Level = 'root' | 'item' | 'field';

/**
 * Why a schema is not structural: it must tell the type of every value outside of the keywords that only restrict
 * (`allOf`, `anyOf`, `oneOf`, `not`). In the order of the texts. (Extend the Kubernetes API with
 * CustomResourceDefinitions, "Specifying a structural schema".)
 */
export function structuralErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: Errors = [];
  checkInvariants(errors, schema, 'root', path);
  errors.push(...completenessErrors(schema, path));
  return errors
    .map((error) => ({ error, text: fieldErrorText(error) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ error }) => error);
}

function checkInvariants(errors: Errors, schema: JsonSchema, level: Level, path: string): void {
  const { properties = {}, additionalProperties } = schema;
  const type = schema.type ?? '';
  const items = itemSchema(schema);
  if (type === 'array' && items === undefined) errors.push(required(child(path, 'items'), 'must be specified'));
  if (items !== undefined) checkInvariants(errors, items, 'item', child(path, 'items'));
  for (const name in properties)
    checkInvariants(errors, properties[name]!, 'field', key(child(path, 'properties'), name));
  if (additionalProperties !== undefined) {
    const at = child(path, 'additionalProperties');
    if (level === 'root') errors.push(forbidden(at, 'must not be used at the root'));
    const rest = additionalSchema(schema);
    if (rest !== undefined) checkInvariants(errors, rest, 'field', at);
  }
  checkExtensions(errors, schema, path);
  checkValueValidation(errors, schema, path, {
    anyOf: isNumberOrText(schema.anyOf),
    firstOfAll: isNumberOrText(schema.allOf?.[0]?.anyOf),
  });
  checkType(errors, schema, level, path);
  checkMetadata(errors, schema, level, path);
  if (isEmbedded(schema) && !keepsUnknown(schema) && Object.keys(properties).length === 0)
    errors.push(
      required(
        child(path, 'properties'),
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
}

const emptyTypes: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function checkType(errors: Errors, schema: JsonSchema, level: Level, path: string): void {
  const type = schema.type ?? '';
  const at = child(path, 'type');
  if (isEmbedded(schema) && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(at, why) : invalid(at, type, why));
  } else if (type === '' && schema['x-kubernetes-int-or-string'] !== true && !keepsUnknown(schema))
    errors.push(required(at, emptyTypes[level]));
  if (isEmbedded(schema) && schema.additionalProperties !== undefined)
    errors.push(
      forbidden(child(path, 'additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'),
    );
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(invalid(at, type, 'must be object at the root'));
}

/** What an object says of itself is known: a schema may restrict its names, and no more. */
function checkMetadata(errors: Errors, schema: JsonSchema, level: Level, path: string): void {
  const isObjectRoot = level === 'root' || isEmbedded(schema);
  const properties = child(path, 'properties');
  for (const name of ['kind', 'apiVersion']) {
    const own = propertySchema(schema, name);
    if (isObjectRoot && own !== undefined && own.type !== 'string')
      errors.push(invalid(child(key(properties, name), 'type'), own.type ?? '', 'must be string'));
  }
  const metadata = propertySchema(schema, 'metadata');
  if (metadata === undefined) return;
  const at = key(properties, 'metadata');
  if (isObjectRoot && metadata.type !== 'object')
    errors.push(invalid(child(at, 'type'), metadata.type ?? '', 'must be object'));
  if (level === 'root' && restrictsMore(metadata))
    errors.push(
      forbidden(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'),
    );
}

function restrictsMore({ type: _type, default: _default, properties = {}, ...others }: JsonSchema): boolean {
  const isOther = (name: string) => name !== 'name' && name !== 'generateName';
  return Object.keys(properties).some(isOther) || Object.values(others).some((value) => !meansNothing(value));
}

function meansNothing(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === '' || value === false;
}

/** `anyOf: [{type: integer}, {type: string}]`, which int-or-string may have although it tells types. */
function isNumberOrText(anyOf: JsonSchema['anyOf']): boolean {
  if (anyOf?.length !== 2) return false;
  return anyOf.every((one, at) => {
    const names = Object.keys(one);
    return names.length === 1 && one.type === (at === 0 ? 'integer' : 'string');
  });
}

function checkExtensions(errors: Errors, schema: JsonSchema, path: string): void {
  if (schema['x-kubernetes-int-or-string'] !== true) return;
  const why = 'must be false if x-kubernetes-int-or-string is true';
  for (const name of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    if (schema[name] === true) errors.push(invalid(child(path, name), true, why));
}

/** Which `anyOf` tells of int-or-string, and so may have types. */
interface Skipped {
  readonly anyOf: boolean;
  readonly firstOfAll: boolean;
}

const nothingSkipped: Skipped = { anyOf: false, firstOfAll: false };

function checkValueValidation(errors: Errors, schema: JsonSchema, path: string, skipped: Skipped): void {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern = '' } = schema;
  if (!skipped.anyOf)
    for (const [at, one] of anyOf.entries()) checkNested(errors, one, index(child(path, 'anyOf'), at), nothingSkipped);
  for (const [at, one] of allOf.entries())
    checkNested(errors, one, index(child(path, 'allOf'), at), {
      anyOf: skipped.firstOfAll && at === 0,
      firstOfAll: false,
    });
  for (const [at, one] of oneOf.entries()) checkNested(errors, one, index(child(path, 'oneOf'), at), nothingSkipped);
  if (not !== undefined) checkNested(errors, not, child(path, 'not'), nothingSkipped);
  const problem = pattern === '' ? undefined : patternProblem(pattern);
  if (problem !== undefined)
    errors.push(invalid(child(path, 'pattern'), pattern, `must be a valid regular expression, but isn't: ${problem}`));
}

const forbiddenWhenNested = [
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
] as const;

function checkNested(errors: Errors, schema: JsonSchema, path: string, skipped: Skipped): void {
  checkValueValidation(errors, schema, path, skipped);
  const items = itemSchema(schema);
  if (items !== undefined) checkNested(errors, items, child(path, 'items'), nothingSkipped);
  const { properties = {}, additionalProperties } = schema;
  for (const name in properties)
    checkNested(errors, properties[name]!, key(child(path, 'properties'), name), nothingSkipped);
  if (schema.type) errors.push(forbidden(child(path, 'type'), 'must be empty to be structural'));
  if (additionalProperties !== undefined && additionalProperties !== false)
    errors.push(forbidden(child(path, 'additionalProperties'), 'must be undefined to be structural'));
  for (const [name, why] of forbiddenWhenNested)
    if (!meansNothing(schema[name]) || (name === 'default' && schema.default !== undefined))
      errors.push(forbidden(child(path, name), why));
  if (propertySchema(schema, 'metadata') !== undefined)
    errors.push(forbidden(key(child(path, 'properties'), 'metadata'), 'must not be specified in a nested context'));
}
