import { goQuote } from '../go-text.ts';
import { labelValueText, qualifiedName } from '../names.ts';
import { fieldErrorText, invalid, notSupported, type FieldError } from '../validation.ts';

/** Operators as they stand in the text form of a label selector. */
export type Operator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt';

const operators: readonly Operator[] = ['in', 'notin', '=', '==', '!=', 'exists', '!', 'gt', 'lt'];

/** One condition on a label. All conditions of a selector must hold. */
export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  /** Distinct, in ascending order. */
  readonly values: readonly string[];
}

/** A selector that cannot be; the message is what Kubernetes answers. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

/** Makes a requirement of parts that were checked. Throws {@link SelectorError}. */
export function requirement(key: string, operator: Operator, values: readonly string[]): Requirement {
  const errors = [...keyErrors('key', key), ...countErrors(operator, values)];
  for (const [index, value] of values.entries())
    for (const complaint of joined(labelValueText(value)))
      errors.push(invalid(`values[${index}][${key}]`, value, complaint));
  if (errors.length > 0) throw new SelectorError(aggregated(errors));
  return { key, operator, values: inOrder(values) };
}

/** The distinct values in ascending order: the very list, where they are. */
export function inOrder(values: readonly string[]): readonly string[] {
  for (let at = 1; at < values.length; at++) if (values[at - 1]! >= values[at]!) return [...new Set(values)].sort();
  return values;
}

/** Errors of a label's name, at most one. */
export function keyErrors(path: string, key: string): FieldError[] {
  return joined(qualifiedName(key)).map((complaint) => invalid(path, key, complaint));
}

function joined(complaints: readonly string[]): string[] {
  return complaints.length === 0 ? [] : [complaints.join('; ')];
}

function aggregated(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(fieldErrorText))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}

function countErrors(operator: Operator, values: readonly string[]): FieldError[] {
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length > 0
        ? []
        : [invalid('values', values, "for 'in', 'notin' operators, values set can't be empty")];
    case '=':
    case '==':
    case '!=':
      return values.length === 1
        ? []
        : [invalid('values', values, 'exact-match compatibility requires one single value')];
    case 'exists':
    case '!':
      return values.length === 0
        ? []
        : [invalid('values', values, 'values set must be empty for exists and does not exist')];
    case 'gt':
    case 'lt':
      return [
        ...(values.length === 1
          ? []
          : [invalid('values', values, "for 'Gt', 'Lt' operators, exactly one value is required")]),
        ...values.flatMap((value, index) =>
          integerOf(value) !== undefined
            ? []
            : [invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer")],
        ),
      ];
    default:
      return [notSupported('operator', operator, operators)];
  }
}

/** A 64-bit integer, or `undefined`. */
export function integerOf(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** A function that tells whether labels meet the requirement. Names such as `constructor` are labels like any other. */
export function requirementMatcher({ key, operator, values }: Requirement): (labels: Labels) => boolean {
  const [first = ''] = values;
  const set = new Set(values);
  const bound = integerOf(first);
  switch (operator) {
    case '=':
    case '==':
      return (labels) => labels[key] === first;
    case '!=':
      return (labels) => labels[key] !== first;
    case 'in':
      return (labels) => set.has(labels[key]!);
    case 'notin':
      return (labels) => !set.has(labels[key]!);
    case 'exists':
      return (labels) => typeof labels[key] === 'string';
    case '!':
      return (labels) => typeof labels[key] !== 'string';
    case 'gt':
      return (labels) => compares(labels[key], (value) => value > bound!);
    case 'lt':
      return (labels) => compares(labels[key], (value) => value < bound!);
  }
}

export type Labels = Readonly<Record<string, string | undefined>>;

function compares(text: string | undefined, holds: (value: bigint) => boolean): boolean {
  const value = typeof text === 'string' ? integerOf(text) : undefined;
  return value !== undefined && holds(value);
}

/** `app=web`, `tier in (a,b)`, `!old`, `n>1`. */
export function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}

/** The refusal of an operator in a LabelSelector object. */
export function unknownOperator(operator: string): SelectorError {
  return new SelectorError(`${goQuote(operator)} is not a valid label selector operator`);
}
