import { isStatus, refused, type StatusError } from '../../apimachinery/status.ts';
import type { RequestHeaders } from '../../http/headers.ts';
import { anonymous, type Authenticator, type Credentials, type UserInfo } from './auth.ts';

/** Whether who shows no credentials is the anonymous user, for a path. */
export type AllowsAnonymous = (path: string | undefined) => boolean;

/**
 * Asks each authenticator in turn and takes the first that knows the user. Credentials that nobody accepts are refused
 * (401), and so are none where the anonymous user is not welcome. Whoever is known is in `system:authenticated`.
 */
export function unionAuthenticator(
  authenticators: readonly Authenticator[],
  allowsAnonymous: AllowsAnonymous = () => true,
): Authenticator {
  function ask(
    credentials: Credentials,
    path: string | undefined,
    headers: RequestHeaders | undefined,
    from: number,
    earlier?: StatusError,
  ): UserInfo | Promise<UserInfo> {
    let failure = earlier;
    for (let i = from; i < authenticators.length; i++) {
      try {
        const answer = authenticators[i]!.authenticate(credentials, path, headers);
        if (answer instanceof Promise) return proceed(credentials, path, headers, i, answer, failure);
        if (answer !== undefined) return authenticated(answer);
      } catch (error) {
        failure = refusalIn(error, failure);
      }
    }
    if (failure !== undefined) throw failure;
    if (isShown(credentials.token) || !allowsAnonymous(path)) throw refused.unauthorized();
    return anonymous;
  }

  function proceed(
    credentials: Credentials,
    path: string | undefined,
    headers: RequestHeaders | undefined,
    at: number,
    answer: Promise<UserInfo | undefined>,
    failure: StatusError | undefined,
  ): Promise<UserInfo> {
    return answer.then(
      (user) => (user === undefined ? ask(credentials, path, headers, at + 1, failure) : authenticated(user)),
      (error: unknown) => ask(credentials, path, headers, at + 1, refusalIn(error, failure)),
    );
  }

  return { authenticate: (credentials, path, headers) => ask(credentials, path, headers, 0) };
}

function refusalIn(error: unknown, earlier: StatusError | undefined): StatusError {
  if (!isStatus(error)) throw error;
  return earlier ?? error;
}

const members = new WeakMap<UserInfo, UserInfo>();

/**
 * The user in `system:authenticated`. The same answer for the same user object, so that what is cached by user stays
 * cached.
 */
export function authenticated(user: UserInfo): UserInfo {
  if (user.groups.includes('system:authenticated') || user.groups.includes('system:unauthenticated')) return user;
  const before = members.get(user);
  if (before !== undefined) return before;
  const member = { ...user, groups: [...user.groups, 'system:authenticated'] };
  members.set(user, member);
  return member;
}

function isShown(token: string | undefined): boolean {
  return token !== undefined && token !== '';
}
