import { isObject, memberOf } from '../../apimachinery/patch/json-value.ts';
import { RawNumber } from '../../apimachinery/raw-number.ts';

/** How many values may still be looked at; who wants several paths of one object to share a bound gives the same. */
export interface Visits {
  left: number;
}

/** What one object is worth: more than whole lists of it have, and some milliseconds. */
export function someVisits(): Visits {
  return { left: 50_000 };
}

/** The values that a path leads to, found one by one as they are asked for; none any more when no visits are left. */
export type FindValues = (value: unknown, visits?: Visits) => Iterable<unknown>;

type Step = (value: unknown, visits: Visits) => Iterable<unknown>;

export const longestPath = 1024;
const mostSteps = 20;

/** Why a path is more than is read here; `undefined`: it is not. `text` has {@link longestPath} letters at most. */
export function jsonPathProblem(text: string): string | undefined {
  const steps = { left: mostSteps };
  compileWithin(text, steps);
  return steps.left < 0 ? `must have at most ${mostSteps} steps` : undefined;
}

/**
 * Compiles a path of kubectl's JSONPath without braces: `.spec.list[0].name`, `['a.b']`, `[*]`, `[1:3]`, `..name`,
 * `[?(@.type=="Ready")]`. (kubectl reference, "JSONPath Support".) `undefined`: it is no such path, or too long.
 */
export function compileJsonPath(text: string): FindValues | undefined {
  return text.length > longestPath ? undefined : compileWithin(text, { left: mostSteps });
}

/** `steps.left` is how many steps the path may have with those in its filters; it is below zero if they are more. */
function compileWithin(text: string, steps: { left: number }): FindValues | undefined {
  const made: Step[] = [];
  let rest = text;
  while (rest !== '') {
    if (--steps.left < 0) return undefined;
    const step = nextStep(rest, steps);
    if (step === undefined) return undefined;
    made.push(step.step);
    rest = rest.slice(step.length);
  }
  return (value, visits = someVisits()) => follow(made, 0, value, visits);
}

function* follow(steps: readonly Step[], at: number, value: unknown, visits: Visits): Generator<unknown> {
  if (--visits.left < 0) return;
  const step = steps[at];
  if (step === undefined) yield value;
  else for (const found of step(value, visits)) yield* follow(steps, at + 1, found, visits);
}

/** The first value that the path leads to; `undefined` where it leads nowhere. */
export function firstValue(find: FindValues, value: unknown, visits?: Visits): unknown {
  for (const found of find(value, visits)) return found;
  return undefined;
}

function nextStep(text: string, steps: { left: number }): { readonly step: Step; readonly length: number } | undefined {
  const recursive = /^\.\.(?=[\w*['])/.exec(text);
  if (recursive !== null) return { step: descendants, length: text[2] === '[' ? 2 : 1 };
  const [named, name] = /^\.?((?:[^.[\]{}\\\s?*()]|\\.)+)/.exec(text) ?? [];
  if (named !== undefined && name !== undefined)
    return { step: member(name.replace(/\\(.)/g, '$1')), length: named.length };
  const [star] = /^\.?(?:\*|\[\*\])/.exec(text) ?? [];
  if (star !== undefined) return { step: children, length: star.length };
  if (text === '.') return { step: (value) => [value], length: 1 };
  const end = closingBracket(text);
  if (end < 0) return undefined;
  const step = bracketStep(text.slice(1, end).trim(), steps);
  return step === undefined ? undefined : { step, length: end + 1 };
}

function member(name: string): Step {
  return (value) => {
    const found = isObject(value) ? memberOf(value, name) : undefined;
    return found === undefined ? [] : [found];
  };
}

function children(value: unknown, visits: Visits): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [];
  const members = Object.values(value);
  visits.left -= members.length;
  return members;
}

function* descendants(value: unknown, visits: Visits): Generator<unknown> {
  const open = [[value].values()];
  while (open.length > 0) {
    const next = open.at(-1)!.next();
    if (next.done === true) {
      open.pop();
      continue;
    }
    if (--visits.left < 0) return;
    yield next.value;
    open.push(children(next.value, visits).values() as ArrayIterator<unknown>);
  }
}

/** The end of the bracket that opens the text, quotes and inner brackets passed over; -1 where there is none. */
function closingBracket(text: string): number {
  if (!text.startsWith('[')) return -1;
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== '') {
      if (char === '\\') at++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '[') depth++;
    else if (char === ']' && --depth === 0) return at;
  }
  return -1;
}

function bracketStep(inner: string, steps: { left: number }): Step | undefined {
  const filter = /^\?\((.*)\)$/s.exec(inner)?.[1];
  if (filter !== undefined) return filterStep(filter, steps);
  const quoted = /^'((?:[^'\\]|\\.)*)'$/.exec(inner)?.[1] ?? /^"((?:[^"\\]|\\.)*)"$/.exec(inner)?.[1];
  if (quoted !== undefined) return member(quoted.replace(/\\(.)/g, '$1'));
  if (/^-?\d+$/.test(inner)) return (value) => itemAt(value, Number(inner));
  if (/^-?\d+(\s*,\s*-?\d+)+$/.test(inner)) {
    const positions = inner.split(',').map(Number);
    return (value) => positions.flatMap((at) => itemAt(value, at));
  }
  const [, from, to, by] = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(inner) ?? [];
  if (from === undefined) return undefined;
  return (value, visits) => slice(value, [from, to ?? '', by ?? ''], visits);
}

function itemAt(value: unknown, at: number): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  const position = at < 0 ? value.length + at : at;
  return position in value ? [value[position]] : [];
}

function slice(value: unknown, [from, to, by]: readonly [string, string, string], visits: Visits): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  visits.left -= value.length;
  const step = by === '' ? 1 : Number(by);
  const part = value.slice(from === '' ? 0 : Number(from), to === '' ? value.length : Number(to)) as unknown[];
  return step <= 1 ? part : part.filter((_, at) => at % step === 0);
}

function filterStep(expression: string, steps: { left: number }): Step | undefined {
  const { 0: operator, index = expression.length } = /==|!=|<=|>=|<|>/.exec(expression) ?? {};
  const find = operandOf(expression.slice(0, index), steps);
  const other = operator === undefined ? undefined : operandOf(expression.slice(index + operator.length), steps);
  if (find === undefined || (operator !== undefined && other === undefined)) return undefined;
  const holds = (item: unknown, visits: Visits): boolean => {
    const found = firstValue(find, item, visits);
    if (operator === undefined || found === undefined) return found !== undefined;
    return compare(found, firstValue(other!, item, visits), operator);
  };
  return function* (value, visits) {
    for (const item of children(value, visits)) {
      if (visits.left <= 0) return;
      if (holds(item, visits)) yield item;
    }
  };
}

function operandOf(text: string, steps: { left: number }): FindValues | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('@')) return compileWithin(trimmed.slice(1), steps);
  const quoted = /^'(.*)'$/s.exec(trimmed)?.[1] ?? /^"(.*)"$/s.exec(trimmed)?.[1];
  if (quoted !== undefined) return () => [quoted];
  if (trimmed === 'true' || trimmed === 'false') return () => [trimmed === 'true'];
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? () => [Number(trimmed)] : undefined;
}

function compare(left: unknown, right: unknown, operator: string): boolean {
  const [a, b] = [plain(left), plain(right)];
  if (operator === '==') return a === b;
  if (operator === '!=') return a !== b;
  if (typeof a !== typeof b || (typeof a !== 'number' && typeof a !== 'string')) return false;
  const [x, y] = [a, b as typeof a];
  return operator === '<' ? x < y : operator === '<=' ? x <= y : operator === '>' ? x > y : x >= y;
}

function plain(value: unknown): unknown {
  return value instanceof RawNumber ? Number(value) : value;
}
