import { isObject, memberOf } from '../../apimachinery/patch/json-value.ts';
import { RawNumber } from '../../apimachinery/raw-number.ts';

/** Finds the values that a path leads to; `undefined` where the path is none. */
export type FindValues = (value: unknown) => readonly unknown[];

type Step = (values: readonly unknown[]) => readonly unknown[];

/**
 * Compiles a path of kubectl's JSONPath without braces: `.spec.list[0].name`, `['a.b']`, `[*]`, `[1:3]`, `..name`,
 * `[?(@.type=="Ready")]`. (kubectl reference, "JSONPath Support".) `undefined`: it is no such path.
 */
export function compileJsonPath(text: string): FindValues | undefined {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const step = nextStep(rest);
    if (step === undefined) return undefined;
    steps.push(step.step);
    rest = rest.slice(step.length);
  }
  return (value) => steps.reduce<readonly unknown[]>((values, step) => step(values), [value]);
}

function nextStep(text: string): { readonly step: Step; readonly length: number } | undefined {
  const recursive = /^\.\.(?=[\w*['])/.exec(text);
  if (recursive !== null) return { step: (values) => values.flatMap(descendants), length: text[2] === '[' ? 2 : 1 };
  const [named, name] = /^\.?((?:[^.[\]{}\\\s?*()]|\\.)+)/.exec(text) ?? [];
  if (named !== undefined && name !== undefined)
    return { step: member(name.replace(/\\(.)/g, '$1')), length: named.length };
  const [star] = /^\.?(?:\*|\[\*\])/.exec(text) ?? [];
  if (star !== undefined) return { step: (values) => values.flatMap(children), length: star.length };
  if (text === '.') return { step: (values) => values, length: 1 };
  const end = closingBracket(text);
  if (end < 0) return undefined;
  const step = bracketStep(text.slice(1, end).trim());
  return step === undefined ? undefined : { step, length: end + 1 };
}

function member(name: string): Step {
  return (values) =>
    values.flatMap((value) => {
      const found = isObject(value) ? memberOf(value, name) : undefined;
      return found === undefined ? [] : [found];
    });
}

function children(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function descendants(value: unknown): readonly unknown[] {
  return [value, ...children(value).flatMap(descendants)];
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

function bracketStep(inner: string): Step | undefined {
  const filter = /^\?\((.*)\)$/s.exec(inner)?.[1];
  if (filter !== undefined) return filterStep(filter.trim());
  const quoted = /^'((?:[^'\\]|\\.)*)'$/.exec(inner)?.[1] ?? /^"((?:[^"\\]|\\.)*)"$/.exec(inner)?.[1];
  if (quoted !== undefined) return member(quoted.replace(/\\(.)/g, '$1'));
  if (/^-?\d+$/.test(inner)) return (values) => values.flatMap((value) => itemAt(value, Number(inner)));
  if (/^-?\d+(\s*,\s*-?\d+)+$/.test(inner)) {
    const positions = inner.split(',').map(Number);
    return (values) => values.flatMap((value) => positions.flatMap((at) => itemAt(value, at)));
  }
  const [, from, to, by] = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(inner) ?? [];
  if (from === undefined) return undefined;
  return (values) => values.flatMap((value) => slice(value, from, to ?? '', by ?? ''));
}

function itemAt(value: unknown, at: number): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  const position = at < 0 ? value.length + at : at;
  return position in value ? [value[position]] : [];
}

function slice(value: unknown, from: string, to: string, by: string): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  const step = by === '' ? 1 : Number(by);
  const part = value.slice(from === '' ? 0 : Number(from), to === '' ? value.length : Number(to)) as unknown[];
  return step <= 1 ? part : part.filter((_, at) => at % step === 0);
}

function filterStep(expression: string): Step | undefined {
  const [, left = '', operator, right = ''] = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(expression) ?? [];
  const find = operandOf(operator === undefined ? expression : left);
  const other = operator === undefined ? undefined : operandOf(right);
  if (find === undefined || (operator !== undefined && other === undefined)) return undefined;
  const holds = (item: unknown): boolean => {
    const values = find(item);
    if (operator === undefined) return values.length > 0;
    return values.length > 0 && compare(values[0], other!(item)[0], operator);
  };
  return (values) => values.flatMap((value) => children(value).filter(holds));
}

function operandOf(text: string): FindValues | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('@')) return compileJsonPath(trimmed.slice(1));
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
