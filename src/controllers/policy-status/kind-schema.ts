import type { ResourceFacts } from '../../api/resource-facts.ts';
import { schema as recorded } from '../../api/schema.ts';
import type { Field, Schema } from '../../apimachinery/schema.ts';
import type { JsonSchema } from '../../cel/schema.ts';

/** It has no one type in OpenAPI, and expressions see no field that is one. */
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
/** What stands where a definition comes within itself. */
const endless: JsonSchema = { type: 'object' };

/**
 * The schema of a kind as OpenAPI 3 publishes it, as far as it tells types, and without references; `undefined` of kinds
 * that other servers serve.
 */
export function kindSchema({ type, schema = recorded }: ResourceFacts): JsonSchema | undefined {
  return new Definitions(schema).named(type.definition);
}

class Definitions {
  readonly #own: Schema;
  /** Definitions that the present place is within. */
  readonly #open = new Set<string>();

  constructor(own: Schema) {
    this.#own = own;
  }

  named(name: string): JsonSchema | undefined {
    if (this.#open.has(name)) return endless;
    const definition = this.#own[name] ?? recorded[name];
    if (definition === undefined) return undefined;
    this.#open.add(name);
    try {
      const { verbatim, fields, type, format } = definition;
      if (verbatim !== undefined) return this.#published(verbatim({ version: 3, prefix: '' }));
      if (fields !== undefined) return { type: 'object', properties: mapValues(fields, (field) => this.#field(field)) };
      return name === quantity ? {} : schemaOfType(type as string | undefined, format as string | undefined);
    } finally {
      this.#open.delete(name);
    }
  }

  #field({ ref, array, map, type, format }: Field): JsonSchema {
    if (ref !== undefined) return this.named(ref) ?? {};
    if (array !== undefined) return { type: 'array', items: this.#field(array) };
    if (map !== undefined) return { type: 'object', additionalProperties: this.#field(map) };
    return schemaOfType(type, format);
  }

  /** A schema that is published as it was written, with what its references name. */
  #published(schema: JsonSchema): JsonSchema {
    const name = referenceOf(schema);
    if (name !== undefined) return this.named(name) ?? {};
    const { properties, additionalProperties, items } = schema;
    return {
      ...schema,
      ...(properties && { properties: mapValues(properties, (one) => this.#published(one)) }),
      ...(typeof additionalProperties === 'object' && { additionalProperties: this.#published(additionalProperties) }),
      ...(items && { items: this.#published(items) }),
    };
  }
}

function schemaOfType(type: string | undefined, format: string | undefined): JsonSchema {
  if (type === 'int-or-string') return { 'x-kubernetes-int-or-string': true };
  return { ...(type !== undefined && { type }), ...(format !== undefined && { format }) };
}

/** A reference with a description stands in an `allOf` of its own. */
function referenceOf({ $ref, allOf }: JsonSchema): string | undefined {
  if (typeof $ref === 'string') return $ref;
  return Array.isArray(allOf) ? allOf.map(referenceOf).find((name) => name !== undefined) : undefined;
}

function mapValues<T, U>(from: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, change(value)]));
}
