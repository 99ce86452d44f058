import type { Connection, Exchange } from '../../http/exchange.ts';
import type { Credentials } from '../auth/auth.ts';

const bearer = /^bearer +(.+)$/i;
/** Longer headers are read each time, in letters: there may be ten thousand connections. */
const longestRemembered = 4096;

interface Seen {
  readonly header: string | undefined;
  readonly credentials: Credentials;
}

/** What of a request tells who sends it: the same value for all requests of a connection that say the same. */
export class CredentialsOfConnections {
  readonly #seen = new WeakMap<Connection, Seen>();

  of({ headers, connection }: Exchange): Credentials {
    const header = headers.get('authorization');
    const before = this.#seen.get(connection);
    if (before !== undefined && before.header === header) return before.credentials;
    const credentials = read(header, connection.peerCertificate);
    if (header === undefined || header.length <= longestRemembered) this.#seen.set(connection, { header, credentials });
    return credentials;
  }
}

function read(header: string | undefined, certificate: Uint8Array | undefined): Credentials {
  const token = header === undefined ? undefined : bearer.exec(header)?.[1]?.trim();
  if (token === undefined) return certificate === undefined ? {} : { certificate };
  return certificate === undefined ? { token } : { token, certificate };
}
