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

/** Throws BadRequest for what this server cannot have made. */
export function decodeContinue(token: string): ContinueToken {
  const bad = (why: string) => refused.badRequest(`invalid continue token: continue key is not valid: ${why}`);
  let fields: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    fields = JSON.parse(Buffer.from(token, 'base64url').toString()) as typeof fields;
  } catch (error) {
    throw bad((error as Error).message);
  }
  if (typeof fields !== 'object' || fields === null) throw bad('not an object');
  if (fields.v !== version) throw bad(`server does not recognize this encoded version ${String(fields.v ?? '')}`);
  const { rv, start } = fields;
  if (typeof rv !== 'number' || !Number.isInteger(rv) || rv === 0)
    throw bad('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '') throw bad('encoded start key empty (version meta.k8s.io/v1)');
  if (`/${start}/`.includes('/../') || start.startsWith('/')) throw bad(start);
  return { revision: rv, start };
}
