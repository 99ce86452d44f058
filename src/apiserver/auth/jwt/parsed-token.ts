import type { Claims } from '../json-web-token.ts';

/** A token taken apart; nothing of it has been verified. */
export interface ParsedToken {
  readonly algorithm: string;
  /** Empty where the token does not name its key. */
  readonly keyId: string;
  readonly claims: Claims;
  /** What is signed. */
  readonly signed: string;
  readonly signature: Uint8Array;
}

/** Takes a token in compact form apart (RFC 7515); `undefined` for what is none. */
export function parsedToken(token: string): ParsedToken | undefined {
  const parts = token.split('.', 4);
  if (parts.length !== 3) return undefined;
  const [head, payload, tail] = parts as [string, string, string];
  const [header, claims, signature] = [objectIn(head), objectIn(payload), bytesIn(tail)];
  if (header === undefined || claims === undefined || signature === undefined) return undefined;
  const { alg, kid = '', crit } = header;
  // What a token says is critical must be understood, and nothing is.
  if (typeof alg !== 'string' || typeof kid !== 'string' || crit !== undefined) return undefined;
  return { algorithm: alg, keyId: kid, claims, signed: `${head}.${payload}`, signature };
}

/** One part has one text: Node leaves out what is no base64url, and bits that mean nothing. */
function bytesIn(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(bytesIn(part)));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
