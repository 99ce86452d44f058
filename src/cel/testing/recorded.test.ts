import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import { estimateCost } from '../cost/estimate.ts';
import { kubernetesEnvironment } from '../environment.ts';
import { compile, prepare, Program } from '../program.ts';
import { declarationOf, type JsonSchema } from '../schema.ts';
import { dynType, type Type } from '../type.ts';
import { expressionText } from '../values/show.ts';
import { typeOf } from '../values/type-of.ts';
import { CelError, Optional, type Value } from '../values/value.ts';

/**
 * Expressions with what Kubernetes 1.36.3's own environment answers: issues or type, estimated cost, the value or error,
 * and the cost of computing it.
 */
interface Recorded {
  readonly expr: string;
  readonly self?: unknown;
  /** With `self` and its schema as in `recorded-thing.json`; otherwise nothing is known of `self`. */
  readonly on?: 'thing';
  readonly want: Answer;
}

interface Answer {
  readonly issues?: string;
  readonly type?: string;
  readonly program?: string;
  readonly value?: string;
  readonly error?: string;
  readonly cost?: number;
  /** Of the estimate, at least and at most. */
  readonly estMin?: string;
  readonly estMax?: string;
}

const thing = parseJson(readFileSync(new URL('recorded-thing.json', import.meta.url), 'utf8')) as {
  readonly schema: JsonSchema;
  readonly self: unknown;
};
const lines = readFileSync(new URL('recorded.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

for (const line of lines) {
  const recorded = parseJson(line) as Recorded;
  test(`answers as Kubernetes does: ${recorded.expr.slice(0, 100)}`, () => {
    const { estMin, estMax, ...want } = recorded.want;
    const { least, most, ...found } = answer(recorded);
    assert.deepEqual({ cost: 0, ...found }, want);
    if (estMin !== undefined) assert.deepEqual([least, most], [Number(estMin), Number(estMax)]);
  });
}

function answer({ expr, on, self: own }: Recorded): Answer & { readonly least?: number; readonly most?: number } {
  const declaration = on ? declarationOf(thing.schema, 'selfType1')! : dynType;
  const self = on ? thing.self : own;
  const compiled = compile(expr, kubernetesEnvironment({ self: declaration, oldSelf: declaration }));
  if (compiled.issues !== undefined) return { issues: compiled.issues };
  const { min: least, max: most } = estimateCost(compiled);
  const known = { type: typeText(compiled.type), least, most };
  const program = prepare(compiled);
  if (!(program instanceof Program)) return { ...known, program: program.problem };
  const { value, cost } = program.run({ self: self ?? null, oldSelf: self ?? null });
  if (value instanceof CelError) return { ...known, cost, error: value.message };
  return { ...known, cost, value: valueText(value) };
}

function typeText({ name, parameters }: Type): string {
  return parameters.length === 0 ? name : `${name}(${parameters.map(typeText).join(', ')})`;
}

function valueText(value: Value): string {
  if (!(value instanceof Optional)) return `${typeOf(value).name} ${expressionText(value)}`;
  return value.value === undefined ? 'optional.none' : `optional ${valueText(value.value)}`;
}
