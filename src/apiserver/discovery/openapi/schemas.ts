import type { Definition, Field, Schema } from '../../../apimachinery/schema.ts';
import type { Steps } from '../../../base/in-steps.ts';
import { each } from '../in-pieces.ts';
import type { Descriptions } from '../descriptions.ts';

/** A JSON schema as OpenAPI 2 or 3 writes it. */
export type JsonSchema = Record<string, unknown>;

/** What differs between OpenAPI 2 and 3 when a definition is written down. */
export interface Dialect {
  /** `#/definitions/` or `#/components/schemas/`. */
  readonly prefix: string;
  /** Version 3 carries defaults and unions of types, and wraps a reference that has siblings. */
  readonly version: 2 | 3;
}

/** `GROUP/VERSION`, or the version alone for the core group. */
export type GroupVersion = string;

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Kinds that every group has: they are listed under each group and version that is served. */
const kindsOfEveryGroup = new Set([`${metaPackage}.DeleteOptions`, `${metaPackage}.WatchEvent`]);

/** Definitions whose value may be of several JSON types. */
const typesInVersion3: Readonly<Record<string, JsonSchema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  },
};
const typesInVersion2: Readonly<Record<string, JsonSchema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'string', format: 'int-or-string' },
};

/** `names` and all definitions that they refer to, sorted. */
export function reachableDefinitions(schema: Schema, names: Iterable<string>): string[] {
  const found = new Set<string>();
  const open = [...names];
  while (open.length > 0) {
    const name = open.pop()!;
    if (found.has(name)) continue;
    found.add(name);
    for (const field of Object.values(schema[name]?.fields ?? {})) {
      const target = referenceOf(field);
      if (target !== undefined) open.push(target);
    }
  }
  return [...found].sort();
}

function referenceOf(field: Field): string | undefined {
  const inner = field.array ?? field.map;
  return inner ? referenceOf(inner) : field.ref;
}

/** The schemas of `names` by name. `groupVersions` are those that the server serves. */
export function* definitionSchemas(
  schema: Schema,
  names: readonly string[],
  dialect: Dialect,
  groupVersions: readonly GroupVersion[],
  descriptions: Descriptions,
): Steps<Record<string, JsonSchema>> {
  const writer = new SchemaWriter(schema, dialect, groupVersions, descriptions);
  return Object.fromEntries(yield* each(names, (name) => [name, writer.definition(name)] as const));
}

class SchemaWriter {
  readonly #schema: Schema;
  readonly #dialect: Dialect;
  readonly #groupVersions: readonly GroupVersion[];
  readonly #descriptions: Descriptions;

  constructor(schema: Schema, dialect: Dialect, groupVersions: readonly GroupVersion[], descriptions: Descriptions) {
    this.#schema = schema;
    this.#dialect = dialect;
    this.#groupVersions = groupVersions;
    this.#descriptions = descriptions;
  }

  definition(name: string): JsonSchema {
    const facts: Definition = this.#schema[name] ?? {};
    if (facts.verbatim !== undefined) return facts.verbatim(this.#dialect);
    const result: JsonSchema = {};
    const texts = this.#descriptions[name] ?? {};
    if (texts['']) result['description'] = texts[''];
    const special = (this.#dialect.version === 3 ? typesInVersion3 : typesInVersion2)[name];
    if (special) return { ...result, ...special };
    if (facts.type !== undefined) result['type'] = facts.type;
    if (facts.format !== undefined) result['format'] = facts.format;
    if (facts.fields) this.#object(result, facts.fields, texts);
    const kinds = this.#kindsOf(name, facts);
    if (kinds.length > 0) result['x-kubernetes-group-version-kind'] = kinds;
    if (facts.mapType !== undefined) result['x-kubernetes-map-type'] = facts.mapType;
    if (facts.unions !== undefined) result['x-kubernetes-unions'] = facts.unions;
    return result;
  }

  #object(result: JsonSchema, fields: Readonly<Record<string, Field>>, texts: Readonly<Record<string, string>>): void {
    result['type'] = 'object';
    const required = Object.keys(fields).filter((field) => fields[field]!.required);
    if (required.length > 0) result['required'] = required;
    const properties = Object.entries(fields).map(([field, facts]) => [field, this.#field(facts, texts[field])]);
    result['properties'] = Object.fromEntries(properties);
  }

  #kindsOf(name: string, { gvk = [] }: Definition): JsonSchema[] {
    const kind = name.slice(name.lastIndexOf('.') + 1);
    const texts = kindsOfEveryGroup.has(name)
      ? this.#groupVersions
          .map((groupVersion) => `${groupVersion.includes('/') ? '' : '/'}${groupVersion}/${kind}`)
          .sort()
      : gvk;
    return texts.map((text) => {
      const [group = '', version = '', last = ''] = text.split('/');
      return { group, kind: last, version };
    });
  }

  #field(facts: Field, text: string | undefined): JsonSchema {
    const siblings: JsonSchema = {};
    // kubectl lists fields with their own texts only, so one without gets that of its type.
    const description = text ?? (facts.ref === undefined ? undefined : this.#descriptions[facts.ref]?.['']);
    if (description) siblings['description'] = description;
    if (this.#dialect.version === 3 && facts.default !== undefined) siblings['default'] = facts.default;
    if (facts.enum !== undefined) siblings['enum'] = facts.enum;
    if (facts.nullable) siblings[this.#dialect.version === 3 ? 'nullable' : 'x-nullable'] = true;
    if (facts.listType !== undefined) siblings['x-kubernetes-list-type'] = facts.listType;
    if (facts.listMapKeys !== undefined) siblings['x-kubernetes-list-map-keys'] = facts.listMapKeys;
    if (facts.mergeKey !== undefined) siblings['x-kubernetes-patch-merge-key'] = facts.mergeKey;
    if (facts.patchStrategy !== undefined) siblings['x-kubernetes-patch-strategy'] = facts.patchStrategy;
    if (facts.mapType !== undefined) siblings['x-kubernetes-map-type'] = facts.mapType;
    return { ...this.#value(facts, Object.keys(siblings).length > 0), ...siblings };
  }

  #value(facts: Field, hasSiblings: boolean): JsonSchema {
    if (facts.ref !== undefined) {
      const reference = { $ref: this.#dialect.prefix + facts.ref };
      return this.#dialect.version === 3 && hasSiblings ? { allOf: [reference] } : reference;
    }
    if (facts.array) return { type: 'array', items: this.#inner(facts.array) };
    if (facts.map) return { type: 'object', additionalProperties: this.#inner(facts.map) };
    const { type, format } = facts;
    return { ...(type === undefined ? {} : { type }), ...(format === undefined ? {} : { format }) };
  }

  /** An item or map value; nobody lists those, so a referenced text is not repeated. */
  #inner(facts: Field): JsonSchema {
    return facts.ref === undefined ? this.#field(facts, undefined) : this.#value(facts, false);
  }
}
