import { refused } from '../../apimachinery/status.ts';
import type { Authenticator, UserInfo } from './auth.ts';

/** What a token says; `audiences` are those of the asked ones that it is for. */
export type TokenReading =
  | { readonly good: true; readonly user: UserInfo; readonly audiences: readonly string[] }
  /** `why` is for logs and reviews only: who sends a bad token learns nothing. */
  | { readonly good: false; readonly why: string };

type MaybePromise<T> = T | Promise<T>;

/** Knows users by their tokens. */
export interface TokenReader {
  /** `undefined` when the token is not one of its own. The same user object for the same token, as long as nothing changes. */
  read(token: string, audiences: readonly string[]): MaybePromise<TokenReading | undefined>;
}

/** Knows users by tokens that say nothing of an audience of this server: they are for all that it has. */
export interface OwnTokenReader {
  read(token: string): MaybePromise<{ readonly user: UserInfo } | { readonly why: string } | undefined>;
}

/** As a reader of tokens for this server, which has these audiences: whoever asks for others is not told of the token. */
export function forAudiences(own: readonly string[], reader: OwnTokenReader): TokenReader {
  return {
    read(token, audiences) {
      const meant = own.filter((audience) => audiences.includes(audience));
      if (meant.length === 0) return undefined;
      const known = reader.read(token);
      return known instanceof Promise ? known.then((one) => reading(one, meant)) : reading(known, meant);
    },
  };
}

function reading(
  known: Awaited<ReturnType<OwnTokenReader['read']>>,
  audiences: readonly string[],
): TokenReading | undefined {
  if (known === undefined) return undefined;
  return 'why' in known ? { good: false, why: known.why } : { good: true, user: known.user, audiences };
}

/** Knows who sends a request by its token. Hears why tokens are bad. */
export function tokenAuthenticator(
  reader: TokenReader,
  audiences: readonly string[],
  onBadToken: (why: string) => void = () => {},
): Authenticator {
  function userOf(known: TokenReading | undefined): UserInfo | undefined {
    if (known === undefined) return undefined;
    if (known.good) return known.user;
    onBadToken(known.why);
    throw refused.unauthorized();
  }
  return {
    authenticate({ token }) {
      if (token === undefined || token === '') return undefined;
      const known = reader.read(token, audiences);
      return known instanceof Promise ? known.then(userOf) : userOf(known);
    },
  };
}

/** Asks one reader after the other; the first that knows a good token decides. */
export function unionTokenReader(readers: readonly TokenReader[]): TokenReader {
  function ask(
    token: string,
    audiences: readonly string[],
    from: number,
    problems: readonly string[],
  ): MaybePromise<TokenReading | undefined> {
    let found = problems;
    for (let i = from; i < readers.length; i++) {
      const known = readers[i]!.read(token, audiences);
      if (known instanceof Promise)
        return known.then((one) => (one?.good ? one : ask(token, audiences, i + 1, withProblem(found, one))));
      if (known?.good) return known;
      found = withProblem(found, known);
    }
    return found.length === 0 ? undefined : { good: false, why: found.join(', ') };
  }
  return { read: (token, audiences) => ask(token, audiences, 0, []) };
}

function withProblem(problems: readonly string[], reading: TokenReading | undefined): readonly string[] {
  return reading === undefined || reading.good ? problems : [...problems, reading.why];
}
