import type { Steps } from '../../base/in-steps.ts';
import { fieldOf } from '../declaration.ts';
import type { Environment } from '../environment.ts';
import type { Call, Comprehension, Expression, ListOf, MapOf, Select, StructOf } from '../syntax/expression.ts';
import type { Issue } from '../syntax/issues.ts';
import { operandsFirst } from '../syntax/operands-first.ts';
import {
  boolType,
  dynType,
  errorType,
  intType,
  isOptional,
  listType,
  mapType,
  optionalType,
  parameterType,
  typeOfType,
  withoutOptional,
  type Type,
} from '../type.ts';
import { typeOf } from '../values/type-of.ts';
import { assign, isDynamic, isUnknown, moreGeneral } from './assignable.ts';
import type { Checked, Meaning } from './checked.ts';
import type { Overload } from './function.ts';
import { Mapping, withParameters } from './mapping.ts';

/** Types larger than this are refused: a few letters can name types that nobody could write down. */
const largestType = 10_000;

/** What it costs to replace the parameters of a type, in the measure of {@link Steps}. */
const costOfPart = 8;

/** Finds the types of all parts of an expression; what does not fit is added to `issues`. In steps. */
export function* checking(expression: Expression, environment: Environment, issues: Issue[]): Steps<Checked> {
  const checker = new Checker(environment, issues);
  yield* checker.checking(expression);
  const checked = checker.checked(expression);
  yield checked.types.size * costOfPart;
  return checked;
}

/** Variables of comprehensions around the present place, innermost last. */
type Scope = { readonly name: string; readonly type: Type; readonly outer: Scope } | undefined;

class Checker {
  readonly #environment: Environment;
  readonly #issues: Issue[];
  readonly #types = new Map<Expression, Type>();
  readonly #meanings = new Map<Expression, Meaning>();
  readonly #overloads = new Map<Expression, readonly Overload[]>();
  readonly #names = new Map<Expression, string>();
  readonly #mapping = new Mapping();
  #scope: Scope;
  #parameters = 0;

  constructor(environment: Environment, issues: Issue[]) {
    this.#environment = environment;
    this.#issues = issues;
  }

  checked(expression: Expression): Checked {
    for (const [part, type] of this.#types) {
      const resolved = this.#mapping.resolve(type);
      if (resolved !== type) this.#types.set(part, resolved);
    }
    return {
      expression,
      types: this.#types,
      meanings: this.#meanings,
      overloads: this.#overloads,
      names: this.#names,
    };
  }

  /** {@link check} in steps. */
  checking(expression: Expression): Steps<void> {
    return operandsFirst(
      expression,
      (part) => this.#types.has(part),
      (part) => void this.check(part),
    );
  }

  /** The type of the expression. What stands in the tree twice, as macros do it, is looked at once. */
  check(expression: Expression): Type {
    const known = this.#types.get(expression);
    if (known) return known;
    const type = this.#typeOf(expression);
    const isSmall = type.size <= largestType;
    if (!isSmall) this.#issue(expression.at, `type with more than ${largestType} parts`);
    this.#types.set(expression, isSmall ? type : errorType);
    return isSmall ? type : errorType;
  }

  #typeOf(expression: Expression): Type {
    switch (expression.kind) {
      case 'literal':
        return typeOf(expression.value);
      case 'identifier':
        return this.#named(expression, expression.name) ?? this.#undeclared(expression.at, expression.name);
      case 'select':
        return this.#select(expression);
      case 'call':
        return this.#call(expression);
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      case 'struct':
        return this.#struct(expression);
      default:
        return this.#comprehension(expression);
    }
  }

  /** The type of a variable or type; `undefined` where nothing has the name. */
  #named(expression: Expression, fullName: string): Type | undefined {
    const name = fullName.startsWith('.') ? fullName.slice(1) : fullName;
    for (let scope = this.#scope; scope; scope = scope.outer)
      if (scope.name === name) {
        this.#meanings.set(expression, { kind: 'variable', name });
        return scope.type;
      }
    const variable = this.#environment.variables.get(name);
    if (variable) {
      this.#meanings.set(expression, { kind: 'variable', name });
      return variable.type;
    }
    const type = this.#environment.types.get(name);
    if (!type) return undefined;
    this.#meanings.set(expression, { kind: 'constant', value: type });
    return typeOfType(type);
  }

  #select(expression: Select): Type {
    const name = expression.isTest ? undefined : qualifiedName(expression);
    const named = name === undefined ? undefined : this.#named(expression, name);
    if (named) return named;
    const type = this.#field(expression.at, expression.operand, expression.field, false);
    return expression.isTest ? boolType : type;
  }

  #field(at: number, operand: Expression, field: string, isOptionalSelect: boolean): Type {
    const operandType = this.#mapping.substitute(this.check(operand));
    const target = withoutOptional(operandType);
    const type = this.#mapping.substitute(this.#fieldType(at, target, field));
    return isOptionalSelect || isOptional(operandType) ? optionalType(type) : type;
  }

  #fieldType(at: number, target: Type, field: string): Type {
    switch (target.kind) {
      case 'map':
        return target.parameters[1]!;
      case 'struct': {
        const { declaration } = target;
        const found = declaration && fieldOf(declaration, field);
        if (found) return found.type;
        const message = declaration ? `undefined field '${field}'` : `unexpected failed resolution of '${target.name}'`;
        this.#issue(at, message);
        return errorType;
      }
      case 'parameter':
        assign(this.#mapping, [dynType], [target]);
        return dynType;
      default:
        if (!isDynamic(target)) this.#issue(at, `type '${target}' does not support field selection`);
        return dynType;
    }
  }

  #call(expression: Call): Type {
    const { target, function: name, arguments: args, at } = expression;
    if (name === '_?._') return this.#optionalSelect(expression);
    for (const argument of args) this.check(argument);
    const prefix = target && qualifiedName(target);
    const qualified = prefix === undefined ? undefined : this.#functionName(`${prefix}.${name}`);
    if (target && qualified !== undefined) {
      this.#names.set(expression, qualified);
      return this.#overload(expression, qualified, undefined);
    }
    if (target) this.check(target);
    const known = this.#functionName(name);
    if (known === undefined) return this.#undeclared(at, name);
    return this.#overload(expression, known, target);
  }

  #functionName(name: string): string | undefined {
    const plain = name.startsWith('.') ? name.slice(1) : name;
    return this.#environment.functions.has(plain) ? plain : undefined;
  }

  #optionalSelect(expression: Call): Type {
    const [operand, field] = expression.arguments;
    const name = field?.kind === 'literal' ? field.value : undefined;
    const [overload] = this.#environment.functions.get('_?._') ?? [];
    if (overload) this.#overloads.set(expression, [overload]);
    return this.#field(expression.at, operand!, String(name), true);
  }

  #overload(expression: Call, name: string, target: Expression | undefined): Type {
    const { arguments: args, at } = expression;
    const types = [...(target ? [target] : []), ...args].map((argument) => this.check(argument));
    if (name === '_&&_' || name === '_||_') return this.#logic(expression, name);
    const fitting: Overload[] = [];
    let result: Type | undefined;
    for (const overload of this.#environment.functions.get(name)!) {
      if (overload.isMember !== (target !== undefined)) continue;
      const signature = this.#instance(overload);
      if (!assign(this.#mapping, types, signature.arguments)) continue;
      fitting.push(overload);
      const own = this.#mapping.substitute(signature.result);
      if (result === undefined) result = own;
      else if (!isUnknown(result) && !own.equals(result)) result = dynType;
    }
    this.#overloads.set(expression, fitting);
    if (result) return result;
    const shown = types.map((type) => this.#mapping.resolve(type));
    const signature = target ? `${shown[0]}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`;
    this.#issue(at, `found no matching overload for '${name}' applied to '${signature}'`);
    return errorType;
  }

  /** Of these operators each operand is looked at by itself, so that all that are wrong are told. */
  #logic(expression: Call, name: string): Type {
    this.#overloads.set(expression, this.#environment.functions.get(name)!);
    let areBooleans = true;
    for (const argument of expression.arguments) {
      const type = this.check(argument);
      if (assign(this.#mapping, [type], [boolType])) continue;
      this.#mismatch(argument.at, boolType, type);
      areBooleans = false;
    }
    return areBooleans ? boolType : errorType;
  }

  /** The signature with parameters of its own. */
  #instance({ arguments: args, result }: Overload): { readonly arguments: readonly Type[]; readonly result: Type } {
    const own = new Map<string, Type>();
    const fresh = (type: Type): Type => {
      if (type.kind !== 'parameter') return withParameters(type, fresh);
      const found = own.get(type.name) ?? this.#parameter();
      own.set(type.name, found);
      return found;
    };
    return { arguments: args.map(fresh), result: fresh(result) };
  }

  #parameter(): Type {
    return parameterType(`_var${this.#parameters++}`);
  }

  #list({ elements, optionals }: ListOf): Type {
    let type: Type | undefined;
    for (const [index, element] of elements.entries())
      type = this.#join(type, this.#elementType(element, optionals.has(index)));
    return listType(type ?? this.#parameter());
  }

  #map({ entries }: MapOf): Type {
    let keyType: Type | undefined;
    let valueType: Type | undefined;
    for (const { key, value, isOptional } of entries) {
      keyType = this.#join(keyType, this.check(key));
      valueType = this.#join(valueType, this.#elementType(value, isOptional));
    }
    return mapType(keyType ?? this.#parameter(), valueType ?? this.#parameter());
  }

  /** The type of what an element puts there: of one that is optional, the type within. */
  #elementType(element: Expression, isOptionalElement: boolean): Type {
    const type = this.check(element);
    if (!isOptionalElement || isOptional(type)) return isOptionalElement ? withoutOptional(type) : type;
    if (!isUnknown(type)) this.#mismatch(element.at, optionalType(type), type);
    return type;
  }

  /** The type of elements of both; validation looks at those that mix types. */
  #join(previous: Type | undefined, type: Type): Type {
    if (!previous) return type;
    return assign(this.#mapping, [previous], [type]) ? moreGeneral(previous, type) : dynType;
  }

  #struct({ at, name, fields }: StructOf): Type {
    const type = this.#environment.types.get(name.startsWith('.') ? name.slice(1) : name);
    if (!type) return this.#undeclared(at, name);
    if (type.kind !== 'struct') this.#issue(at, `'${type.name}' is not a message type`);
    for (const field of fields) {
      const valueType = this.#elementType(field.value, field.isOptional);
      const fieldType = type.kind === 'struct' ? this.#fieldType(field.at, type, field.name) : errorType;
      if (!assign(this.#mapping, [fieldType], [valueType])) {
        const provided = `'${fieldType}' but provided type is '${this.#mapping.substitute(valueType)}'`;
        this.#issue(field.at, `expected type of field '${field.name}' is ${provided}`);
      }
    }
    return type.kind === 'struct' ? type : errorType;
  }

  #comprehension(loop: Comprehension): Type {
    const range = this.#mapping.substitute(this.check(loop.range));
    const result = this.check(loop.initial);
    const outer = this.#scope;
    const [first, second] = this.#elementTypes(loop, range);
    this.#scope = { name: loop.result, type: result, outer };
    const withResult = this.#scope;
    this.#scope = { name: loop.variable, type: first, outer: this.#scope };
    if (loop.second !== undefined) this.#scope = { name: loop.second, type: second, outer: this.#scope };
    this.#expect(loop.condition, boolType);
    this.#expect(loop.step, result);
    this.#scope = withResult;
    const type = this.check(loop.end);
    this.#scope = outer;
    return this.#mapping.substitute(type);
  }

  /** The types of a comprehension's variables. */
  #elementTypes({ range: expression, second }: Comprehension, range: Type): readonly [Type, Type] {
    switch (range.kind) {
      case 'list': {
        const element = range.parameters[0]!;
        return second === undefined ? [element, element] : [intType, element];
      }
      case 'map':
        return [range.parameters[0]!, range.parameters[1]!];
      case 'dyn':
      case 'error':
      case 'parameter':
        assign(this.#mapping, [dynType], [range]);
        return [dynType, dynType];
      default:
        this.#issue(
          expression.at,
          `expression of type '${range}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [errorType, errorType];
    }
  }

  #expect(expression: Expression, type: Type): void {
    const found = this.check(expression);
    if (!assign(this.#mapping, [type], [found])) this.#mismatch(expression.at, type, found);
  }

  #mismatch(at: number, expected: Type, found: Type): void {
    this.#issue(at, `expected type '${expected}' but found '${found}'`);
  }

  #undeclared(at: number, name: string): Type {
    this.#issue(at, `undeclared reference to '${name}' (in container '')`);
    return errorType;
  }

  #issue(at: number, message: string): void {
    this.#issues.push({ at, message });
  }
}

/** `a.b.c` where the expression is nothing but that. */
function qualifiedName(expression: Expression): string | undefined {
  if (expression.kind === 'identifier') return expression.name;
  if (expression.kind !== 'select' || expression.isTest) return undefined;
  const prefix = qualifiedName(expression.operand);
  return prefix === undefined ? undefined : `${prefix}.${expression.field}`;
}
