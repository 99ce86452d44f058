import type { Live } from './live.ts';
import type { Kind } from './tables.ts';

/** Something that could not be read, and why, as far as that is known. */
export interface Unread {
  readonly what: string;
  readonly why: string | undefined;
}

/** Nothing may be called well that hangs on these. */
export function unreadOf(
  isDiscovered: boolean,
  kinds: readonly Pick<Kind, 'id' | 'synced' | 'problem'>[],
  endpoints: Pick<Live<unknown>, 'synced' | 'problem'>,
): Unread[] {
  const all = [...kinds, { id: 'endpointslices.discovery.k8s.io', ...endpoints }];
  const missing = all
    .filter(({ synced }) => !synced.value)
    .map(({ id, problem }) => ({ what: id, why: problem.value }));
  return isDiscovered ? missing : [{ what: 'the kinds that the server has', why: undefined }, ...missing];
}
