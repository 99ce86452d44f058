import { goQuote, shortened } from '../../apimachinery/go-text.ts';
import { refused } from '../../apimachinery/status.ts';
import { forbidden, notSupported, type FieldError } from '../../apimachinery/validation.ts';
import { booleanOption } from './boolean-option.ts';
import { optionOf, type Operation } from './operation.ts';
import { metaKind, numberOption } from './options.ts';

/** What a list or watch says of versions, with the defaults of the server. */
interface VersionOptions {
  readonly version: string;
  readonly match: string;
  /** Whether all that is there comes first; `undefined` where the client leaves it to the version. */
  readonly initial: boolean | undefined;
}

/** A watch that begins anywhere begins with what is there, and its end is marked as for those who ask for that. */
function versionOptions(operation: Operation): VersionOptions {
  const [version, match] = [
    optionOf(operation, 'resourceVersion') ?? '',
    optionOf(operation, 'resourceVersionMatch') ?? '',
  ];
  const sent = optionOf(operation, 'sendInitialEvents');
  if (sent !== undefined) return { version, match, initial: booleanOption(sent) };
  const isAnywhere = operation.request.verb === 'watch' && match === '' && (version === '' || version === '0');
  return isAnywhere ? { version, match: 'NotOlderThan', initial: true } : { version, match, initial: undefined };
}

/** Whether a watch begins with all that is there. */
export function startsWithAll(operation: Operation): boolean {
  return versionOptions(operation).initial ?? false;
}

/** Checks which versions and pages a list or watch asks for (API concepts, "Semantics for get and list"). */
export function checkListOptions(operation: Operation): void {
  for (const name of ['timeoutSeconds', 'limit']) numberOption(operation, name);
  const { version, match, initial } = versionOptions(operation);
  const isWatch = operation.request.verb === 'watch';
  const errors: FieldError[] = [];
  const forbid = (detail: string) => errors.push(forbidden('resourceVersionMatch', detail));
  const support = (...values: string[]) => {
    if (!values.includes(match)) errors.push(notSupported('resourceVersionMatch', match, values));
  };
  const withContinue = 'resourceVersionMatch is forbidden when continue is provided';
  const continues = (optionOf(operation, 'continue') ?? '') !== '';
  if (isWatch) {
    if (initial !== undefined && match !== 'NotOlderThan')
      forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    if (match !== '') {
      if (initial === undefined)
        forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
      support('NotOlderThan');
      if (continues) forbid(withContinue);
    }
  } else {
    if (match !== '') {
      if (version === '') forbid('resourceVersionMatch is forbidden unless resourceVersion is provided');
      if (continues) forbid(withContinue);
      support('Exact', 'NotOlderThan', '');
      if (match === 'Exact' && version === '0')
        forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
    if (initial !== undefined) errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (errors.length > 0) throw refused.invalid(metaKind('ListOptions'), '', errors);
}

/** `undefined` for none or an empty one. */
export function resourceVersionOption(operation: Operation): number | undefined {
  const text = optionOf(operation, 'resourceVersion');
  if (text === undefined || text === '') return undefined;
  const isNumber = /^\d+$/.test(text);
  const version = Number(text);
  if (isNumber && version < 2 ** 64) return version;
  const problem = isNumber ? 'value out of range' : 'invalid syntax';
  const shown = goQuote(shortened(text));
  const why = `Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ${problem}`;
  throw operation.request.verb === 'list'
    ? refused.badRequest(`invalid resource version: resourceVersion: ${why}`)
    : refused.other(500, undefined, `resourceVersion: ${why}`);
}
