import type { JsonObject } from './patch/json-value.ts';
import { RawNumber } from './raw-number.ts';
import type { Definition, Field, Schema } from './schema.ts';

/**
 * What a value of the API looks like, compiled from the schema once so that code which walks every written object looks
 * nothing up by text: the decoder, managed fields and apply share it.
 */
export type Structure = ObjectStructure | MapStructure | ListStructure | ScalarStructure | DeducedStructure;

export interface ObjectStructure {
  readonly kind: 'object';
  /** Name of the Go type: `PodSpec`. */
  readonly name: string;
  /** Members by name. */
  readonly members: ReadonlyMap<string, Member>;
  /** Owned as a whole by one manager. */
  readonly atomic: boolean;
  /** Members that are written even when they are not set. */
  readonly shown: readonly Member[];
  /** The structure of members that have no name here; absent: there are none. */
  readonly rest?: Structure;
  /** Brings a value into its form, where the members do not tell all of that. */
  readonly shape?: ShapeOfValue;
}

/** As `shape` of decode/shape.ts: changes the value, and throws a DecodeError where it cannot be one of the kind. */
export type ShapeOfValue = (
  value: unknown,
  options: { readonly keepFrozen: boolean },
) => { readonly value: JsonObject; readonly unknown: readonly string[] };

export interface Member {
  readonly name: string;
  /** The name as a part of a field path: `f:spec`. */
  readonly part: string;
  readonly zero: Field['zero'];
  /** An empty list says something else than none: that nobody is to fill it in. */
  readonly keepsEmpty: boolean;
  /** A default that is in the schema; lists keyed by this member use it where an item has none. */
  readonly default: unknown;
  /** Compiled on first use, because types contain themselves. */
  readonly type: Structure;
}

export interface MapStructure {
  readonly kind: 'map';
  readonly element: Structure;
  readonly atomic: boolean;
}

export interface ListStructure {
  readonly kind: 'list';
  readonly element: Structure;
  /** `map`: items are known by `keys`; `set`: by their value; `atomic`: the list is owned as a whole. */
  readonly listType: 'atomic' | 'set' | 'map';
  /** In ascending order. */
  readonly keys: readonly string[];
}

export interface ScalarStructure {
  readonly kind:
    | 'string'
    | 'int32'
    | 'int64'
    | 'number'
    | 'boolean'
    | 'bytes'
    | 'quantity'
    | 'time'
    | 'micro-time'
    | 'int-or-string'
    /** JSON of any form, not looked into. */
    | 'any';
}

/** JSON of which nothing is known but itself: its objects are maps, its lists are owned as a whole. */
export interface DeducedStructure {
  readonly kind: 'deduced';
}

export const deduced: DeducedStructure = { kind: 'deduced' };
const anything: ScalarStructure = { kind: 'any' };
const deducedMap: MapStructure = { kind: 'map', element: deduced, atomic: false };

/** The structure of a value that has it, or stands where another value has been. */
export function resolved(
  structure: Structure,
  value: unknown,
  other: unknown = value,
): Exclude<Structure, DeducedStructure> {
  if (structure.kind !== 'deduced') return structure;
  return isMap(value) && isMap(other) ? deducedMap : anything;
}

/** What is not there yet may become a map. */
function isMap(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RawNumber))
  );
}

/** The member of a name; `undefined` where there is no such one. */
export function memberNamed({ members, rest }: ObjectStructure, name: string): Member | undefined {
  const known = members.get(name);
  if (known !== undefined || rest === undefined) return known;
  return { name, part: `f:${name}`, zero: undefined, keepsEmpty: false, default: undefined, type: rest };
}

const compiled = new WeakMap<Schema, Map<string, Structure>>();

/** The structure of a definition. Throws when the schema has no such definition. */
export function structureOf(schema: Schema, definition: string): Structure {
  let known = compiled.get(schema);
  if (!known) compiled.set(schema, (known = new Map()));
  const found = known.get(definition);
  if (found) return found;
  // What a schema extends is compiled once for all that extend it.
  const base: Schema | null = Object.getPrototypeOf(schema);
  if (base !== null && !Object.hasOwn(schema, definition) && Object.hasOwn(base, definition))
    return structureOf(base, definition);
  const facts = schema[definition];
  if (!facts) throw new Error(`Cannot find definition "${definition}" in the schema`);
  const structure = compile(schema, definition, facts);
  known.set(definition, structure);
  return structure;
}

const special: Record<string, ScalarStructure> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { kind: 'quantity' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { kind: 'int-or-string' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': { kind: 'time' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': { kind: 'micro-time' },
};
const any: ScalarStructure = { kind: 'any' };

/** Members whose kinds look at whether a list is there, and then refuse it if it is empty: such a list is never stored. */
const keptWhenEmpty: ReadonlySet<string> = new Set(['io.k8s.api.autoscaling.v2.HPAScalingRules.policies']);

function compile(schema: Schema, definition: string, facts: Definition): Structure {
  const known = special[definition];
  if (known) return known;
  if (!facts.fields) return any;
  const members = new Map<string, Member>();
  for (const [name, field] of Object.entries(facts.fields))
    members.set(name, memberOf(schema, definition, name, field));
  const shown = [...members.values()].filter((member) => isShown(member, facts.fields![member.name]!));
  const name = definition.slice(definition.lastIndexOf('.') + 1);
  return { kind: 'object', name, members, atomic: facts.mapType === 'atomic', shown };
}

/** A port that may be left out is filled in by the kind, which would take the zero that Go writes for a port. */
function isShown({ zero }: Member, { ref, required }: Field): boolean {
  if (ref !== undefined && special[ref]?.kind === 'int-or-string') return zero === 'shown' && required === true;
  return zero === 'shown' || zero === 'null';
}

function memberOf(schema: Schema, definition: string, name: string, field: Field): Member {
  return new FieldMember(schema, field, name, keptWhenEmpty.has(`${definition}.${name}`));
}

/** A class: V8 compiles the getter once for all members, that of an object literal for each. */
class FieldMember implements Member {
  readonly #schema: Schema;
  readonly #field: Field;
  #type: Structure | undefined;
  readonly name: string;
  readonly part: string;
  readonly zero: Field['zero'];
  readonly keepsEmpty: boolean;
  readonly default: unknown;

  constructor(schema: Schema, field: Field, name: string, keepsEmpty: boolean) {
    this.#schema = schema;
    this.#field = field;
    this.name = name;
    this.part = `f:${name}`;
    this.zero = field.zero;
    this.keepsEmpty = keepsEmpty;
    this.default = field.default;
  }

  get type(): Structure {
    return (this.#type ??= structureOfField(this.#schema, this.#field));
  }
}

function structureOfField(schema: Schema, field: Field): Structure {
  if (field.ref !== undefined) {
    const structure = structureOf(schema, field.ref);
    return structure.kind === 'object' && field.mapType !== undefined
      ? { ...structure, atomic: field.mapType === 'atomic' }
      : structure;
  }
  if (field.array !== undefined)
    return {
      kind: 'list',
      element: structureOfField(schema, field.array),
      listType: field.listType ?? 'atomic',
      keys: [...(field.listMapKeys ?? [])].sort(),
    };
  if (field.map !== undefined)
    return { kind: 'map', element: structureOfField(schema, field.map), atomic: field.mapType === 'atomic' };
  return scalarOf(field);
}

function scalarOf({ type, format }: Field): ScalarStructure {
  switch (type) {
    case 'string':
      return { kind: format === 'byte' ? 'bytes' : 'string' };
    case 'integer':
      return { kind: format === 'int64' ? 'int64' : 'int32' };
    case 'number':
      return { kind: 'number' };
    case 'boolean':
      return { kind: 'boolean' };
    default:
      return any;
  }
}
