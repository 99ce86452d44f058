import { cloneJson } from '../../apimachinery/clone.ts';
import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import type { JsonObject } from '../../apimachinery/patch/json-value.ts';
import { fieldErrorText, invalid, type FieldError } from '../../apimachinery/validation.ts';
import { embeddedErrors, shapeEmbedded } from './embedded-metadata.ts';
import { isEmbedded, itemSchema, metaFields, type JsonSchema } from './json-schema.ts';
import { child, key } from './paths.ts';
import { prune } from './prune.ts';
import { valueErrors } from './value-check.ts';

/** Further demands on a default, such as the rules of its schema. */
export type DefaultCheck = (value: unknown, schema: JsonSchema, path: string) => FieldError[];

/**
 * What is wrong with the defaults in a schema: each must fulfil its own schema and hold nothing that this does not know.
 * Not in `additionalProperties`, where defaults are for nothing.
 */
export function defaultErrors(
  schema: JsonSchema,
  path: string,
  { requirePruned, check }: { readonly requirePruned: boolean; readonly check?: DefaultCheck },
): FieldError[] {
  const errors: FieldError[] = [];
  const visit = (one: JsonSchema, at: string, place: Place): void => {
    const isResource = one === schema || isEmbedded(one);
    const here: Place = isResource ? { around: (value) => value as JsonObject, root: one, inMeta: false } : place;
    if (one.default !== undefined && one.default !== null)
      errors.push(...errorsOf(one, at, here, { requirePruned, check, isResource }));
    const items = itemSchema(one);
    if (items !== undefined) visit(items, child(at, 'items'), { ...here, around: (value) => here.around([value]) });
    for (const [name, own] of Object.entries(one.properties ?? {}))
      visit(own, key(child(at, 'properties'), name), {
        root: here.root,
        around: (value) => here.around({ [name]: value }),
        inMeta: here.inMeta || (isResource && metaFields.has(name)),
      });
  };
  visit(schema, path, { around: (value) => value as JsonObject, root: schema, inMeta: false });
  return errors;
}

/** Where a default stands within the object of the API that it belongs to. */
interface Place {
  /** The object that has nothing but this value. */
  readonly around: (value: unknown) => JsonObject;
  /** The schema of that object. */
  readonly root: JsonSchema;
  /** Whether it is a part of what the object says of itself. */
  readonly inMeta: boolean;
}

interface Demands {
  readonly requirePruned: boolean;
  readonly check?: DefaultCheck | undefined;
  /** Whether the value is an object of the API as a whole. */
  readonly isResource: boolean;
}

function errorsOf(
  schema: JsonSchema,
  path: string,
  place: Place,
  { requirePruned, check, isResource }: Demands,
): FieldError[] {
  const at = child(path, 'default');
  const value: unknown = cloneJson(schema.default);
  const errors = place.inMeta
    ? metadataProblems(value, at, place)
    : structureProblems(value, schema, at, { requirePruned, isResource });
  const isFit = errors.every(({ message }) => message.endsWith('must not have unknown fields'));
  if (!isFit) return errors;
  const wrong = valueErrors(value, schema, at);
  return [...errors, ...(wrong.length > 0 ? wrong : (check?.(value, schema, at) ?? []))];
}

function metadataProblems(value: unknown, path: string, { around, root }: Place): FieldError[] {
  const object = { kind: 'Validation', apiVersion: 'validation/v1', ...around(cloneJson(value)) };
  const wrong = (why: string) => [invalid(path, value, `must result in valid metadata: ${why}`)];
  try {
    shapeEmbedded(object, root, true);
  } catch (error) {
    if (error instanceof DecodeError) return wrong(error.message);
    throw error;
  }
  const texts = embeddedErrors(object, root, true).map(fieldErrorText);
  if (texts.length === 0) return [];
  return wrong(texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
}

function structureProblems(
  value: unknown,
  schema: JsonSchema,
  path: string,
  { requirePruned, isResource }: Demands,
): FieldError[] {
  const errors: FieldError[] = [];
  if (requirePruned) {
    const pruned: unknown = cloneJson(value);
    prune(pruned, schema, { isRoot: isResource });
    if (!jsonEqual(pruned, value)) errors.push(invalid(path, schema.default, 'must not have unknown fields'));
  }
  try {
    shapeEmbedded(value, schema, isResource);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const [field = '', ...rest] = error.message.split(': ');
    return [...errors, { reason: 'FieldValueInvalid', field: child(path, field), message: rest.join(': ') }];
  }
  const wrong = embeddedErrors(value, schema, isResource);
  return [...errors, ...wrong.map((error) => ({ ...error, field: child(path, error.field) }))];
}
