import { normalQuantity } from '../quantity.ts';
import type { Field, Schema } from '../schema.ts';
import { normalMicroTime, normalTime, timeComplaint } from '../time.ts';

/** A value that cannot be what its field must be; worded as Go's decoder words it. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

type Members = Record<string, unknown>;

/** Makes the values of one field what the API's types hold; throws {@link DecodeError}. */
type Conform = (value: unknown, at: Place) => unknown;

/** Where a value stands. Paths are put together only when somebody asks. */
interface Place {
  readonly outer: Place | undefined;
  readonly step: string | number;
  /** The Go struct that the field belongs to: `PodSpec`. */
  readonly owner: string;
  /** Fields that no type has; one list for a whole walk. */
  readonly unknown: string[];
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

/** Types that are single values in JSON, with what they accept. */
const leaves: Readonly<Record<string, Conform>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': quantity,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': intOrString,
  [`${meta}Time`]: (value, at) => time(value, at, normalTime),
  [`${meta}MicroTime`]: (value, at) => time(value, at, normalMicroTime),
  [`${meta}FieldsV1`]: asItIs,
  'io.k8s.apimachinery.pkg.runtime.RawExtension': asItIs,
};

/** Fits JSON values to the recorded types. Plans for types are made when first needed and kept. */
export class TypeConformer {
  readonly #schema: Schema;
  readonly #plans = new Map<string, Map<string, Conform>>();

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /**
   * Changes `value` into what the type holds: unknown members and nulls go, quantities and times take their usual form.
   * Answers the paths of the unknown members, in the order of the value. Throws {@link DecodeError} for a wrong type.
   */
  conform(value: unknown, definition: string): readonly string[] {
    const unknown: string[] = [];
    const root: Place = { outer: undefined, step: '', owner: structName(definition), unknown };
    this.#object(value, definition, root);
    return unknown;
  }

  #object(value: unknown, definition: string, at: Place): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw wrongType(value, at, goTypeName(definition));
    const plan = this.#planOf(definition);
    if (plan === undefined) return value;
    const members = value as Members;
    const owner = structName(definition);
    for (const name of Object.keys(members)) {
      const conform = plan.get(name);
      if (conform === undefined) {
        at.unknown.push(pathOf({ outer: at, step: name, owner, unknown: at.unknown }));
        delete members[name];
        continue;
      }
      const member = members[name];
      if (member === null) delete members[name];
      else {
        const fitted = conform(member, { outer: at, step: name, owner, unknown: at.unknown });
        if (fitted !== member) members[name] = fitted;
      }
    }
    return value;
  }

  /** `undefined` for types whose members are anybody's. */
  #planOf(name: string): Map<string, Conform> | undefined {
    const known = this.#plans.get(name);
    if (known !== undefined) return known;
    const { fields } = this.#schema[name] ?? {};
    if (fields === undefined) return undefined;
    const plan = new Map<string, Conform>();
    this.#plans.set(name, plan);
    for (const [field, facts] of Object.entries(fields)) plan.set(field, this.#conformOf(facts));
    return plan;
  }

  #conformOf(field: Field): Conform {
    const { ref, array, map, type, format } = field;
    if (array !== undefined) {
      const item = this.#conformOf(array);
      const zero = zeroOf(array);
      return (value, at) => conformList(value, at, item, zero, goType(field));
    }
    if (map !== undefined) {
      const item = this.#conformOf(map);
      return (value, at) => conformMap(value, at, item, goType(field));
    }
    if (ref !== undefined) return leaves[ref] ?? ((value, at) => this.#object(value, ref, at));
    if (type === 'string') return format === 'byte' ? bytes : string;
    if (type === 'integer') return format === 'int32' ? int32 : int64;
    if (type === 'number') return number;
    return type === 'boolean' ? boolean : asItIs;
  }
}

function conformList(value: unknown, at: Place, item: Conform, zero: () => unknown, goType: string): unknown {
  if (!Array.isArray(value)) throw wrongType(value, at, goType);
  for (let i = 0; i < value.length; i++)
    value[i] = value[i] === null ? zero() : item(value[i], { ...at, outer: at, step: i });
  return value;
}

function conformMap(value: unknown, at: Place, item: Conform, goType: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(value, at, goType);
  const members = value as Members;
  for (const name in members) {
    const member = members[name];
    const fitted = item(member === null ? '' : member, { ...at, outer: at, step: name });
    if (fitted !== member) members[name] = fitted;
  }
  return value;
}

/** What Go makes of a null in a list. */
function zeroOf({ ref, array, map, type }: Field): () => unknown {
  if (array !== undefined) return () => [];
  if (map !== undefined || (ref !== undefined && leaves[ref] === undefined)) return () => ({});
  return () => (type === 'integer' || type === 'number' ? 0 : type === 'boolean' ? false : '');
}

function asItIs(value: unknown): unknown {
  return value;
}

function string(value: unknown, at: Place): unknown {
  if (typeof value !== 'string') throw wrongType(value, at, 'string');
  return value;
}

function boolean(value: unknown, at: Place): unknown {
  if (typeof value !== 'boolean') throw wrongType(value, at, 'bool');
  return value;
}

function number(value: unknown, at: Place): unknown {
  if (typeof value !== 'number') throw wrongType(value, at, 'float64');
  return value;
}

function int32(value: unknown, at: Place): unknown {
  if (typeof value !== 'number' || (value | 0) !== value) throw wrongType(value, at, 'int32');
  return value;
}

function int64(value: unknown, at: Place): unknown {
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 2 ** 63)
    throw wrongType(value, at, 'int64');
  return value;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function bytes(value: unknown, at: Place): unknown {
  if (typeof value !== 'string') throw wrongType(value, at, '[]uint8');
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  if (!base64.test(text)) throw new DecodeError(`illegal base64 data at input byte ${firstWrongLetter(text)}`);
  return text;
}

function firstWrongLetter(text: string): number {
  const wrong = text.search(/[^A-Za-z0-9+/=]/);
  if (wrong >= 0) return wrong;
  const padding = text.indexOf('=');
  return padding >= 0 && text.length % 4 === 0 ? padding + 1 : text.length - (text.length % 4);
}

function quantity(value: unknown, at: Place): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') throw wrongType(value, at, 'resource.Quantity');
  try {
    return normalQuantity(value);
  } catch (error) {
    throw new DecodeError((error as Error).message);
  }
}

function intOrString(value: unknown, at: Place): unknown {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' || (value | 0) !== value) throw wrongType(value, at, 'int32');
  return value;
}

function time(value: unknown, at: Place, normal: (text: string) => string | undefined): unknown {
  if (typeof value !== 'string') throw wrongType(value, at, 'string');
  const usual = normal(value);
  if (usual === undefined) throw new DecodeError(timeComplaint(value));
  return usual;
}

function wrongType(value: unknown, at: Place, wanted: string): DecodeError {
  const field = pathOf(at).replace(/\[\d+\]/g, '');
  const where = field === '' ? 'Go value' : `Go struct field ${at.owner}.${field}`;
  return new DecodeError(`json: cannot unmarshal ${goKind(value)} into ${where} of type ${wanted}`);
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  return value === null ? 'null' : typeof value;
}

/** `spec.containers[0].name`. */
function pathOf({ outer, step }: Place): string {
  if (outer === undefined) return '';
  const before = pathOf(outer);
  if (typeof step === 'number') return `${before}[${step}]`;
  return before === '' ? step : `${before}.${step}`;
}

function structName(definition: string): string {
  return definition.slice(definition.lastIndexOf('.') + 1);
}

/** `v1.PodSpec`. */
function goTypeName(definition: string): string {
  return definition.split('.').slice(-2).join('.');
}

function goType({ ref, array, map, type, format }: Field): string {
  if (array !== undefined) return `[]${goType(array)}`;
  if (map !== undefined) return `map[string]${goType(map)}`;
  if (ref !== undefined) return goTypeName(ref);
  if (type === 'integer') return format ?? 'int64';
  return type === 'boolean' ? 'bool' : (type ?? 'interface {}');
}
