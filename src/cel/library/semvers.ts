import { goQuote } from '../../apimachinery/go-text.ts';
import { memberOverload, overload, type Library } from '../check/function.ts';
import { boolType, intType, stringType, structType } from '../type.ts';
import { spendItems, spendLetters } from '../values/effort.ts';
import { checked } from '../values/int.ts';
import { CelError, CelObject, type Int } from '../values/value.ts';

const semverType = structType('kubernetes.Semver');

/** A version by semver.org: three numbers, and what comes before a release. */
class Semver extends CelObject {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  readonly before: readonly string[];

  constructor(numbers: Semver['numbers'], before: readonly string[]) {
    super();
    this.numbers = numbers;
    this.before = before;
  }

  get type() {
    return semverType;
  }

  override isEqual(other: CelObject): boolean {
    return other instanceof Semver && order(this, other) === 0;
  }
}

function order(a: Semver, b: Semver): number {
  for (const [at, number] of a.numbers.entries()) if (number !== b.numbers[at]) return number < b.numbers[at]! ? -1 : 1;
  // A release comes after all that is before it.
  if (a.before.length === 0 || b.before.length === 0) return Math.sign(b.before.length - a.before.length);
  for (const [at, part] of a.before.entries()) {
    const other = b.before[at];
    if (other === undefined) return 1;
    const difference = partOrder(part, other);
    if (difference !== 0) return difference;
  }
  return a.before.length < b.before.length ? -1 : 0;
}

/** Numbers come before words, and have no zeros before them. */
function partOrder(a: string, b: string): number {
  spendItems(2);
  spendLetters(a.length + b.length);
  const [isNumber, isOther] = [a, b].map((part) => /^\d+$/.test(part));
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  if (isNumber && a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const largestNumber = 2n ** 64n - 1n;

/** The value of a text by semver.org's rules, or why it is none. */
export function parseSemver(text: string): Semver | CelError {
  if (text === '') return new CelError('Version string empty');
  const [major, minor, ...rest] = text.split('.');
  if (rest.length === 0) return new CelError('No Major.Minor.Patch elements found');
  const [, patch = '', before, build] = /^([^+-]*)(?:-([^+]*))?(?:\+([^]*))?$/.exec(rest.join('.')) ?? [];
  const numbers: bigint[] = [];
  for (const [name, digits] of Object.entries({ major: major!, minor: minor!, patch })) {
    const found = numberOf(name, digits);
    if (found instanceof CelError) return found;
    numbers.push(found);
  }
  const parts = before?.split('.') ?? [];
  for (const part of parts) {
    if (part === '') return new CelError('Prerelease is empty');
    if (/^0\d+$/.test(part))
      return new CelError(`Numeric PreRelease version must not contain leading zeroes ${goQuote(part)}`);
    if (!/^[\dA-Za-z-]+$/.test(part)) return new CelError(`Invalid character(s) found in prerelease ${goQuote(part)}`);
  }
  for (const part of build?.split('.') ?? []) {
    if (part === '') return new CelError('Build meta data is empty');
    if (!/^[\dA-Za-z-]+$/.test(part))
      return new CelError(`Invalid character(s) found in build meta data ${goQuote(part)}`);
  }
  return new Semver(numbers as unknown as Semver['numbers'], parts);
}

function numberOf(name: string, digits: string): bigint | CelError {
  if (!/^\d*$/.test(digits)) return new CelError(`Invalid character(s) found in ${name} number ${goQuote(digits)}`);
  if (/^0\d/.test(digits))
    return new CelError(
      `${name[0]!.toUpperCase()}${name.slice(1)} number must not contain leading zeroes ${goQuote(digits)}`,
    );
  const problem = (rule: string) => new CelError(`strconv.ParseUint: parsing ${goQuote(digits)}: ${rule}`);
  if (digits === '') return problem('invalid syntax');
  return digits.length > 20 || BigInt(digits) > largestNumber ? problem('value out of range') : BigInt(digits);
}

/** Takes a `v` away, and zeros before numbers; adds numbers that are missing. */
function parseLoosely(text: string): Semver | CelError {
  const [major = '', minor, ...rest] = text.replace(/^v/, '').split('.');
  const parts = [major, ...(minor === undefined ? [] : [minor]), ...(rest.length === 0 ? [] : [rest.join('.')])];
  const trimmed = parts.map((part) =>
    part.length > 1 ? part.replace(/^0+(?=\d)/, '').replace(/^0+(?!\d)/, '0') : part,
  );
  if (trimmed.length < 3 && /[+-]/.test(trimmed.at(-1)!))
    return new CelError('short version cannot contain PreRelease/Build meta data');
  while (trimmed.length < 3) trimmed.push('0');
  return parseSemver(trimmed.join('.'));
}

const number =
  (at: 0 | 1 | 2) =>
  ({ numbers }: Semver): Int | CelError =>
    checked(numbers[at]);
const two = [semverType, semverType];
const isValid = (value: unknown) => !(value instanceof CelError);
const reader = (loosely: boolean) => (loosely ? parseLoosely : parseSemver);

/** Versions: `semver('1.2.3')`. */
export const semvers: Library = {
  semver: [
    overload('string_to_semver', [stringType], semverType, (text: string) => parseSemver(text)),
    overload('string_bool_to_semver', [stringType, boolType], semverType, (text: string, loosely: boolean) =>
      reader(loosely)(text),
    ),
  ],
  isSemver: [
    overload('is_semver_string', [stringType], boolType, (text: string) => isValid(parseSemver(text))),
    overload('is_semver_string_bool', [stringType, boolType], boolType, (text: string, loosely: boolean) =>
      isValid(reader(loosely)(text)),
    ),
  ],
  isGreaterThan: [memberOverload('semver_is_greater_than', two, boolType, (a: Semver, b: Semver) => order(a, b) > 0)],
  isLessThan: [memberOverload('semver_is_less_than', two, boolType, (a: Semver, b: Semver) => order(a, b) < 0)],
  compareTo: [memberOverload('semver_compare_to', two, intType, order)],
  major: [memberOverload('semver_major', [semverType], intType, number(0))],
  minor: [memberOverload('semver_minor', [semverType], intType, number(1))],
  patch: [memberOverload('semver_patch', [semverType], intType, number(2))],
};
