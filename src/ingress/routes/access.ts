import type { Ingress } from '../../api/networking/v1/types.ts';
import { keyText, type ObjectKey } from '../../apimachinery/object.ts';
import type { ReadAnnotations } from './annotations/annotations.ts';
import { readAuthority } from './certificates.ts';
import type { Draft } from './draft.ts';
import type { Filter } from './filters.ts';
import type { IngressObjects } from './plan-routes.ts';
import type { Problem, Settings } from './routes.ts';
import { readUsers } from './users.ts';

/** What annotations ask for together with the Secrets that they name. `isDenied`: nobody can be let in. */
export interface Access {
  readonly filters: readonly Filter[];
  readonly settings: Settings;
  readonly isDenied: boolean;
}

/** Where what protects an Ingress, or what proves its backends, cannot be had, nobody is served. */
export function accessOf(
  ingress: Readonly<Ingress>,
  read: ReadAnnotations,
  { draft, objects, problems }: { draft: Draft; objects: IngressObjects; problems: Problem[] },
): Access {
  const { found, filters, settings, isDenied } = read;
  const refuse = (message: string): undefined => {
    problems.push({ reason: 'InvalidSecret', message: `${message}: what it protects is not served` });
  };
  const secretOf = (written: string) => {
    const key = secretKey(ingress, written);
    if (key === undefined) return refuse(`Secret "${written}" is not of the namespace of the Ingress`);
    const secret = objects.secret(key);
    return secret === undefined ? refuse(`Secret "${keyText(key)}" does not exist`) : { key: keyText(key), secret };
  };

  const basicAuth = (): Filter | undefined => {
    if (found.authSecret === undefined) return refuse('Annotation "auth-type" needs "auth-secret"');
    const named = secretOf(found.authSecret);
    if (named === undefined) return undefined;
    const reading = readUsers(named.secret, found.authSecretType);
    if (!reading.ok) return refuse(`Secret "${named.key}" cannot be used: ${reading.why}`);
    draft.users.set(reading.fingerprint, reading.text);
    return { kind: 'basicAuth', realm: found.authRealm ?? 'Authentication Required', users: reading.fingerprint };
  };

  const backendTls = (): Settings['backendTls'] => {
    const tls = settings.backendTls!;
    if (found.tlsSecret === undefined)
      return tls.verifies ? refuse('Annotation "proxy-ssl-verify" needs "proxy-ssl-secret"') : tls;
    const named = secretOf(found.tlsSecret);
    if (named === undefined) return undefined;
    const authority = readAuthority(named.secret);
    const own = objects.readCertificate(named.secret);
    if (tls.verifies && authority === undefined)
      return refuse(`Secret "${named.key}" has no "ca.crt" that can be read`);
    if (authority !== undefined) draft.authorities.set(authority.fingerprint, authority.pem);
    if (own.ok) draft.certificates.set(own.fingerprint, own.pair);
    return {
      ...tls,
      ...(authority && { authority: authority.fingerprint }),
      ...(own.ok && { certificate: own.fingerprint }),
    };
  };

  const needsUsers = found.authType !== undefined || found.authSecret !== undefined;
  const auth = needsUsers && !isDenied ? basicAuth() : undefined;
  const tls = settings.backendTls === undefined || isDenied ? undefined : backendTls();
  const lacks = (needsUsers && auth === undefined) || (settings.backendTls !== undefined && tls === undefined);
  return {
    filters: auth === undefined ? filters : [auth, ...filters],
    settings: tls === undefined ? settings : { ...settings, backendTls: tls },
    isDenied: isDenied || lacks,
  };
}

/** Of `name` and `namespace/name`; only its own namespace is an Ingress's to use. */
function secretKey({ metadata: { namespace } }: Readonly<Ingress>, written: string): ObjectKey | undefined {
  const [name = '', other] = written.split('/').reverse();
  if (other !== undefined && other !== namespace) return undefined;
  return { ...(namespace !== undefined && { namespace }), name };
}
