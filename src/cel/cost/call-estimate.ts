import type { Expression } from '../syntax/expression.ts';
import type { Type } from '../type.ts';
import { authorizationCheck, listCreation, pattern, structCreation, traversal } from './factors.ts';
import { add, exactly, multiply, nothing, scale, unbounded, unknown, type Range } from './range.ts';

/** An operand as estimates see it. */
export interface Operand {
  readonly expression: Expression | undefined;
  readonly type: Type;
  /** Where in the variables the value is from. */
  readonly path: readonly string[] | undefined;
  readonly size: Range | undefined;
}

/** What a call may cost, and how large its result may be. */
export interface CallEstimate {
  readonly cost: Range;
  readonly size?: Range;
}

export interface CallOf {
  readonly target: Operand | undefined;
  readonly arguments: readonly Operand[];
  readonly id: string;
  /** The size of what a list holds. */
  elementSize(list: Operand): Range;
}

type Estimate = (call: CallOf) => CallEstimate | undefined;

const size = (operand: Operand | undefined): Range => operand?.size ?? unknown;
const one = exactly(1);

/** Once through the first argument, or (`isResult`) through that and the result is as large. */
function through(times: number, isResult: boolean): Estimate {
  return ({ arguments: [first] }) => {
    if (!first) return undefined;
    const cost = scale(size(first), times * traversal);
    return isResult ? { cost, size: size(first) } : { cost };
  };
}

const throughTarget: Estimate = ({ target }) => target && { cost: scale(size(target), traversal), size: size(target) };

const throughItems: Estimate = ({ target, elementSize }) => {
  if (!target) return undefined;
  const [element] = target.type.parameters;
  if (!element) return { cost: scale(size(target), traversal) };
  const isText = element.kind === 'string' || element.kind === 'bytes';
  const each = isText ? add(one, scale(elementSize(target), traversal)) : one;
  return { cost: multiply(size(target), each) };
};

const selector: Estimate = ({ arguments: [text] }) => {
  if (!text) return undefined;
  const requirements = scale(scale(size(text), 0.5), listCreation + structCreation);
  return { cost: add(exactly(listCreation), scale(size(text), traversal), requirements) };
};

const finding: Estimate = ({ target, arguments: [regex] }) => {
  if (!target || !regex) return undefined;
  const cost = multiply(scale(add(size(target), one), traversal), scale(size(regex), pattern));
  return { cost, size: { min: 0, max: size(target).max } };
};

const replacing: Estimate = ({ target, arguments: [from, to] }) => {
  if (!target || !from || !to) return undefined;
  const [text, old, fresh] = [size(target), size(from), size(to)];
  const most = replacements(text.max, old.min, fresh.max <= old.min);
  const least = replacements(text.min, old.max, old.max <= fresh.min);
  const count = { min: least.count, max: most.count };
  const result = add(multiply(count, fresh), { min: least.kept, max: most.kept });
  return { cost: scale(text, 2 * traversal), size: result };
};

/** How often a part of `part` letters may be found, and how many letters of the text stay beside what is put in. */
function replacements(text: number, part: number, isNoChange: boolean): { count: number; kept: number } {
  if (part === 0) return { count: Math.min(text + 1, unbounded), kept: text };
  return isNoChange ? { count: 0, kept: text } : { count: Math.ceil(text / part), kept: 0 };
}

const splitting: Estimate = ({ target, arguments: [, limit] }) => {
  if (!target) return undefined;
  const text = size(target);
  const literal = limit?.expression?.kind === 'literal' ? limit.expression.value : undefined;
  const most = typeof literal === 'number' ? (literal < 0 ? unbounded : literal) : text.max;
  return { cost: scale(text, 2 * traversal), size: { min: 0, max: most } };
};

const joining: Estimate = ({ target, arguments: [separator], elementSize }) => {
  if (!target) return undefined;
  const items = size(target);
  let letters = target.type.parameters.length > 0 ? multiply(items, elementSize(target)) : nothing;
  if (separator) {
    const separators = { min: Math.max(0, items.min - 1), max: Math.max(0, items.max - 1) };
    letters = add(letters, multiply(size(separator), separators));
  }
  return { cost: scale(letters, traversal), size: letters };
};

const addressBytes: Range = { min: 4, max: 16 };

const containsAddress: Estimate = ({ arguments: [other], id }) => {
  if (!other) return undefined;
  const comparing = scale(add(addressBytes, addressBytes), traversal);
  const masking = id.includes('cidr_contains_cidr') ? add(scale(addressBytes, traversal), one) : nothing;
  const parsing = id.endsWith('_string') ? scale(size(other), traversal) : nothing;
  return { cost: add(comparing, masking, parsing) };
};

const validating: Estimate = ({ arguments: [text] }) =>
  text && { cost: scale(scale(size(text), traversal), longestFormatPattern * pattern) };

/** The longest regular expression that a format stands for, and the longest name of one. */
const longestFormatPattern = 128;
const longestFormat = 64;

const equality: Estimate = ({ arguments: [left, right] }) => {
  if (!left || !right || !left.type.equals(right.type)) return undefined;
  switch (left.type.name) {
    case 'kubernetes.NamedFormat':
      return { cost: scale({ min: 1, max: longestFormat }, traversal) };
    case 'kubernetes.URL':
      return { cost: scale({ min: 1, max: right.size?.max ?? 1 }, traversal) };
    default:
      return /^(?:kubernetes|net)\./.test(left.type.name) ? { cost: one } : undefined;
  }
};

/** Kubernetes' libraries, by name. */
const byName: Readonly<Record<string, Estimate>> = {
  __proto__: null as never,
  check: () => ({ cost: exactly(authorizationCheck) }),
  fieldSelector: selector,
  labelSelector: selector,
  isSorted: throughItems,
  sum: throughItems,
  max: throughItems,
  min: throughItems,
  indexOf: throughItems,
  lastIndexOf: throughItems,
  url: through(1, true),
  'jsonpatch.escapeKey': through(1, true),
  lowerAscii: throughTarget,
  upperAscii: throughTarget,
  substring: throughTarget,
  trim: throughTarget,
  replace: replacing,
  split: splitting,
  join: joining,
  find: finding,
  findAll: finding,
  cidr: through(1, false),
  isIP: through(1, false),
  isCIDR: through(1, false),
  ip: (call) => (call.id === 'cidr_ip' ? { cost: one } : through(1, false)(call)),
  'ip.isCanonical': through(2, false),
  containsIP: containsAddress,
  containsCIDR: containsAddress,
  quantity: through(1, false),
  isQuantity: through(1, false),
  semver: through(1, false),
  isSemver: through(1, false),
  validate: validating,
  '_==_': equality,
};

/** Signatures of the language's own libraries that come before anything else. */
const byOverload: Readonly<Record<string, Estimate>> = {
  __proto__: null as never,
  list_sets_contains_list: setEstimate(1),
  list_sets_intersects_list: setEstimate(1),
  list_sets_equivalent_list: setEstimate(2),
  list_slice: ({ target, arguments: [start, end] }) => {
    if (!target) return undefined;
    const length = integer(end, size(target).max) - integer(start, 0);
    return allocating(1, exactly(length < 0 ? unbounded : length));
  },
  lists_range: ({ arguments: [count] }) => allocating(1, exactly(integer(count, unbounded))),
  list_reverse: ({ target }) => allocating(1, size(target)),
  list_flatten: ({ target }) => allocating(1, size(target)),
  list_flatten_int: ({ target, arguments: [depth] }) => allocating(integer(depth, unbounded), size(target)),
  list_distinct: ({ target }) => allocating(2, multiply(size(target), size(target))),
};

function setEstimate(factor: number): Estimate {
  return ({ arguments: [a, b] }) => ({ cost: add(scale(multiply(size(a), size(b)), factor), one) });
}

/** The amount that a literal says; `otherwise` for what is none. */
function integer(operand: Operand | undefined, otherwise: number): number {
  if (operand?.expression?.kind !== 'literal') return otherwise;
  const { value } = operand.expression;
  if (typeof value !== 'number' && typeof value !== 'bigint') return otherwise;
  return Math.max(0, Number(value));
}

function allocating(factor: number, items: Range): CallEstimate {
  return { cost: add(scale(items, factor), one, exactly(listCreation)), size: items };
}

function sorting(keys: Operand | undefined, id: string): CallEstimate {
  const isText = /^list_(?:string|bytes)_/.test(id);
  return allocating(isText ? 2 + traversal : 2, multiply(size(keys), size(keys)));
}

/** What a function of a library may cost beside its arguments; `undefined` where it is the standard library's affair. */
export function libraryEstimate(name: string, call: CallOf): CallEstimate | undefined {
  const { id, target, arguments: args } = call;
  if (/^list_\w+_sort$/.test(id)) return sorting(target, id);
  if (id.includes('sortByAssociatedKeys')) return sorting(args[0], id);
  return byOverload[id]?.(call) ?? byName[name]?.(call);
}

/** The standard library's functions by signature. */
export function standardEstimate({ id, target, arguments: args }: CallOf): CallEstimate {
  const [first, second] = args;
  switch (id) {
    case 'string_format':
      return { cost: scale(size(target), traversal) };
    case 'string_to_bytes':
      return {
        cost: scale(size(first), traversal),
        size: { min: size(first).min, max: Math.min(size(first).max * 4, unbounded) },
      };
    case 'bytes_to_string':
      return {
        cost: scale(size(first), traversal),
        size: { min: Math.floor(size(first).min / 4), max: size(first).max },
      };
    case 'strings_quote':
      return { cost: scale(size(first), traversal), size: add(multiply(size(first), { min: 1, max: 2 }), exactly(2)) };
    case 'starts_with_string':
    case 'ends_with_string':
      return { cost: scale(size(first), traversal) };
    case 'in_list':
      return { cost: size(second) };
    case 'matches_string':
      return { cost: multiply(scale(add(size(target), one), traversal), scale(size(first), pattern)) };
    case 'contains_string':
      return { cost: multiply(scale(size(target), traversal), scale(size(first), traversal)) };
    case 'add_list':
      return { cost: one, size: add(size(first), size(second)) };
    case 'add_string':
    case 'add_bytes': {
      const sum = add(size(first), size(second));
      return { cost: scale(sum, traversal), size: sum };
    }
    default:
      return isComparison(id) ? { cost: comparing(size(first), size(second)) } : { cost: one };
  }
}

function isComparison(id: string): boolean {
  return /^(?:equals|not_equals|(?:less|greater)(?:_equals)?_(?:string|bytes))$/.test(id);
}

function comparing(a: Range, b: Range): Range {
  const max = Math.min(a.max, b.max);
  return scale({ min: max > 0 ? 1 : 0, max }, traversal);
}
