import {
  configMapKey,
  dnsLabel,
  dnsSubdomain,
  labelValueText,
  portName,
  qualifiedName,
  rangeComplaint,
} from '../../apimachinery/names.ts';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/validation.ts';

/** Collects what is wrong with an object. Checks add to it, and never look at what is there. */
export type Errors = FieldError[];

/** One error for each complaint about the same value. */
export function complain(errors: Errors, field: string, value: unknown, problems: readonly string[]): void {
  for (const problem of problems) errors.push(invalid(field, value, problem));
}

export function checkDnsLabel(errors: Errors, field: string, value: string): void {
  complain(errors, field, value, dnsLabel(value));
}

/** The usual form of object names: pods, secrets, nodes, classes, … */
export function checkDnsSubdomain(errors: Errors, field: string, value: string): void {
  complain(errors, field, value, dnsSubdomain(value));
}

export function checkQualifiedName(errors: Errors, field: string, value: string): void {
  complain(errors, field, value, qualifiedName(value));
}

export function checkConfigKey(errors: Errors, field: string, value: string): void {
  complain(errors, field, value, configMapKey(value));
}

/** Keys and values; errors name the map, not the entry. */
export function checkLabels(errors: Errors, field: string, labels: Readonly<Record<string, string>> | undefined): void {
  if (labels === undefined) return;
  for (const key of Object.keys(labels)) {
    checkQualifiedName(errors, field, key);
    complain(errors, field, labels[key], labelValueText(labels[key]!));
  }
}

export function checkNonNegative(errors: Errors, field: string, value: number | undefined): void {
  if (value !== undefined && value < 0) errors.push(invalid(field, value, 'must be greater than or equal to 0'));
}

export function checkPortNumber(errors: Errors, field: string, port: number): void {
  if (port < 1 || port > 65535) errors.push(invalid(field, port, rangeComplaint(1, 65535)));
}

/** A port by number or by name; an unset one counts as 0. */
export function checkPort(errors: Errors, field: string, port: number | string | undefined): void {
  if (typeof port === 'string') complain(errors, field, port, portName(port));
  else checkPortNumber(errors, field, port ?? 0);
}

const protocols = ['SCTP', 'TCP', 'UDP'];

export function checkProtocol(errors: Errors, field: string, protocol: string | undefined): void {
  if (!protocol) errors.push(required(field));
  else if (!protocols.includes(protocol)) errors.push(notSupported(field, protocol, protocols));
}

/** Unset counts as the empty text, which is reported as missing where `emptyIsMissing`. */
export function checkOneOf(
  errors: Errors,
  field: string,
  value: string | undefined,
  supported: readonly string[],
  options: { readonly emptyIsMissing?: boolean } = {},
): void {
  if (value !== undefined && value !== '' && supported.includes(value)) return;
  if (!value && options.emptyIsMissing === true) errors.push(required(field));
  else if (!supported.includes(value ?? '')) errors.push(notSupported(field, value ?? '', supported));
}

export const immutableField = 'field is immutable';
