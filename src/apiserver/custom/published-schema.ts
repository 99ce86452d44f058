import type { Definition, Field, Schema, VerbatimSchema } from '../../apimachinery/schema.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { isObject, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { isEmbedded, keepsUnknown, type JsonSchema } from '../schema/json-schema.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

const texts = {
  apiVersion:
    'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  kind: 'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  metadata:
    "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  listMetadata:
    'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  embeddedVersion:
    'apiVersion defines the versioned schema of this representation of an object. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  embeddedKind:
    'kind is a string value representing the type of this object. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
};

export interface PublishedVersion {
  readonly type: ResourceType;
  readonly listKind: string;
  readonly schema: JsonSchema | undefined;
  readonly selectable: readonly string[];
}

/** The definitions of a kind and its list, as OpenAPI documents show them; made when a document is. */
export function publishedSchema({ type, listKind, schema, selectable }: PublishedVersion): Schema {
  const { group, version, kind, resource, definition } = type;
  const fields = selectable.map((fieldPath) => ({ fieldPath }));
  const extensions = (name: string): JsonObject => ({
    'x-kubernetes-group-version-kind': [{ group, kind: name, version }],
    ...(fields.length === 0 ? {} : { 'x-kubernetes-selectable-fields': fields }),
  });
  const own: VerbatimSchema = ({ version: dialect, prefix }) => ({
    ...objectSchema(schema, dialect, prefix),
    ...extensions(kind),
  });
  const list: VerbatimSchema = ({ version: dialect, prefix }) => ({
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: texts.apiVersion, type: 'string' },
      items: {
        description: `List of ${resource}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
        type: 'array',
        items: { $ref: prefix + definition },
      },
      kind: { description: texts.kind, type: 'string' },
      metadata: reference(`${prefix}${meta}.ListMeta`, texts.listMetadata, dialect),
    },
    ...extensions(listKind),
  });
  const listDefinition = definition.slice(0, definition.lastIndexOf('.') + 1) + listKind;
  return {
    [definition]: {
      gvk: [`${group}/${version}/${kind}`],
      fields: referring(`${meta}.ObjectMeta`),
      verbatim: own,
    },
    [listDefinition]: {
      gvk: [`${group}/${version}/${listKind}`],
      fields: referring(`${meta}.ListMeta`, definition),
      verbatim: list,
    },
  } satisfies Record<string, Definition>;
}

/** What tells that a definition refers to others; nobody reads its fields for anything else. */
function referring(...names: readonly string[]): Record<string, Field> {
  return Object.fromEntries(names.map((name) => [name, { ref: name }]));
}

function objectSchema(schema: JsonSchema | undefined, version: 2 | 3, prefix: string): JsonObject {
  // kubectl takes any other member for unknown where some are told.
  if (schema === undefined || (version === 2 && keepsUnknown(schema))) return { type: 'object' };
  const published = version === 2 ? inVersion2(schema, prefix) : inVersion3(schema, prefix);
  return {
    ...published,
    // What a definition says of these three is not shown.
    properties: {
      ...(published['properties'] as JsonObject | undefined),
      apiVersion: { description: texts.apiVersion, type: 'string' },
      kind: { description: texts.kind, type: 'string' },
      metadata: reference(`${prefix}${meta}.ObjectMeta`, texts.metadata, version),
    },
  };
}

function reference($ref: string, description: string, version: 2 | 3): JsonObject {
  return version === 2 ? { description, $ref } : { description, allOf: [{ $ref }] };
}

function inVersion3(schema: JsonSchema, prefix: string): JsonObject {
  const published = withInner({ ...schema }, (one) => inVersion3(one, prefix));
  if (schema['x-kubernetes-int-or-string'] === true) published['anyOf'] ??= [{ type: 'integer' }, { type: 'string' }];
  return isEmbedded(schema) ? withResourceMembers(published, prefix, 3) : published;
}

const leftOut: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'default']);

/** Without what OpenAPI 2 does not know, and what old clients cannot cope with. */
function inVersion2(schema: JsonSchema, prefix: string): JsonObject {
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(schema)) if (!leftOut.has(name)) kept[name] = value;
  const isOpen = keepsUnknown(schema);
  if (schema.nullable === true || isOpen) {
    delete kept['items'];
    delete kept['properties'];
  }
  if (schema.nullable === true) {
    delete kept['nullable'];
    delete kept['type'];
  }
  if ((kept['type'] === 'array' && kept['items'] === undefined) || (isOpen && kept['type'] === 'object'))
    delete kept['type'];
  const properties = kept['properties'] as Readonly<Record<string, JsonSchema>> | undefined;
  if (schema.required !== undefined && properties !== undefined) {
    const required = schema.required.filter((name) => properties[name]?.nullable !== true);
    if (required.length > 0) kept['required'] = required;
    else delete kept['required'];
  }
  const published = withInner(kept, (one) => inVersion2(one, prefix));
  return isEmbedded(schema) && !isOpen ? withResourceMembers(published, prefix, 2) : published;
}

function withInner(schema: JsonObject, publish: (schema: JsonSchema) => JsonObject): JsonObject {
  const { items, properties, additionalProperties } = schema;
  if (isObject(items)) schema['items'] = publish(items as JsonSchema);
  if (isObject(additionalProperties)) schema['additionalProperties'] = publish(additionalProperties as JsonSchema);
  if (isObject(properties))
    schema['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, one]) => [name, publish(one as JsonSchema)]),
    );
  return schema;
}

function withResourceMembers(schema: JsonObject, prefix: string, version: 2 | 3): JsonObject {
  const required = (schema['required'] ?? []) as readonly string[];
  return {
    ...schema,
    required: [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))],
    properties: {
      ...(schema['properties'] as JsonObject | undefined),
      apiVersion: { description: texts.embeddedVersion, type: 'string' },
      kind: { description: texts.embeddedKind, type: 'string' },
      metadata: reference(`${prefix}${meta}.ObjectMeta`, texts.metadata, version),
    },
  };
}
