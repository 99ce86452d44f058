import { byteLength } from '../apimachinery/go-text.ts';
import { listOf, mapOf, objectOf, typed, type Declaration } from './declaration.ts';
import { escapeName } from './escape.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  stringType,
  timestampType,
  type Type,
} from './type.ts';

/** What this reads of a structural schema (or of one of OpenAPI without references). */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly [other: string]: unknown;
}

/** Bytes of the largest request that Kubernetes takes: no value is larger. */
export const maxRequestBytes = 3 * 1024 * 1024;
const longestText = maxRequestBytes - 2;

const longestDuration = 32;
const longestDate = 12;
const longestDateTime = 32;

/**
 * The declaration of what a schema describes; `undefined` where expressions cannot see it (nothing says what it is).
 *
 * @param name how messages call the objects; those within get `name.field`, `name.@idx`, `name.@elem`
 * @param isResource whether it is a whole resource, of which `apiVersion`, `kind`, `metadata.name` and
 *   `metadata.generateName` are always seen
 */
export function declarationOf(schema: JsonSchema, name: string, isResource = false): Declaration | undefined {
  if (schema['x-kubernetes-int-or-string']) return text(dynType, schema, 1, true);
  switch (schema.type) {
    case 'array':
      return listDeclaration(schema, name);
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? mapDeclaration(schema.additionalProperties, schema, name)
        : objectDeclaration(isResource ? withTypeAndMetadata(schema) : schema, name);
    case 'string':
      return stringDeclaration(schema);
    case 'boolean':
      return { type: boolType, maxElements: 0, minSize: 4, isPlain: true };
    case 'integer':
      return { type: intType, maxElements: 0, minSize: 1, isPlain: true };
    case 'number':
      return { type: doubleType, maxElements: 0, minSize: 1, isPlain: false };
    default:
      return undefined;
  }
}

function isEmbedded(schema: JsonSchema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

function listDeclaration(schema: JsonSchema, name: string): Declaration | undefined {
  if (!schema.items) return undefined;
  const element = declarationOf(schema.items, `${name}.@idx`, isEmbedded(schema.items));
  if (!element) return undefined;
  const listType = schema['x-kubernetes-list-type'];
  return listOf(
    element,
    bound(schema.maxItems) ?? Math.floor((maxRequestBytes - 2) / (element.minSize + 1)),
    listType === 'set' || listType === 'map' ? { listType, listKeys: schema['x-kubernetes-list-map-keys'] } : {},
  );
}

function mapDeclaration(values: JsonSchema, schema: JsonSchema, name: string): Declaration | undefined {
  const element = declarationOf(values, `${name}.@elem`, isEmbedded(values));
  if (!element) return undefined;
  // An entry takes two quotes, two signs and a key of at least two letters beside its value.
  return mapOf(element, bound(schema.maxProperties) ?? Math.floor((maxRequestBytes - 2) / (element.minSize + 6)));
}

function objectDeclaration({ properties = {}, required = [] }: JsonSchema, name: string): Declaration {
  const fields = new Map<string, Declaration>();
  let minSize = 2;
  let isPlain = true;
  for (const property of Object.keys(properties)) {
    const schema = properties[property]!;
    const identifier = escapeName(property);
    const field = declarationOf(schema, `${name}.${identifier ?? property}`, isEmbedded(schema));
    if (!field) continue;
    if (identifier !== undefined) {
      fields.set(identifier, field);
      isPlain &&= field.isPlain;
    }
    if (required.includes(property) && schema.default === undefined) minSize += property.length + field.minSize + 4;
  }
  return objectOf(name, fields, { minSize, isPlain, properties: new Set(Object.keys(properties)) });
}

const string: JsonSchema = { type: 'string' };

function withTypeAndMetadata(schema: JsonSchema): JsonSchema {
  const { kind, apiVersion, metadata } = schema.properties ?? {};
  const { name, generateName } = metadata?.properties ?? {};
  const isComplete = [kind, apiVersion, name, generateName].every((property) => property?.type === 'string');
  if (isComplete && metadata?.type === 'object') return schema;
  const names: JsonSchema = { type: 'object', properties: { name: string, generateName: string } };
  return { ...schema, properties: { ...schema.properties, apiVersion: string, kind: string, metadata: names } };
}

function stringDeclaration(schema: JsonSchema): Declaration {
  switch (schema.format) {
    case 'byte':
      return { ...typed(bytesType), maxElements: bound(schema.maxLength) ?? longestText, minSize: 2, isPlain: false };
    case 'duration':
      return { ...typed(durationType), maxElements: longestDuration, minSize: 3, isPlain: false };
    case 'date':
      return { ...typed(timestampType), maxElements: longestDate, minSize: 12, isPlain: false, format: 'date' };
    case 'date-time':
      return { ...typed(timestampType), maxElements: longestDateTime, minSize: 21, isPlain: false };
    default:
      return text(stringType, schema, 2, false);
  }
}

function text(type: Type, schema: JsonSchema, minSize: number, isNumberToo: boolean): Declaration {
  const { maxLength, enum: values = [] } = schema;
  // A letter takes up to four bytes.
  if (maxLength !== undefined) return { type, maxElements: bound(maxLength)! * 4, minSize, isPlain: true };
  if (values.length === 0 || isNumberToo) return { type, maxElements: longestText, minSize, isPlain: true };
  const lengths = values.map((value) => (typeof value === 'string' ? byteLength(value) : 0));
  return { type, maxElements: Math.max(...lengths), minSize, isPlain: true };
}

function bound(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.max(0, value);
}
