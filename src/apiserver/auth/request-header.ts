import { refused } from '../../apimachinery/status.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import type { RequestHeaders } from '../../http/headers.ts';
import type { RequestHeaderOptions } from '../configuration/authentication-options.ts';
import type { Authenticator, UserInfo } from './auth.ts';
import { clientCertificateReader } from './client-certificate.ts';
import { extraKey } from './extra-key.ts';
import { certificatesIn } from './pem-certificates.ts';

/** Of what is said of a user, in letters; more is read each time. */
const longestRemembered = 4096;

/**
 * Believes proxies that ask for others what they say of those in headers (Authenticating, "Authenticating Proxy"): a proxy
 * shows a client certificate of an authority that is for this alone, under one of the allowed names. The headers are
 * taken off the request: nobody behind this server is to take them for its own word.
 */
export function requestHeaderAuthenticator(options: RequestHeaderOptions, clock: Clock): Authenticator {
  const proxyOf = clientCertificateReader(certificatesIn(options.clientCA), clock);
  const { allowedNames = [] } = options;
  const names = headerNames(options);
  const users = new BoundedMap<string, UserInfo>(4096, longestRemembered);
  return {
    authenticate({ certificate }, _path, headers) {
      if (certificate === undefined || headers === undefined) return undefined;
      const proxy = proxyOf(certificate);
      if (proxy === undefined) return undefined;
      if (allowedNames.length > 0 && !allowedNames.includes(proxy.name)) throw refused.unauthorized();
      const user = userIn(headers, names);
      if (user === undefined) return undefined;
      headers.remove((name) => names.all.has(name) || names.extra.some((prefix) => name.startsWith(prefix)));
      const key = JSON.stringify(user);
      return users.get(key) ?? users.set(key, user);
    },
  };
}

interface HeaderNames {
  readonly name: readonly string[];
  readonly uid: readonly string[];
  readonly groups: readonly string[];
  /** Prefixes. */
  readonly extra: readonly string[];
  readonly all: ReadonlySet<string>;
}

function headerNames(options: RequestHeaderOptions): HeaderNames {
  const { usernameHeaders, uidHeaders = [], groupHeaders = [], extraHeadersPrefix = [] } = options;
  const lower = (names: readonly string[]) => names.map((name) => name.trim().toLowerCase());
  const [name, uid, groups] = [lower(usernameHeaders), lower(uidHeaders), lower(groupHeaders)];
  return { name, uid, groups, extra: lower(extraHeadersPrefix), all: new Set([...name, ...uid, ...groups]) };
}

/** `undefined` where no name is said. */
function userIn(headers: RequestHeaders, names: HeaderNames): UserInfo | undefined {
  const first = (wanted: readonly string[]) =>
    wanted.map((one) => headers.get(one) ?? '').find((value) => value !== '');
  const name = first(names.name);
  if (name === undefined) return undefined;
  const uid = first(names.uid);
  const groups = names.groups.flatMap((one) => headers.all(one)).filter((value) => value !== '');
  const extra = extraIn(headers, names.extra);
  return {
    name: textOf(name),
    groups: groups.map(textOf),
    ...(uid !== undefined && { uid: textOf(uid) }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

function extraIn({ raw }: RequestHeaders, prefixes: readonly string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const prefix of prefixes)
    for (let at = 0; at < raw.length; at += 2)
      if (raw[at]!.startsWith(prefix))
        (extra[extraKey(raw[at]!.slice(prefix.length))] ??= []).push(textOf(raw[at + 1]!));
  return extra;
}

/** Headers are bytes; names are UTF-8. */
function textOf(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}
