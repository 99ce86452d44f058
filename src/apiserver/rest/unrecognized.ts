import { jsonTypeName } from '../../apimachinery/patch/json-value.ts';
import { refused, type StatusError } from '../../apimachinery/status.ts';

/** What Go calls the value that says which kind an object has. */
export const goTypeMeta =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

const longestSummary = 30;

/** The refusal of a body of which not even the kind can be read. */
export function unrecognized(kind: string, why: string, bytes: Uint8Array): StatusError {
  return refused.badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${why} (${summaryOf(bytes)})`,
  );
}

/** The beginning of a body: as text where it looks like JSON, otherwise its bytes in hexadecimal. */
function summaryOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const start = bytes.subarray(0, longestSummary);
  const isText = bytes[0] === '{'.charCodeAt(0);
  const shown = isText
    ? new TextDecoder().decode(start)
    : Array.from(start, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return bytes.length > longestSummary ? `${shown} ...` : shown;
}

/** Why a value does not say which kind it is; `undefined`: it may be an object of some kind, or null. */
export function typeMetaFault(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object' || Array.isArray(value) || !isPlain(value))
    return noTypeMeta(`json: cannot unmarshal ${jsonTypeName(value)} into Go value of type ${goTypeMeta}`);
  const { kind, apiVersion } = value as { readonly kind?: unknown; readonly apiVersion?: unknown };
  if (isTextOrNothing(kind) && isTextOrNothing(apiVersion)) return undefined;
  // The one that stands first is told.
  for (const [name, member] of Object.entries(value))
    if ((name === 'kind' || name === 'apiVersion') && member !== null && typeof member !== 'string')
      return noTypeMeta(`json: cannot unmarshal ${jsonTypeName(member)} into Go struct field .${name} of type string`);
  return undefined;
}

function isTextOrNothing(value: unknown): boolean {
  return typeof value === 'string' || value === undefined || value === null;
}

/** Numbers that JavaScript cannot hold are objects too. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function noTypeMeta(why: string): string {
  return `couldn't get version/kind; json parse error: ${why}`;
}
