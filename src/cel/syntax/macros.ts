import {
  call,
  identifier,
  list,
  literal,
  memberCall,
  resultName,
  type Comprehension,
  type Expression,
} from './expression.ts';
import type { Issue } from './issues.ts';

/** What a macro makes of a call at `at`, or what is wrong with the arguments. */
type Macro = (at: number, target: Expression, args: readonly Expression[]) => Expression | Issue;

/** Macros by name and number of arguments. Those with a point have something before it. */
export type Macros = Readonly<Record<string, (...of: Parameters<Macro>) => Expression | Issue | undefined>>;

/** How a macro goes over a range. `rest` are the arguments behind the variables. */
type Body = (
  at: number,
  rest: readonly Expression[],
  variable: Expression,
) => Pick<Comprehension, 'initial' | 'condition' | 'step' | 'end'>;

const simpleName = 'argument must be a simple name';
const notIdentifier = 'argument is not an identifier';

function has(at: number, operand: Expression): Expression | Issue {
  if (operand.kind === 'select') return { ...operand, at, isTest: true };
  return { at: operand.at, message: 'invalid argument to has() macro' };
}

function overOne(body: Body, complaint: string): Macro {
  return (at, range, [variable, ...rest]) => {
    const issue = variableIssue(variable!, complaint);
    if (issue) return issue;
    const name = (variable as { name: string }).name;
    const loop = body(at, rest, variable!);
    return { kind: 'comprehension', at, range, variable: name, second: undefined, result: resultName, ...loop };
  };
}

function overTwo(body: Body): Macro {
  return (at, range, [first, second, ...rest]) => {
    for (const variable of [first!, second!])
      if (variable.kind !== 'identifier') return { at: variable.at, message: simpleName };
    const variable = (first as { name: string }).name;
    const other = (second as { name: string }).name;
    if (variable === other) return { at: second!.at, message: `duplicate variable name: ${variable}` };
    const issue = variableIssue(first!, simpleName) ?? variableIssue(second!, simpleName);
    if (issue) return issue;
    return { kind: 'comprehension', at, range, variable, second: other, result: resultName, ...body(at, rest, first!) };
  };
}

function variableIssue(variable: Expression, complaint: string): Issue | undefined {
  if (variable.kind !== 'identifier') return { at: variable.at, message: complaint };
  if (variable.name !== '__result__') return undefined;
  return { at: variable.at, message: 'iteration variable overwrites accumulator variable' };
}

const result = (at: number) => identifier(at, resultName);

const all: Body = (at, [predicate]) => ({
  initial: literal(at, true),
  condition: call(at, '@not_strictly_false', result(at)),
  step: call(at, '_&&_', result(at), predicate!),
  end: result(at),
});

const exists: Body = (at, [predicate]) => ({
  initial: literal(at, false),
  condition: call(at, '@not_strictly_false', call(at, '!_', result(at))),
  step: call(at, '_||_', result(at), predicate!),
  end: result(at),
});

const existsOne: Body = (at, [predicate]) => ({
  initial: literal(at, 0),
  condition: literal(at, true),
  step: call(at, '_?_:_', predicate!, call(at, '_+_', result(at), literal(at, 1)), result(at)),
  end: call(at, '_==_', result(at), literal(at, 1)),
});

/** The last argument for each; with two of them, where the first is true. */
const mapped: Body = (at, rest) => ({
  initial: list(at),
  condition: literal(at, true),
  step: where(at, rest, call(at, '_+_', result(at), list(at, rest.at(-1)!))),
  end: result(at),
});

const filtered: Body = (at, [predicate], variable) => mapped(at, [predicate!, variable], variable);

function intoMap(at: number, rest: readonly Expression[], key: readonly Expression[]): ReturnType<Body> {
  return {
    initial: { kind: 'map', at, entries: [] },
    condition: literal(at, true),
    step: where(at, rest, call(at, 'cel.@mapInsert', result(at), ...key, rest.at(-1)!)),
    end: result(at),
  };
}

function where(at: number, rest: readonly Expression[], step: Expression): Expression {
  return rest.length === 1 ? step : call(at, '_?_:_', rest[0]!, step, result(at));
}

/** Names a value: what stands behind sees it as `variable`. */
function bound(at: number, variable: string, value: Expression, end: Expression): Expression {
  return {
    kind: 'comprehension',
    at,
    range: list(at),
    variable: '#unused',
    second: undefined,
    result: variable,
    initial: value,
    condition: literal(at, false),
    step: identifier(at, variable),
    end,
  };
}

function intoOptional(
  at: number,
  target: Expression,
  [variable, value]: readonly Expression[],
  name: string,
): Expression | Issue {
  if (variable!.kind !== 'identifier')
    return { at: variable!.at, message: `${name}() variable name must be a simple identifier` };
  const inner = bound(at, variable!.name, memberCall(at, target, 'value'), value!);
  const some = name === 'optMap' ? call(at, 'optional.of', inner) : inner;
  return call(at, '_?_:_', memberCall(at, target, 'hasValue'), some, call(at, 'optional.none'));
}

function sortBy(at: number, target: Expression, args: readonly Expression[]): Expression | Issue {
  if (target.kind === 'literal' || target.kind === 'map' || target.kind === 'struct')
    return {
      at: target.at,
      message: 'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    };
  const input = '@__sortBy_input__';
  const keys = overOne(mapped, notIdentifier)(at, identifier(at, input), args);
  if (!('kind' in keys)) return keys;
  return bound(at, input, target, memberCall(at, identifier(at, input), '@sortByAssociatedKeys', keys));
}

/** `cel.bind(name, value, expression)`; `undefined`: another `bind`. */
function bind(
  at: number,
  target: Expression,
  [variable, value, end]: readonly Expression[],
): Expression | Issue | undefined {
  if (target.kind !== 'identifier' || target.name !== 'cel') return undefined;
  if (variable!.kind !== 'identifier')
    return { at: variable!.at, message: 'cel.bind() variable names must be simple identifiers' };
  return bound(at, variable!.name, value!, end!);
}

const macros: Macros = {
  __proto__: null as never,
  'has 1': has,
  '.all 2': overOne(all, simpleName),
  '.all 3': overTwo(all),
  '.exists 2': overOne(exists, simpleName),
  '.exists 3': overTwo(exists),
  '.exists_one 2': overOne(existsOne, simpleName),
  '.exists_one 3': overTwo(existsOne),
  '.existsOne 2': overOne(existsOne, simpleName),
  '.existsOne 3': overTwo(existsOne),
  '.map 2': overOne(mapped, notIdentifier),
  '.map 3': overOne(mapped, notIdentifier),
  '.filter 2': overOne(filtered, notIdentifier),
  '.transformList 3': overTwo(mapped),
  '.transformList 4': overTwo(mapped),
  '.transformMap 3': overTwo((at, rest, key) => intoMap(at, rest, [key])),
  '.transformMap 4': overTwo((at, rest, key) => intoMap(at, rest, [key])),
  '.transformMapEntry 3': overTwo((at, rest) => intoMap(at, rest, [])),
  '.transformMapEntry 4': overTwo((at, rest) => intoMap(at, rest, [])),
  '.optMap 2': (at, target, args) => intoOptional(at, target, args, 'optMap'),
  '.optFlatMap 2': (at, target, args) => intoOptional(at, target, args, 'optFlatMap'),
  '.sortBy 2': sortBy,
};
const withBindings: Macros = { ...macros, __proto__: null as never, '.bind 3': bind };

/** The macros that every environment has, and those that it has beside. */
export function macrosWith({ hasBindings = false }: { readonly hasBindings?: boolean }): Macros {
  return hasBindings ? withBindings : macros;
}

/** What a call that is a macro stands for; `undefined` for any other call. */
export function expandMacro(
  macros: Macros,
  at: number,
  name: string,
  target: Expression | undefined,
  args: readonly Expression[],
  issues: Issue[],
): Expression | undefined {
  const macro = macros[`${target ? '.' : ''}${name} ${args.length}`];
  if (!macro) return undefined;
  const expanded = macro(at, target ?? args[0]!, args);
  if (!expanded) return undefined;
  if ('kind' in expanded) return expanded;
  issues.push(expanded);
  return literal(at, null);
}
