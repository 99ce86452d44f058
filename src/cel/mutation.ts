import { functionsOf, overload, type Library } from './check/function.ts';
import { objectOf, typed, type Declaration } from './declaration.ts';
import { kubernetesFunctions, type Environment } from './environment.ts';
import { unescapeName } from './escape.ts';
import { CelStruct } from './evaluate/access.ts';
import { standardTypes } from './library/types.ts';
import { dynType, listType, stringType, structType, type Type } from './type.ts';
import { spendItems, spendLetters, withEffort } from './values/effort.ts';
import { isList, itemsOf } from './values/list.ts';
import { isMap, keysOf, valueAt } from './values/map.ts';
import { durationText, timestampText } from './values/time.ts';
import { Double, Duration, Optional, Timestamp, Uint, type Value } from './values/value.ts';

/** A part of an object, or an operation of a JSON patch, that an expression made: `Object.spec{replicas: 3}`. */
class MadeObject extends CelStruct {
  readonly type: Type;
  /** Under the names that the document has. */
  readonly fields: ReadonlyMap<string, Value>;

  constructor(type: Type, fields: ReadonlyMap<string, Value>) {
    super();
    this.type = type;
    this.fields = fields;
  }

  fieldAt(name: string): Value | undefined {
    return this.fields.get(unescapeName(name) ?? name);
  }
}

/** Of objects that any field may be in: what they are is only known when they are laid over something. */
class AnyField extends Map<string, Declaration> {
  override get(): Declaration {
    return typed(dynType);
  }
}

const anyField = new AnyField();
const operation = objectOf(
  'JSONPatch',
  new Map([
    ['op', typed(stringType)],
    ['path', typed(stringType)],
    ['from', typed(stringType)],
    ['value', typed(dynType)],
  ]),
  { minSize: 2, isPlain: true },
).type;

function objectType(name: string): Type {
  return objectOf(name, anyField, { minSize: 2, isPlain: true }).type;
}

/** `Object` and all that begins with `Object.`, beside the types that any expression can name. */
class MutationTypes extends Map<string, Type> {
  override get(name: string): Type | undefined {
    if (name === 'JSONPatch') return operation;
    return name === 'Object' || name.startsWith('Object.') ? objectType(name) : standardTypes.get(name);
  }
}

/** What an expression comes to that says which fields an object shall have. */
export const applyConfigurationType = structType('Object');
/** What one comes to that says how an object shall be changed. */
export const jsonPatchType = listType(operation);

/** Functions for paths of JSON patches. */
const jsonPatchLibrary: Library = {
  'jsonpatch.escapeKey': [
    overload('string_jsonpatch_escapeKey_string', [stringType], stringType, (key: string) =>
      key.replaceAll('~', '~0').replaceAll('/', '~1'),
    ),
  ],
};

/** What expressions of mutations may use beside what others may. */
export const mutations: Pick<Environment, 'functions' | 'types' | 'newStruct'> = {
  functions: new Map([...kubernetesFunctions, ...functionsOf(jsonPatchLibrary)]),
  types: new MutationTypes(),
  newStruct(type, fields) {
    const named = new Map([...fields].map(([name, value]) => [unescapeName(name) ?? name, value]));
    return new MadeObject(type, named);
  },
};

/** A value of a document counts as so many items: it takes as much memory, where an expression names one many times. */
const itemsOfValue = 32;

/**
 * The value as JSON. Throws an error where it has none, or more than anybody can store, or where a part is named for
 * another place than its own.
 */
export function madeJson(value: Value): unknown {
  return withEffort(() => json(value, value instanceof MadeObject ? value.type.name : ''));
}

function json(value: Value, place: string): unknown {
  spendItems(itemsOfValue);
  if (typeof value === 'string') spendLetters(value.length);
  if (value instanceof MadeObject) return objectJson(value, place);
  if (isList(value)) return itemsOf(value).map((item) => json(item, place));
  if (isMap(value))
    return Object.fromEntries(
      keysOf(value).map((key) => [textKey(key), json(valueAt(value, key)!, `${place}.${String(key)}`)]),
    );
  if (value instanceof Double) return value.value;
  if (value instanceof Uint) return Number(value.value);
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Optional && value.value !== undefined) return json(value.value, place);
  if (value === null || typeof value !== 'object') return value;
  throw new Error('an expression came to a value that has no JSON');
}

function textKey(key: Value): string {
  if (typeof key === 'string') return key;
  throw new Error('the keys of a map must be strings');
}

function objectJson({ type, fields }: MadeObject, place: string): Record<string, unknown> {
  if (type === operation) return Object.fromEntries([...fields].map(([name, value]) => [name, madeJson(value)]));
  if (type.name !== place) {
    const names = `unexpected type name ${JSON.stringify(type.name)}, expected ${JSON.stringify(place)}`;
    throw new Error(`type mismatch: ${names}, which matches field name path from root Object type`);
  }
  return Object.fromEntries([...fields].map(([name, value]) => [name, json(value, `${place}.${name}`)]));
}
