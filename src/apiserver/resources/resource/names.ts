import { byteLength } from '../../../apimachinery/go-text.ts';
import { patternComplaint } from '../../../apimachinery/names.ts';
import { invalid, required, tooLong } from '../../../apimachinery/validation.ts';
import { checkDnsSubdomain, complain, type Errors } from '../checks.ts';
import { checkCsiDriverName } from '../core/pod-spec/remote-disks.ts';

/** Drivers of devices are named as those of volumes are. */
export const checkDriverName = checkCsiDriverName;

const longestPoolName = 253;
const longestName = 32;
const identifier = '[A-Za-z_][A-Za-z0-9_]*';
const identifierExpression = new RegExp(`^${identifier}$`);
const identifierRule =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";

/** Names of nodes and the like, joined by slashes. */
export function checkPoolName(errors: Errors, name: string, field: string): void {
  if (name === '') return void errors.push(required(field));
  if (byteLength(name) > longestPoolName) errors.push(tooLong(field, longestPoolName));
  for (const part of name.split('/')) checkDnsSubdomain(errors, field, part);
}

/** `name` or `domain/name`. More slashes go through, as in Kubernetes. */
export function checkQualifiedAttribute(errors: Errors, name: string, field: string): void {
  const [first = '', second, ...rest] = name.split('/');
  if (rest.length > 0) return;
  if (second === undefined) return checkIdentifier(errors, first, field);
  if (first === '') errors.push(invalid(field, '', 'the domain must not be empty'));
  else checkDriverName(errors, first, field);
  if (second === '') errors.push(invalid(field, '', 'the name must not be empty'));
  else checkIdentifier(errors, second, field);
}

/** The same with a domain. */
export function checkAttributeWithDomain(errors: Errors, name: string, field: string): void {
  checkQualifiedAttribute(errors, name, field);
  if (!name.includes('/'))
    errors.push(invalid(field, name, 'a fully qualified name must be a domain and a name separated by a slash'));
}

function checkIdentifier(errors: Errors, name: string, field: string): void {
  if (byteLength(name) > longestName) errors.push(tooLong(field, longestName));
  if (!identifierExpression.test(name))
    errors.push(invalid(field, name, patternComplaint(identifierRule, identifier, 'my_name', 'MY_NAME', 'MyName')));
}

const hyphened = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** The identity of one share of a device. */
export function checkShareId(errors: Errors, id: string, field: string): void {
  const problem = uuidProblem(id);
  if (problem !== undefined) errors.push(invalid(field, id, `error validating uid: ${problem}`));
  else if (id.length !== 36 || id !== id.toLowerCase())
    complain(errors, field, id, [
      'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters',
    ]);
}

/** What google/uuid says of a text: it takes four forms. */
function uuidProblem(id: string): string | undefined {
  const length = byteLength(id);
  const malformed = (isGood: boolean) => (isGood ? undefined : 'invalid UUID format');
  if (length === 36) return malformed(hyphened.test(id));
  if (length === 32) return malformed(/^[\da-f]{32}$/i.test(id));
  if (length === 45) {
    const prefix = id.slice(0, 9);
    return prefix.toLowerCase() === 'urn:uuid:'
      ? malformed(hyphened.test(id.slice(9)))
      : `invalid urn prefix: ${JSON.stringify(prefix)}`;
  }
  if (length !== 38) return `invalid UUID length: ${length}`;
  return /^\{.*\}$/s.test(id) ? malformed(hyphened.test(id.slice(1, -1))) : 'invalid bracketed UUID format';
}
