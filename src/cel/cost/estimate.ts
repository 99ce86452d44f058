import { fieldOf, type Declaration } from '../declaration.ts';
import type { Compiled } from '../program.ts';
import {
  resultName,
  type Call,
  type Comprehension,
  type Expression,
  type Identifier,
  type ListOf,
  type MapOf,
  type Select,
} from '../syntax/expression.ts';
import { isOptional, type Type } from '../type.ts';
import { textLength } from '../values/value.ts';
import { libraryEstimate, standardEstimate, type CallEstimate, type CallOf, type Operand } from './call-estimate.ts';
import { listCreation, mapCreation, structCreation } from './factors.ts';
import { add, exactly, multiply, nothing, union, unbounded, unknown, type Range } from './range.ts';

/**
 * What evaluating the expression may cost, at least and at most, whatever the variables hold within the bounds that their
 * declarations set. At most is 2^64 where there is no bound.
 */
export function estimateCost({ checked, environment }: Compiled): Range {
  return new Estimator(checked, environment.variables).cost(checked.expression);
}

/** Sizes of the keys (or indices) and values of a list or map. */
interface Entries {
  readonly container: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

/** A variable of a comprehension. */
interface Local {
  readonly path: readonly string[];
  readonly size: Range | undefined;
  readonly entries: Entries | undefined;
}

class Estimator {
  readonly #checked: Compiled['checked'];
  readonly #variables: ReadonlyMap<string, Declaration>;
  readonly #costs = new Map<Expression, Range>();
  readonly #paths = new Map<Expression, readonly string[]>();
  readonly #sizes = new Map<Expression, Range>();
  readonly #entries = new Map<Expression, Entries>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Compiled['checked'], variables: ReadonlyMap<string, Declaration>) {
    this.#checked = checked;
    this.#variables = variables;
  }

  /** What the part costs. What stands in the tree twice is looked at once. */
  cost(expression: Expression): Range {
    const known = this.#costs.get(expression);
    if (known) return known;
    const cost = this.#cost(expression);
    this.#costs.set(expression, cost);
    return cost;
  }

  #cost(expression: Expression): Range {
    switch (expression.kind) {
      case 'literal':
        return nothing;
      case 'identifier':
        return this.#identifier(expression);
      case 'select':
        return this.#select(expression);
      case 'call':
        return this.#call(expression);
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      case 'struct':
        return add(exactly(structCreation), ...expression.fields.map(({ value }) => this.cost(value)));
      default:
        return isBinding(expression) ? this.#binding(expression) : this.#comprehension(expression);
    }
  }

  #identifier(expression: Identifier): Range {
    this.#paths.set(expression, this.#local(expression.name)?.path ?? [expression.name]);
    return exactly(1);
  }

  #select(expression: Select): Range {
    const { operand, field, isTest } = expression;
    if (this.#checked.meanings.has(expression)) return exactly(1);
    const cost = this.cost(operand);
    if (isTest) return cost;
    this.#paths.set(expression, [...this.#path(operand), field]);
    return ['map', 'struct', 'parameter'].includes(this.#type(operand).kind) ? add(cost, exactly(1)) : cost;
  }

  #call(call: Call): Range {
    const name = this.#checked.names.get(call) ?? call.function;
    const target = this.#checked.names.has(call) ? undefined : call.target;
    const args = call.arguments;
    if (name === 'dyn') {
      const cost = add(exactly(1), this.cost(args[0]!));
      this.#copySizes(args[0]!, call);
      return cost;
    }
    const costs = args.map((argument) => this.cost(argument));
    const targetCost = target ? this.cost(target) : nothing;
    const operands = args.map((argument) => this.#operand(argument));
    const targetOperand = target && this.#operand(target);
    let cost: Range = { min: unbounded, max: 0 };
    let size: Range | undefined;
    for (const { id } of this.#checked.overloads.get(call)!) {
      const estimate = this.#signature(call, name, { id, target: targetOperand, arguments: operands }, costs);
      cost = union(cost, estimate.cost);
      if (estimate.size) size = size ? union(size, estimate.size) : estimate.size;
      if (id === 'index_list' || id === 'index_map') {
        size = this.#entriesOf(args[0]!)?.value;
        this.#paths.set(call, [...this.#path(args[0]!), id === 'index_list' ? '@items' : '@values']);
      }
      size ??= this.#sizeOf(call);
    }
    if (size) this.#sizes.set(call, size);
    return add(targetCost, cost);
  }

  /** What a call costs with one of its possible signatures, with its arguments. */
  #signature(call: Call, name: string, of: Omit<CallOf, 'elementSize'>, costs: readonly Range[]): CallEstimate {
    const [first, second, third] = of.arguments;
    const known = libraryEstimate(name, { ...of, elementSize: (list) => this.#elementSize(list) });
    if (known) return { ...known, cost: add(known.cost, ...costs) };
    if (of.id === 'logical_and' || of.id === 'logical_or')
      return { cost: { min: costs[0]!.min, max: add(costs[0]!, costs[1]!).max } };
    if (of.id === 'conditional') {
      this.#unite(call, second!, third!);
      const size = union(second!.size ?? unknown, third!.size ?? unknown);
      return { cost: add(costs[0]!, union(costs[1]!, costs[2]!)), size };
    }
    if (/^add_(?:list|string|bytes)$/.test(of.id)) this.#unite(call, first!, second!);
    const estimate = standardEstimate({ ...of, elementSize: (list) => this.#elementSize(list) });
    return { ...estimate, cost: add(estimate.cost, ...costs) };
  }

  #unite(call: Call, a: Operand, b: Operand): void {
    const left = this.#entriesOf(a.expression!);
    const right = this.#entriesOf(b.expression!);
    if (!left || !right) return;
    const { container } = left;
    this.#entries.set(call, { container, key: union(left.key, right.key), value: union(left.value, right.value) });
  }

  #list(expression: ListOf): Range {
    const { elements } = expression;
    const costs = elements.map((element) => this.cost(element));
    const value = this.#unionOf(elements);
    this.#entries.set(expression, { container: 'list', key: exactly(1), value });
    return add(exactly(listCreation), ...costs);
  }

  #map(expression: MapOf): Range {
    const { entries } = expression;
    const costs = entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]);
    const key = this.#unionOf(entries.map((entry) => entry.key));
    const value = this.#unionOf(entries.map((entry) => entry.value));
    this.#entries.set(expression, { container: 'map', key, value });
    return add(exactly(mapCreation), ...costs);
  }

  #unionOf(parts: readonly Expression[]): Range {
    if (parts.length === 0) return nothing;
    return parts.map((part) => this.#sizeOf(part) ?? unknown).reduce(union, { min: unbounded, max: 0 });
  }

  #binding(binding: Comprehension): Range {
    const { range, initial, result, end } = binding;
    const cost = add(this.cost(range), this.cost(initial));
    this.#push(result, { path: this.#path(initial), size: this.#sizeOf(initial), entries: this.#entriesOf(initial) });
    const sum = add(cost, this.cost(end));
    this.#pop(result);
    this.#copySizes(end, binding);
    return sum;
  }

  #comprehension(loop: Comprehension): Range {
    const { range, initial, condition, step, end, variable, second, result } = loop;
    const before = add(this.cost(range), this.cost(initial));
    this.#push(result, { path: this.#path(initial), size: this.#sizeOf(initial), entries: this.#entriesOf(initial) });
    const container = this.#entriesOf(range)?.container ?? this.#type(range).kind;
    const isList = container === 'list';
    if (second === undefined) this.#push(variable, this.#part(range, isList ? '@items' : '@keys'));
    else {
      this.#push(variable, this.#part(range, isList ? '@indices' : '@keys'));
      this.#push(second, this.#part(range, isList ? '@items' : '@values'));
    }
    const each = add(this.cost(condition), this.cost(step));
    this.#pop(variable);
    if (second !== undefined) this.#pop(second);
    const after = this.cost(end);
    this.#pop(result);
    const count = this.#sizeOf(range) ?? unknown;
    if (initial.kind === 'literal') this.#setSize(loop, this.#sizeOf(initial));
    else if (initial.kind === 'list' || initial.kind === 'map') {
      this.#setSize(loop, count);
      const entries = this.#entriesOf(step);
      if (entries) this.#entries.set(loop, entries);
    }
    return add(before, after, multiply(count, each));
  }

  /** What a variable stands for that goes over a range. */
  #part(range: Expression, step: '@items' | '@keys' | '@indices' | '@values'): Local {
    const entries = this.#entriesOf(range);
    const size = step === '@items' || step === '@values' ? entries?.value : entries?.key;
    return { path: [...this.#path(range), step], size, entries: undefined };
  }

  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name);
    if (stack) stack.push(local);
    else this.#locals.set(name, [local]);
  }

  #pop(name: string): void {
    this.#locals.get(name)!.pop();
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #type(expression: Expression): Type {
    return this.#checked.types.get(expression)!;
  }

  #path(expression: Expression): readonly string[] {
    const local = expression.kind === 'identifier' ? this.#local(expression.name) : undefined;
    return local?.path ?? this.#paths.get(expression) ?? [];
  }

  #operand(expression: Expression): Operand {
    const path = this.#path(expression);
    const isOwn = path[0] === resultName;
    return { expression, type: this.#type(expression), path: isOwn ? undefined : path, size: this.#sizeOf(expression) };
  }

  #elementSize({ path }: Operand): Range {
    return (path && this.#declared([...path, '@items'])) ?? unknown;
  }

  #setSize(expression: Expression, size: Range | undefined): void {
    if (size) this.#sizes.set(expression, size);
  }

  #copySizes(from: Expression, to: Expression): void {
    this.#setSize(to, this.#sizeOf(from));
    const entries = this.#entriesOf(from);
    if (entries) this.#entries.set(to, entries);
  }

  #entriesOf(expression: Expression): Entries | undefined {
    const local = expression.kind === 'identifier' ? this.#local(expression.name) : undefined;
    return this.#entries.get(expression) ?? local?.entries;
  }

  #sizeOf(expression: Expression): Range | undefined {
    const known = this.#sizes.get(expression) ?? literalSize(expression);
    if (known) return known;
    const declared = this.#declared(this.#path(expression));
    if (declared) this.#sizes.set(expression, declared);
    if (declared) return declared;
    if (isScalar(this.#type(expression))) return exactly(1);
    return expression.kind === 'identifier' ? this.#local(expression.name)?.size : undefined;
  }

  /** The bounds that the declaration of what is at the path sets. */
  #declared(path: readonly string[]): Range | undefined {
    const [variable, ...steps] = path;
    if (variable === undefined) return undefined;
    // What is from no variable counts as from the first, as Kubernetes has but one.
    let declaration = this.#variables.get(variable) ?? [...this.#variables.values()][0];
    for (const step of steps) {
      if (step === '@items' || step === '@values') declaration = declaration?.element;
      else if (step === '@keys' && declaration?.key) declaration = declaration.key;
      else if (step === '@keys') return declaration?.element && !isListDeclaration(declaration) ? nothing : undefined;
      else declaration = declaration && (fieldOf(declaration, step) ?? anyElement(declaration));
    }
    return declaration?.maxElements === undefined ? undefined : { min: 0, max: declaration.maxElements };
  }
}

/** What every key of a map leads to, where nothing but its size is known. */
function anyElement({ element }: Declaration): Declaration | undefined {
  return element?.type.kind === 'any' ? element : undefined;
}

function isListDeclaration({ type }: Declaration): boolean {
  return type.kind === 'list';
}

function isBinding({ range, condition, result }: Comprehension): boolean {
  const isEmpty = range.kind === 'list' && range.elements.length === 0;
  return isEmpty && condition.kind === 'literal' && condition.value === false && result !== resultName;
}

function literalSize(expression: Expression): Range | undefined {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      if (typeof value === 'string') return exactly(textLength(value));
      return exactly(value instanceof Uint8Array ? value.length : 1);
    }
    case 'list':
      return exactly(expression.elements.length);
    case 'map':
      return exactly(expression.entries.length);
    default:
      return undefined;
  }
}

function isScalar(type: Type): boolean {
  if (isOptional(type)) return isScalar(type.parameters[0]!);
  return ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'].includes(type.kind);
}
