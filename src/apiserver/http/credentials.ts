import type { Exchange } from '../../http/exchange.ts';
import type { Credentials } from '../auth/auth.ts';

const bearer = /^bearer +(.+)$/i;

/** What of a request tells who sends it. */
export function credentialsOf({ headers, connection }: Exchange): Credentials {
  const { peerCertificate: certificate } = connection;
  const header = headers.get('authorization');
  const token = header === undefined ? undefined : bearer.exec(header)?.[1]?.trim();
  if (token === undefined) return certificate === undefined ? {} : { certificate };
  return certificate === undefined ? { token } : { token, certificate };
}
