import type { Steps } from '../../base/in-steps.ts';
import { partsOf, type Call, type Expression, type ListOf, type MapOf } from '../syntax/expression.ts';
import type { Issue } from '../syntax/issues.ts';
import { withoutOptional, type Type } from '../type.ts';
import { compilePattern } from '../values/regex.ts';
import { parseDuration, parseTimestamp } from '../values/time.ts';
import { CelError, type Value } from '../values/value.ts';
import type { Checked } from './checked.ts';
import { checkFormat } from './validate-format.ts';

/** What literals have to be that functions are given. */
const literals: Readonly<Record<string, (value: Value) => unknown>> = {
  duration: (value) => (typeof value === 'string' ? parseDuration(value) : value),
  timestamp: (value) => (typeof value === 'string' ? parseTimestamp(value) : value),
  matches: (value) => (typeof value === 'string' ? compilePattern(value) : value),
};

/** What it costs to look at a part, in the measure of {@link Steps}. */
const costOfPart = 4;

/**
 * Looks at what only literals can show to be wrong: times, patterns and formats that are none, and lists and maps that mix
 * types. What is wrong is added to `issues`. In steps: a few letters can be a pattern that takes a millisecond to compile.
 */
export function* validating(checked: Checked, issues: Issue[]): Steps<void> {
  const seen = new Set<Expression>();
  const waiting: { readonly part: Expression; readonly mayMix: boolean }[] = [
    { part: checked.expression, mayMix: false },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { part } = next;
    if (seen.has(part)) continue;
    seen.add(part);
    // What a text is made of may be of any types.
    const mayMix = next.mayMix || (part.kind === 'call' && part.function === 'format');
    for (const inner of partsOf(part)) waiting.push({ part: inner, mayMix });
    if (part.kind === 'call') {
      checkLiteral(part, issues);
      checkFormat(part, checked, issues);
      yield part.function === 'matches' ? undefined : costOfPart;
    }
    if (part.kind === 'list' && !mayMix) checkList(part, checked, issues);
    if (part.kind === 'map' && !mayMix) checkMap(part, checked, issues);
  }
}

function checkLiteral({ function: name, arguments: [first] }: Call, issues: Issue[]): void {
  if (first?.kind !== 'literal' || !Object.hasOwn(literals, name)) return;
  const found = literals[name]!(first.value);
  if (found === undefined || found instanceof CelError)
    issues.push({ at: first.at, message: `invalid ${name} argument` });
}

function checkList({ elements, optionals }: ListOf, { types }: Checked, issues: Issue[]): void {
  let expected: Type | undefined;
  for (const [index, element] of elements.entries()) {
    const own = types.get(element)!;
    const type = optionals.has(index) ? withoutOptional(own) : own;
    expected ??= type;
    if (differ(expected, type)) {
      mismatch(element, expected, type, issues);
      return;
    }
  }
}

function checkMap({ entries }: MapOf, { types }: Checked, issues: Issue[]): void {
  let expected: readonly [Type, Type] | undefined;
  for (const { key, value, isOptional } of entries) {
    const own = types.get(value)!;
    const found = [types.get(key)!, isOptional ? withoutOptional(own) : own] as const;
    expected ??= found;
    for (const [index, part] of [key, value].entries())
      if (differ(expected[index]!, found[index]!)) mismatch(part, expected[index]!, found[index]!, issues);
  }
}

function mismatch({ at }: Expression, expected: Type, found: Type, issues: Issue[]): void {
  issues.push({ at, message: `expected type '${expected}' but found '${found}'` });
}

function differ(a: Type, b: Type): boolean {
  return !a.equals(b);
}
