import { RawNumber } from './raw-number.ts';
import { goJson, goNumber, goQuote, shortened } from './go-text.ts';

/**
 * Why one field of an object is refused. Texts follow Kubernetes' field errors to the letter, because users and
 * clients read them: `<field>: <kind of error>: <value>: <detail>`.
 */
export interface FieldError {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueNotFound'
    | 'FieldValueTypeInvalid'
    | 'InternalError';
  /** `spec.containers[0].name`, `metadata.labels`. */
  readonly field: string;
  /** Everything after the field: `Required value: must name a node`. */
  readonly message: string;
}

/** Errors of one object that are put into words: more than a message holds, so that nobody need look for others. */
export const mostErrors = 2000;

export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, message: withDetail('Required value', detail) };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: withDetail(`Invalid value: ${shown(value)}`, detail) };
}

/** For what is wrong with the parts of a value together: the value is not shown. */
export function invalidAsWhole(field: string, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: withDetail('Invalid value', detail) };
}

/** `supported` is shown in the order given; pass it sorted where Kubernetes keeps a set. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length > 0 ? `supported values: ${supported.map(goQuote).join(', ')}` : '';
  return { reason: 'FieldValueNotSupported', field, message: withDetail(`Unsupported value: ${shown(value)}`, detail) };
}

export function forbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: withDetail('Forbidden', detail) };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${shown(value)}` };
}

export function notFound(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueNotFound', field, message: `Not found: ${shown(value)}` };
}

/** The value itself is not shown: it may be large. */
export function tooLong(field: string, maximumBytes: number): FieldError {
  const unit = maximumBytes === 1 ? 'byte' : 'bytes';
  const detail = maximumBytes >= 0 ? `may not be more than ${maximumBytes} ${unit}` : 'value is too long';
  return { reason: 'FieldValueTooLong', field, message: `Too long: ${detail}` };
}

export function tooMany(field: string, actual: number, maximum: number): FieldError {
  const items = maximum === 1 ? 'item' : 'items';
  return { reason: 'FieldValueTooMany', field, message: `Too many: ${actual}: must have at most ${maximum} ${items}` };
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueTypeInvalid', field, message: withDetail(`Invalid value: ${shown(value)}`, detail) };
}

/** For what could not be checked. */
export function internalProblem(field: string, why: string): FieldError {
  return { reason: 'InternalError', field, message: `Internal error: ${why}` };
}

/** `field: message`, as it stands in a Status message. */
export function fieldErrorText(error: FieldError): string {
  return `${error.field}: ${error.message}`;
}

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`;
}

/** Strings are quoted, objects and arrays are JSON, as Kubernetes prints them; of what is large, the beginning. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return goQuote(shortened(value));
  if (typeof value === 'number') return goNumber(value);
  if (value instanceof RawNumber) return String(value);
  return typeof value === 'object' ? shortened(goJson(value)) : String(value);
}
