import { wholeOf, type Steps } from '../../base/in-steps.ts';
import { reservedWords } from '../escape.ts';
import { CelError, textLength } from '../values/value.ts';
import { call, identifier, literal, memberCall, type Entry, type Expression, type FieldOf } from './expression.ts';
import type { Issue } from './issues.ts';
import { tokensOf, type Token } from './lexer.ts';
import { literalValue } from './literal.ts';
import { expandMacro, macrosWith, type Macros } from './macros.ts';
import { endExpected, fieldExpected, namesExpected, operandExpected, signExpected } from './syntax-error.ts';

const longestText = 100_000;
const deepest = 250;

/** How tightly the operators bind that stand between two operands, all of them to the left. */
const binary: Readonly<Record<string, number>> = {
  '<': 1,
  '<=': 1,
  '>=': 1,
  '>': 1,
  '==': 1,
  '!=': 1,
  in: 1,
  '+': 2,
  '-': 2,
  '*': 3,
  '/': 3,
  '%': 3,
};

/** Reads an expression; what is wrong with it is added to `issues`, and then the tree is not whole. Takes linear time. */
export function parse(text: string, issues: Issue[], options: ParseOptions = {}): Expression {
  return wholeOf(parsing(text, issues, options));
}

interface ParseOptions {
  readonly hasBindings?: boolean;
}

/** What finding the words of a letter costs, in the measure of {@link Steps}. */
const costOfLetter = 8;

/** The same in steps. */
export function* parsing(text: string, issues: Issue[], options: ParseOptions): Steps<Expression> {
  const length = textLength(text);
  if (length > longestText) {
    issues.push({ at: -1, message: `expression code point size exceeds limit: size: ${length}, limit ${longestText}` });
    return literal(-1, null);
  }
  const tokens = tokensOf(text, issues);
  yield text.length * costOfLetter;
  const parser = new Parser(text, tokens, issues, macrosWith(options));
  try {
    return parser.whole();
  } catch (error) {
    if (error !== stopped) throw error;
    return literal(0, null);
  }
}

/** Thrown where nothing sensible can follow, once the reason is among the issues. */
const stopped = new Error('The expression does not parse');

class Parser {
  readonly #text: string;
  readonly #issues: Issue[];
  readonly #tokens: readonly Token[];
  readonly #macros: Macros;
  #at = 0;
  #depth = 0;

  constructor(text: string, tokens: readonly Token[], issues: Issue[], macros: Macros) {
    this.#text = text;
    this.#issues = issues;
    this.#tokens = tokens;
    this.#macros = macros;
  }

  whole(): Expression {
    const expression = this.#expression();
    if (this.#token.kind !== 'end') this.#stop(endExpected(this.#token, this.#next));
    return expression;
  }

  /** `a ? b : c`. */
  #expression(others: readonly string[] = []): Expression {
    this.#enter();
    let expression = this.#or(others);
    const question = this.#token;
    if (this.#take('?')) {
      const then = this.#or([]);
      this.#expect(':');
      expression = this.#call(question.at, '_?_:_', expression, then, this.#expression());
    }
    this.#depth--;
    return expression;
  }

  #or(others: readonly string[]): Expression {
    return this.#logic('||', '_||_', others, (first) =>
      this.#logic('&&', '_&&_', first, (most) => this.#binary(1, most)),
    );
  }

  /** Chains of `&&` and `||` become trees that are balanced, so that long ones are not deep. */
  #logic(
    sign: string,
    name: string,
    others: readonly string[],
    operand: (others: readonly string[]) => Expression,
  ): Expression {
    const terms = [operand(others)];
    const operators: number[] = [];
    for (let { at } = this.#token; this.#take(sign); { at } = this.#token) {
      operators.push(at);
      terms.push(operand([]));
    }
    return balanced(name, terms, operators, 0, operators.length - 1);
  }

  #binary(least: number, others: readonly string[]): Expression {
    let left = this.#unary(others);
    for (let length = 0; ; length++) {
      const operator = this.#token;
      const strength = operator.kind === 'sign' ? (binary[operator.text] ?? 0) : 0;
      if (strength < least) return left;
      if (length === deepest) this.#tooDeep();
      this.#at++;
      const right = this.#binary(strength + 1, []);
      left = this.#call(operator.at, operator.text === 'in' ? '@in' : `_${operator.text}_`, left, right);
    }
  }

  #unary(others: readonly string[]): Expression {
    const first = this.#token;
    const isNumber = this.#next.kind === 'int' || this.#next.kind === 'float';
    if (first.text === '-' && first.kind === 'sign' && isNumber) return this.#members(others);
    const sign = first.kind === 'sign' && (first.text === '!' || first.text === '-') ? first.text : undefined;
    if (sign === undefined) return this.#members(others);
    let count = 0;
    while (this.#take(sign)) count++;
    const operand = this.#members([]);
    return count % 2 === 0 ? operand : this.#call(first.at, sign === '!' ? '!_' : '-_', operand);
  }

  /** An operand with its fields, indices and calls. */
  #members(others: readonly string[]): Expression {
    let operand = this.#primary(others);
    for (let length = 0; ; length++) {
      if (length === deepest) this.#tooDeep();
      const sign = this.#token;
      if (this.#take('.')) operand = this.#member(sign, operand);
      else if (this.#take('[')) operand = this.#index(sign.at, operand);
      else return operand;
    }
  }

  #member(point: Token, operand: Expression): Expression {
    const isOptional = this.#take('?');
    const token = this.#token;
    if (token.kind !== 'identifier' && token.kind !== 'escaped')
      this.#stop(isOptional ? namesExpected(token, []) : fieldExpected(point, token, this.#text));
    this.#at++;
    const open = this.#token;
    if (!isOptional && token.kind === 'identifier' && this.#take('('))
      return this.#memberCall(open.at, operand, token.text, this.#arguments());
    const field = this.#name(token);
    if (isOptional) return call(point.at, '_?._', operand, literal(token.at, field));
    return { kind: 'select', at: point.at, operand, field, isTest: false };
  }

  /** The name of a field. Names in quotes are not enabled in Kubernetes. */
  #name({ kind, text, at }: Token): string {
    if (kind === 'escaped') this.#issue(at, "unsupported syntax: '`'");
    return text;
  }

  #index(at: number, operand: Expression): Expression {
    const isOptional = this.#take('?');
    const index = this.#expression(isOptional ? [] : ['?']);
    this.#expect(']');
    return this.#call(at, isOptional ? '_[?_]' : '_[_]', operand, index);
  }

  #primary(others: readonly string[]): Expression {
    const token = this.#token;
    if (token.kind === 'sign' && !['true', 'false', 'null'].includes(token.text)) {
      const { at } = token;
      if (this.#take('(')) return this.#nested();
      if (this.#take('[')) return this.#list(at);
      if (this.#take('{')) return { kind: 'map', at, entries: this.#entries() };
      if (token.text === '-' && /^(?:int|float)$/.test(this.#next.kind)) {
        this.#at++;
        return this.#literal(at, this.#advance(), true);
      }
      if (this.#take('.')) return this.#named(token, '.');
      this.#stop(operandExpected(token, this.#next, others));
    }
    if (token.kind === 'identifier') return this.#named(token, '');
    if (token.kind === 'end' || token.kind === 'escaped') this.#stop(operandExpected(token, this.#next, others));
    return this.#literal(token.at, this.#advance(), false);
  }

  #nested(): Expression {
    const expression = this.#expression();
    this.#expect(')');
    return expression;
  }

  #literal(at: number, token: Token, isNegative: boolean): Expression {
    const value = literalValue(token, isNegative);
    if (!(value instanceof CelError)) return literal(at, value);
    this.#issue(at, value.message);
    return literal(at, null);
  }

  /** A variable, a call, or an object: `x`, `f(x)`, `a.b.Object{x: 1}`. A leading point is part of the name. */
  #named(first: Token, prefix: string): Expression {
    const token = this.#token;
    if (token.kind !== 'identifier') this.#stop(fieldExpected(first, token, this.#text));
    const struct = this.#structName(prefix);
    if (struct !== undefined) {
      const { at } = this.#advance();
      return { kind: 'struct', at, name: struct, fields: this.#fields() };
    }
    this.#at++;
    const name = prefix + token.text;
    const open = this.#token;
    const isCall = this.#take('(');
    if (reservedWords.has(token.text)) this.#issue(first.at, `reserved identifier: ${token.text}`);
    return isCall ? this.#call(open.at, name, ...this.#arguments()) : identifier(token.at, name);
  }

  /** The name of the object where one follows; then its opening bracket is the present token. */
  #structName(prefix: string): string | undefined {
    let at = this.#at;
    let name = prefix + this.#tokens[at]!.text;
    while (this.#tokens[at + 1]?.text === '.' && this.#tokens[at + 2]?.kind === 'identifier') {
      at += 2;
      name += `.${this.#tokens[at]!.text}`;
      if (at - this.#at > 2 * deepest) this.#tooDeep();
    }
    const next = this.#tokens[at + 1];
    if (next?.kind !== 'sign' || next.text !== '{') return undefined;
    this.#at = at + 1;
    return name;
  }

  #arguments(): Expression[] {
    const found: Expression[] = [];
    if (this.#take(')')) return found;
    do found.push(this.#expression(found.length === 0 ? [')'] : []));
    while (this.#take(','));
    this.#expect(')');
    return found;
  }

  #list(at: number): Expression {
    const elements: Expression[] = [];
    const optionals = new Set<number>();
    this.#sequence(']', () => {
      const isOptional = this.#take('?');
      if (isOptional) optionals.add(elements.length);
      elements.push(this.#expression(isOptional ? [] : elements.length === 0 ? [']', ',', '?'] : ['?']));
    });
    return { kind: 'list', at, elements, optionals };
  }

  #entries(): Entry[] {
    const entries: Entry[] = [];
    this.#sequence('}', () => {
      const isOptional = this.#take('?');
      const key = this.#expression(isOptional ? [] : entries.length === 0 ? ['}', ',', '?'] : ['?']);
      const { at } = this.#token;
      this.#expect(':');
      entries.push({ at, key, value: this.#expression(), isOptional });
    });
    return entries;
  }

  #fields(): FieldOf[] {
    const fields: FieldOf[] = [];
    this.#sequence('}', () => {
      const isOptional = this.#take('?');
      const token = this.#token;
      if (token.kind !== 'identifier' && token.kind !== 'escaped')
        this.#stop(namesExpected(token, isOptional ? [] : fields.length === 0 ? ['}', ',', '?'] : ['?']));
      this.#at++;
      const { at } = this.#token;
      this.#expect(':');
      fields.push({ at, name: this.#name(token), value: this.#expression(), isOptional });
    });
    return fields;
  }

  /** What stands between brackets, with commas between, and perhaps one behind. */
  #sequence(closing: string, element: () => void): void {
    for (let isFirst = true; ; isFirst = false) {
      if (this.#take(closing)) return;
      if (isFirst && this.#text !== '' && this.#token.text === ',' && this.#next.text === closing) {
        this.#at += 2;
        return;
      }
      element();
      if (this.#take(closing)) return;
      if (!this.#take(',')) this.#stop(signExpected(this.#token, this.#next, [closing, ',']));
    }
  }

  #call(at: number, name: string, ...args: Expression[]): Expression {
    return expandMacro(this.#macros, at, name, undefined, args, this.#issues) ?? call(at, name, ...args);
  }

  #memberCall(at: number, target: Expression, name: string, args: Expression[]): Expression {
    return expandMacro(this.#macros, at, name, target, args, this.#issues) ?? memberCall(at, target, name, ...args);
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  get #next(): Token {
    return this.#tokens[this.#at + 1] ?? this.#tokens.at(-1)!;
  }

  #advance(): Token {
    return this.#tokens[this.#at++]!;
  }

  #take(sign: string): boolean {
    const { kind, text } = this.#token;
    if (kind !== 'sign' || text !== sign) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) this.#stop(signExpected(this.#token, this.#next, [sign]));
  }

  #enter(): void {
    if (++this.#depth > deepest) this.#tooDeep();
  }

  #issue(at: number, message: string): void {
    this.#issues.push({ at, message });
  }

  #stop(message: string): never {
    this.#issue(this.#token.at, message);
    throw stopped;
  }

  #tooDeep(): never {
    this.#issue(-1, `expression recursion limit exceeded: ${deepest}`);
    throw stopped;
  }
}

function balanced(
  name: string,
  terms: readonly Expression[],
  operators: readonly number[],
  low: number,
  high: number,
): Expression {
  if (operators.length === 0) return terms[0]!;
  const middle = (low + high + 1) >> 1;
  const left = middle === low ? terms[middle]! : balanced(name, terms, operators, low, middle - 1);
  const right = middle === high ? terms[middle + 1]! : balanced(name, terms, operators, middle + 1, high);
  return call(operators[middle]!, name, left, right);
}
