import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
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
  readonly schema?: JsonSchema;
  readonly self?: unknown;
  readonly want: Answer;
}

interface Answer {
  readonly issues?: string;
  readonly type?: string;
  readonly program?: string;
  readonly value?: string;
  readonly error?: string;
  readonly cost?: number;
}

const lines = readFileSync(new URL('recorded.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

for (const line of lines) {
  const recorded = parseJson(line) as Recorded;
  test(`answers as Kubernetes does: ${recorded.expr.slice(0, 100)}`, () => {
    const { estMin, estMax, card, ...want } = recorded.want as Answer & Record<string, unknown>;
    void [estMin, estMax, card];
    assert.deepEqual({ cost: 0, ...answer(recorded) }, want);
  });
}

function answer({ expr, schema, self }: Recorded): Answer {
  const declaration = schema ? declarationOf(schema, 'selfType1')! : dynType;
  const compiled = compile(expr, kubernetesEnvironment({ self: declaration, oldSelf: declaration }));
  if (compiled.issues !== undefined) return { issues: compiled.issues };
  const type = typeText(compiled.type);
  const program = prepare(compiled);
  if (!(program instanceof Program)) return { type, program: program.problem };
  const { value, cost } = program.run({ self: self ?? null, oldSelf: self ?? null });
  return value instanceof CelError ? { type, cost, error: value.message } : { type, cost, value: valueText(value) };
}

function typeText({ name, parameters }: Type): string {
  return parameters.length === 0 ? name : `${name}(${parameters.map(typeText).join(', ')})`;
}

function valueText(value: Value): string {
  if (!(value instanceof Optional)) return `${typeOf(value).name} ${expressionText(value)}`;
  return value.value === undefined ? 'optional.none' : `optional ${valueText(value.value)}`;
}
