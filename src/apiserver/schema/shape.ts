import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { maximumComplaints } from '../../apimachinery/decode/complaints.ts';
import type { Shaped, ShapeOptions } from '../../apimachinery/decode/shape.ts';
import { goQuote } from '../../apimachinery/go-text.ts';
import { isObject, jsonTypeName, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { shapedMetadata, shapeEmbedded } from './embedded-metadata.ts';
import { dropNulls } from './fill.ts';
import type { JsonSchema } from './json-schema.ts';
import { prune } from './prune.ts';

/** What a body must be to have the form of a kind. */
export interface KindShape {
  readonly group: string;
  readonly kind: string;
  /** The schema of a version; `undefined` where nobody knows such a one, so that nothing of the object stays. */
  schemaOf(version: string): JsonSchema | undefined;
}

/**
 * Brings an object into the form of its version, in place: without what the schema does not know, without what may not be
 * null, with metadata that is one. Objects of other kinds are let be, for others to refuse. Throws {@link DecodeError}.
 */
export function shapeObject(
  value: unknown,
  { group, kind, schemaOf }: KindShape,
  { keepFrozen = false }: ShapeOptions = {},
): Shaped {
  if (!isObject(value))
    throw new DecodeError(
      `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type map[string]interface {}`,
    );
  const unknown: string[] = [];
  for (const name of ['apiVersion', 'kind']) requireText(value, name);
  const { metadata } = value;
  if (metadata !== undefined) {
    const shaped = shapedMetadata(metadata ?? {});
    value['metadata'] = shaped.value;
    unknown.push(...shaped.unknown);
  }
  const [given = '', version = ''] = typeof value['apiVersion'] === 'string' ? value['apiVersion'].split('/') : [];
  if (given === group && value['kind'] === kind) {
    const schema = schemaOf(version);
    unknown.push(...prune(value, schema, { isRoot: true, keepFrozen }));
    if (schema !== undefined) {
      dropNulls(value, schema);
      unknown.push(...shapeEmbedded(value, schema));
    }
  }
  return { value, unknown: unknown.slice(0, maximumComplaints).map((path) => `unknown field ${goQuote(path)}`) };
}

function requireText(value: JsonObject, name: string): void {
  const given = value[name];
  if (given === undefined || given === null || typeof given === 'string') return;
  throw new DecodeError(`json: cannot unmarshal ${jsonTypeName(given)} into Go struct field .${name} of type string`);
}
