import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decl, Type as TypeMessage } from '@bufbuild/cel-spec/cel/expr/checked_pb.js';
import type { SimpleTest } from '@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js';
import type { Value as ValueMessage } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import { getConformanceSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import { kubernetesEnvironment } from '../environment.ts';
import { compile, prepare, Program } from '../program.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  opaqueType,
  stringType,
  timestampType,
  Type,
  typeType,
  uintType,
} from '../type.ts';
import { isEqual } from '../values/equal.ts';
import { keyOf } from '../values/map.ts';
import { expressionText } from '../values/show.ts';
import { typeOf } from '../values/type-of.ts';
import { CelError, CelMap, Double, intOf, Uint, type Key, type Value } from '../values/value.ts';
import { leftOut } from './conformance-left-out.ts';

/** CEL's conformance suite. What stands in `conformance-left-out.ts` must not pass as a whole: the list is no longer than needed. */
describe('the language as its specification has it', () => {
  const passed = new Map<string, boolean>();
  const names = Object.values(leftOut).flat();
  for (const suite of getConformanceSuite().suites)
    for (const section of suite.suites) {
      const tests = section.tests.map(({ name, original }) => ({
        id: `${suite.name}/${section.name}/${name}`,
        original,
      }));
      test(`${suite.name}/${section.name}`, () => {
        for (const { id, original } of tests) {
          const complaint = complaintAbout(original);
          const names = coveredBy(id);
          if (names.length === 0) assert.equal(complaint, undefined, `${id}: ${original.expr}`);
          for (const name of names) passed.set(name, (passed.get(name) ?? true) && complaint === undefined);
        }
      });
    }

  test('nothing is left out that passes, or that there is not', () => {
    assert.deepEqual(
      names.filter((name) => passed.get(name) !== false),
      [],
    );
  });

  function coveredBy(id: string): string[] {
    return names.filter((name) => id === name || id.startsWith(`${name}/`));
  }
});

/** How the answer differs from what the test says. */
function complaintAbout(original: SimpleTest): string | undefined {
  try {
    return complaintOf(original);
  } catch (error) {
    if (error instanceof Unknown) return error.message;
    throw error;
  }
}

/** Something that this engine has no value or type for. */
class Unknown extends Error {
  override readonly name = 'Unknown';
}

function complaintOf({ expr, typeEnv, bindings, checkOnly, resultMatcher: wanted }: SimpleTest): string | undefined {
  const compiled = compile(expr, kubernetesEnvironment(Object.fromEntries(typeEnv.map(declared))));
  const wantsError = wanted.case === 'evalError' || wanted.case === 'anyEvalErrors';
  if (compiled.issues !== undefined) return wantsError ? undefined : compiled.issues;
  if (checkOnly) return undefined;
  const variables = Object.fromEntries(Object.entries(bindings).map(([name, { kind }]) => [name, boundValue(kind)]));
  const program = prepare(compiled);
  const value = program instanceof Program ? program.run(variables).value : new CelError(program.problem);
  if (wantsError) return value instanceof CelError ? undefined : `no error but ${expressionText(value)}`;
  if (value instanceof CelError) return value.message;
  const result = wanted.case === 'typedResult' ? wanted.value.result : wanted.value;
  if (result === undefined) return wanted.case === undefined && value !== true ? 'not true' : undefined;
  const expected = valueOf(result as ValueMessage);
  return isSame(value, expected) ? undefined : `${expressionText(value)}, not ${expressionText(expected)}`;
}

function isSame(a: Value, b: Value): boolean {
  if (a instanceof Double && b instanceof Double && Number.isNaN(a.value)) return Number.isNaN(b.value);
  return typeOf(a).name === typeOf(b).name && isEqual(a, b);
}

function boundValue(kind: SimpleTest['bindings'][string]['kind']): Value {
  if (kind.case !== 'value') throw new Unknown('a variable that is no value');
  return valueOf(kind.value);
}

function declared({ name, declKind }: Decl): readonly [string, Type] {
  if (declKind.case !== 'ident') throw new Unknown('a function that the test declares');
  return [name, typeOfMessage(declKind.value.type!)];
}

const primitives: readonly (Type | undefined)[] = [
  undefined,
  boolType,
  intType,
  uintType,
  doubleType,
  stringType,
  bytesType,
];
const wellKnown: readonly (Type | undefined)[] = [undefined, dynType, timestampType, durationType];

function typeOfMessage({ typeKind: { case: kind, value } }: TypeMessage): Type {
  switch (kind) {
    case 'primitive':
      return primitives[value]!;
    case 'wellKnown':
      return wellKnown[value]!;
    case 'dyn':
      return dynType;
    case 'null':
      return nullType;
    case 'type':
      return typeType;
    case 'listType':
      return listType(typeOfMessage(value.elemType!));
    case 'mapType':
      return mapType(typeOfMessage(value.keyType!), typeOfMessage(value.valueType!));
    case 'abstractType':
      return opaqueType(value.name, ...value.parameterTypes.map(typeOfMessage));
    default:
      throw new Unknown(`a type that is ${kind}`);
  }
}

function valueOf({ kind: { case: kind, value } }: ValueMessage): Value {
  switch (kind) {
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'stringValue':
    case 'bytesValue':
      return value;
    case 'int64Value':
      return intOf(value);
    case 'uint64Value':
      return new Uint(intOf(value));
    case 'doubleValue':
      return new Double(value);
    case 'typeValue':
      return new Type('type', value);
    case 'listValue':
      return value.values.map(valueOf);
    case 'mapValue': {
      const entries = new Map<Key, { key: Value; value: Value }>();
      for (const entry of value.entries) {
        const key = valueOf(entry.key!);
        entries.set(keyOf(key)!, { key, value: valueOf(entry.value!) });
      }
      return new CelMap(entries);
    }
    default:
      throw new Unknown(`a value that is ${kind}`);
  }
}
