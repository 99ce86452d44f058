import { parseTime } from '../../apimachinery/time.ts';
import type { Secret } from './v1/types.ts';

/** Secrets of this type in kube-system are tokens with which new nodes come to a cluster ("Bootstrap Tokens"). */
export const bootstrapTokenType = 'bootstrap.kubernetes.io/token';
/** The name of such a Secret, before the token's id. */
export const bootstrapTokenPrefix = 'bootstrap-token-';

/** What stands under a key of a Secret, as a text; empty for what is not there or is no text. */
export function bootstrapTokenData({ data }: Readonly<Secret>, key: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(data?.[key] ?? ''), (letter) => letter.charCodeAt(0)));
  } catch {
    return '';
  }
}

/** In how many milliseconds the token is over; `undefined`: never. One whose end cannot be read is over. */
export function bootstrapTokenLeft(secret: Readonly<Secret>, now: number): number | undefined {
  const expiration = bootstrapTokenData(secret, 'expiration');
  if (expiration === '') return undefined;
  return (parseTime(expiration) ?? now) - now;
}

export function isBootstrapTokenOver(secret: Readonly<Secret>, now: number): boolean {
  return (bootstrapTokenLeft(secret, now) ?? 1) <= 0;
}
