import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import { illegalBase64 } from '../../apimachinery/go-base64.ts';
import { refused } from '../../apimachinery/status.ts';

/** Where the next page of a list starts: at which revision, after which key. Opaque to clients. */
export interface ContinueToken {
  /** -1: whatever is newest (an inconsistent continuation). */
  readonly revision: number;
  /** Key below the list's prefix from which to go on. */
  readonly start: string;
}

const version = 'meta.k8s.io/v1';

export function encodeContinue({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: version, rv: revision, start })).toString('base64url');
}

/** Throws BadRequest for what this server cannot have made, in upstream's words. */
export function decodeContinue(token: string): ContinueToken {
  const bad = (why: string) => refused.badRequest(`invalid continue token: continue key is not valid: ${why}`);
  const illegal = illegalBase64(token, 'url');
  if (illegal !== undefined) throw bad(`illegal base64 data at input byte ${illegal}`);
  const { v = '', rv = 0, start = '' } = fieldsIn(Buffer.from(token, 'base64url'), bad);
  if (v !== version) throw bad(`server does not recognize this encoded version ${v}`);
  if (rv === 0) throw bad('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (start === '') throw bad('encoded start key empty (version meta.k8s.io/v1)');
  if (`/${start}/`.includes('/../') || start.startsWith('/')) throw bad(start);
  return { revision: rv, start };
}

interface Fields {
  readonly v?: string;
  readonly rv?: number;
  readonly start?: string;
}

function fieldsIn(bytes: Buffer, bad: (why: string) => Error): Fields {
  let value: unknown;
  try {
    // Go looks at bytes, and names the first one that cannot stand where it is as if it were a letter.
    value = parseJson(bytes.toString('latin1'));
  } catch (error) {
    throw error instanceof DecodeError ? bad(error.message) : error;
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw bad(`json: cannot unmarshal ${goJsonType(value)} into Go value of type storage.continueToken`);
  const { v, rv, start } = JSON.parse(bytes.toString()) as { v?: unknown; rv?: unknown; start?: unknown };
  for (const [name, type, given] of [
    ['v', 'string', v],
    ['rv', 'int64', rv],
    ['start', 'string', start],
  ] as const) {
    const isGood = type === 'string' ? typeof given === 'string' : Number.isSafeInteger(given);
    if (given === undefined || given === null || isGood) continue;
    const shown = typeof given === 'number' && type === 'int64' ? `number ${given}` : goJsonType(given);
    throw bad(`json: cannot unmarshal ${shown} into Go struct field continueToken.${name} of type ${type}`);
  }
  return { v: (v ?? '') as string, rv: (rv ?? 0) as number, start: (start ?? '') as string };
}

function goJsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
