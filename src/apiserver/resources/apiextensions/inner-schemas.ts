import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../../api/apiextensions/v1/types.ts';
import { schema as builtIn } from '../../../api/schema.ts';
import { DecodeError } from '../../../apimachinery/decode/decode-error.ts';
import { decodeValue } from '../../../apimachinery/decode/decode.ts';
import { isObject, type JsonObject } from '../../../apimachinery/patch/json-value.ts';
import { refused } from '../../../apimachinery/status.ts';
import { structureOf } from '../../../apimachinery/structure.ts';

const definition = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** Keywords whose value may be a schema or something else, so that the decoder does not look into them. */
const unions = ['items', 'additionalProperties', 'additionalItems'] as const;

/** Brings schemas that stand where something else may stand into the form of schemas, in place. */
export function shapeInnerSchemas(versions: readonly CustomResourceDefinitionVersion[]): void {
  for (const { schema } of versions) if (schema?.openAPIV3Schema !== undefined) shapeBelow(schema.openAPIV3Schema);
}

function shapeBelow(schema: JSONSchemaProps): void {
  const members = schema as unknown as JsonObject;
  for (const name of unions) {
    const value = members[name];
    if (isObject(value)) members[name] = shaped(value);
    else if (Array.isArray(value)) members[name] = value.map((one: unknown) => (isObject(one) ? shaped(one) : one));
    else if (value !== undefined && typeof value !== 'boolean') delete members[name];
  }
  const { dependencies } = schema;
  for (const name in dependencies) {
    const value: unknown = dependencies[name];
    if (isObject(value)) dependencies[name] = shaped(value);
  }
  for (const list of [schema.allOf, schema.anyOf, schema.oneOf]) for (const one of list ?? []) shapeBelow(one);
  if (schema.not !== undefined) shapeBelow(schema.not);
  for (const map of [schema.properties, schema.patternProperties, schema.definitions])
    for (const name in map) shapeBelow(map[name]!);
}

function shaped(value: JsonObject): JSONSchemaProps {
  if (Object.isFrozen(value)) return value as JSONSchemaProps;
  try {
    const schema = decodeValue(value, structureOf(builtIn, definition)).value as JSONSchemaProps;
    shapeBelow(schema);
    return schema;
  } catch (error) {
    if (error instanceof DecodeError) throw refused.badRequest(error.message);
    throw error;
  }
}
