import type { JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import { isObject } from '../../apimachinery/patch/json-value.ts';

/** A schema of a custom kind (apiextensions/v1 JSONSchemaProps): frozen, as it stands in the definition. */
export type JsonSchema = Readonly<JSONSchemaProps>;

/** The schema of the items of a list; `undefined` where there is none, or one for each position. */
export function itemSchema({ items }: JsonSchema): JsonSchema | undefined {
  return isObject(items) ? (items as JsonSchema) : undefined;
}

/** The schema of members that have no name of their own. */
export function additionalSchema({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return isObject(additionalProperties) ? (additionalProperties as JsonSchema) : undefined;
}

/** The schema of a member of that very name. */
export function propertySchema({ properties }: JsonSchema, name: string): JsonSchema | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

export function isEmbedded(schema: JsonSchema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

export function keepsUnknown(schema: JsonSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}

/** What every object says of itself without a schema. */
export const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** The schemas right below one, of every keyword. */
function* innerSchemas(schema: JsonSchema): Generator<JsonSchema> {
  const { items, not, additionalProperties, additionalItems } = schema;
  if (Array.isArray(items)) yield* items as readonly JsonSchema[];
  else if (isObject(items)) yield items as JsonSchema;
  for (const list of [schema.allOf, schema.anyOf, schema.oneOf]) if (list !== undefined) yield* list;
  if (not !== undefined) yield not;
  for (const map of [schema.properties, schema.patternProperties, schema.definitions])
    if (map !== undefined) yield* Object.values(map);
  for (const one of [additionalProperties, additionalItems]) if (isObject(one)) yield one as JsonSchema;
  for (const one of Object.values(schema.dependencies ?? {})) if (isObject(one)) yield one as JsonSchema;
}

/** Whether a schema, or one somewhere in it, is such a one. */
export function someSchema(schema: JsonSchema, isSuch: (schema: JsonSchema) => boolean): boolean {
  if (isSuch(schema)) return true;
  for (const inner of innerSchemas(schema)) if (someSchema(inner, isSuch)) return true;
  return false;
}
