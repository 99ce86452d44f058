import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../../api/apiextensions/v1/types.ts';
import { schema as builtIn } from '../../../api/schema.ts';
import { DecodeError } from '../../../apimachinery/decode/decode-error.ts';
import { decodeValue } from '../../../apimachinery/decode/decode.ts';
import { isObject, jsonTypeName, type JsonObject } from '../../../apimachinery/patch/json-value.ts';
import { refused } from '../../../apimachinery/status.ts';
import { structureOf } from '../../../apimachinery/structure.ts';

const definition = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** Keywords whose value may be a schema or something else, so that the decoder does not look into them. */
const unions = ['items', 'additionalProperties', 'additionalItems'] as const;

/** Those of them that are a schema or a boolean, and nothing else. */
const orBoolean: ReadonlySet<string> = new Set(['additionalProperties', 'additionalItems']);

/** Brings schemas that stand where something else may stand into the form of schemas, in place. */
export function shapeInnerSchemas(versions: readonly CustomResourceDefinitionVersion[]): void {
  for (const { schema, subresources } of versions) {
    const status: unknown = subresources?.status;
    if (status !== undefined && !isObject(status))
      throw unfit(
        unmarshalError(
          status,
          'CustomResourceSubresources.spec.versions.subresources.status',
          'CustomResourceSubresourceStatus',
        ),
      );
    if (schema?.openAPIV3Schema !== undefined)
      shapeBelow(schema.openAPIV3Schema, 'spec.versions.schema.openAPIV3Schema');
  }
}

/** `path`: of the members down to the schema, as errors of decoding have it. */
function shapeBelow(schema: JSONSchemaProps, path: string): void {
  const members = schema as unknown as JsonObject;
  for (const name of unions) {
    const value = members[name];
    const below = `${path}.${name}`;
    if (isObject(value)) members[name] = shaped(value, below);
    else if (typeof value === 'boolean' || value === undefined) continue;
    else if (orBoolean.has(name)) throw unfit('boolean or JSON schema expected');
    else if (Array.isArray(value)) members[name] = value.map((one: unknown) => shaped(one, below));
    else delete members[name];
  }
  const { dependencies } = schema;
  for (const name in dependencies) {
    const value: unknown = dependencies[name];
    if (isObject(value)) dependencies[name] = shaped(value, `${path}.dependencies`);
  }
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const)
    for (const one of schema[name] ?? []) shapeBelow(one, `${path}.${name}`);
  if (schema.not !== undefined) shapeBelow(schema.not, `${path}.not`);
  for (const name of ['properties', 'patternProperties', 'definitions'] as const) {
    const map = schema[name];
    for (const key in map) shapeBelow(map[key]!, `${path}.${name}`);
  }
}

function shaped(value: unknown, path: string): JSONSchemaProps {
  if (!isObject(value)) throw unfit(unmarshalError(value, `JSONSchemaProps.${path}`));
  if (Object.isFrozen(value)) return value as JSONSchemaProps;
  try {
    const schema = decodeValue(value, structureOf(builtIn, definition)).value as JSONSchemaProps;
    shapeBelow(schema, path);
    return schema;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw unfit(error.message.replace(/Go struct field (\w+)\./, `Go struct field $1.${path}.`));
  }
}

function unmarshalError(value: unknown, field: string, type = 'JSONSchemaProps'): string {
  return `json: cannot unmarshal ${jsonTypeName(value)} into Go struct field ${field} of type v1.${type}`;
}

function unfit(why: string): Error {
  const kind = 'CustomResourceDefinition';
  return refused.badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${why}`);
}
