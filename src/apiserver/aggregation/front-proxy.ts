import { refused } from '../../apimachinery/status.ts';
import type { KeyAndCertificate } from '../auth/certificates.ts';
import type { UserInfo } from '../auth/auth.ts';
import type { OwnHeaders } from '../streams/backend-headers.ts';

/** How this server shows others that it speaks for users: a client certificate of an authority made for this alone. PEM. */
export interface FrontProxy {
  readonly authority: string;
  readonly client: KeyAndCertificate;
}

/** The name in the client certificate. */
export const frontProxyName = 'front-proxy-client';

export const userHeader = 'X-Remote-User';
export const groupHeader = 'X-Remote-Group';
const uidHeader = 'X-Remote-Uid';
export const extraPrefix = 'X-Remote-Extra-';

/** Who asks, for a server that believes the front proxy (Authenticating, "Authenticating Proxy"). */
export function identityHeaders({ name, uid, groups, extra = {} }: UserInfo): OwnHeaders {
  const headers: Record<string, string | string[]> = { [userHeader]: headerValue(name) };
  if (uid !== undefined && uid !== '') headers[uidHeader] = headerValue(uid);
  if (groups.length > 0) headers[groupHeader] = groups.map(headerValue);
  for (const [key, values] of Object.entries(extra))
    headers[`${extraPrefix}${headerKey(key)}`] = values.map(headerValue);
  return headers;
}

/** Its bytes, as Node wants them. Throws Forbidden for one that another server would read as another name. */
function headerValue(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000a-\u001f\u007f]|^\s|\s$/.test(text))
    throw refused.other(
      403,
      'Forbidden',
      `cannot tell another server who asks: ${JSON.stringify(text.slice(0, 256))} has control characters, or blanks around it`,
    );
  return Buffer.from(text).toString('latin1');
}

/** What may not stand in a header's name is escaped as in URLs. */
function headerKey(key: string): string {
  return key.replace(/[^!#$&'*+\-.^_`|~0-9a-z]/gi, (letter) =>
    Array.from(Buffer.from(letter), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
