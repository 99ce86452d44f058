import { createHash } from 'node:crypto';
import type { Secret } from '../../api/core/v1/types.ts';

export type UsersReading =
  | { readonly ok: true; readonly text: string; readonly fingerprint: string }
  | { readonly ok: false; readonly why: string };

/**
 * How a password may be hashed: by one of these, and none so costly that a request keeps a worker of nginx, which serves
 * all others too, for more than some tenths of a second. SHA-crypt has up to 99,999 rounds, bcrypt 2^12, yescrypt what
 * Debian has.
 */
const hashes = [
  /\{(?:PLAIN|SHA|SSHA)\}[\x21-\x7e]{1,280}/,
  /[./A-Za-z0-9]{13}/,
  /\$(?:apr1|1)\$[\x21-\x7e]{1,100}/,
  /\$[56]\$(?:rounds=[1-9]\d{0,4}\$)?[./A-Za-z0-9]{0,16}\$[./A-Za-z0-9]{43,86}/,
  /\$2[abxy]\$(?:0[4-9]|1[0-2])\$[./A-Za-z0-9]{53}/,
  /\$y\$j9T\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}/,
];
/** A name and the hash of a password, as htpasswd writes them. */
const entry = new RegExp(`^[^:#\\s\\x00-\\x1f\\x7f]{1,255}:(?:${hashes.map(({ source }) => source).join('|')})$`);
const mostUsers = 10_000;

/**
 * The users of a Secret: a file of htpasswd in its member `auth` (`auth-file`), or a member for each user (`auth-map`).
 * What nginx gets holds nothing but what was understood.
 */
export function readUsers({ data = {} }: Readonly<Secret>, form: 'auth-file' | 'auth-map' = 'auth-file'): UsersReading {
  const decoded = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();
  const lines =
    form === 'auth-file'
      ? decoded(data['auth']).split('\n')
      : Object.entries(data).map(([name, hash]) => `${name}:${decoded(hash).trim()}`);
  const users = lines.map((line) => line.trim()).filter((line) => entry.test(line));
  if (users.length === 0)
    return {
      ok: false,
      why: form === 'auth-file' ? 'its "auth" holds no users' : 'it has no member with the hash of a password',
    };
  if (users.length > mostUsers) return { ok: false, why: `it has more than ${mostUsers} users` };
  const text = `${users.join('\n')}\n`;
  return { ok: true, text, fingerprint: createHash('sha256').update(text).digest('hex').slice(0, 32) };
}
