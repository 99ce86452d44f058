import { ConfigMaps } from '../../api/core/v1/types.ts';
import { extraPrefix, frontProxyName, groupHeader, userHeader, type FrontProxy } from '../aggregation/front-proxy.ts';
import type { RequestHeaderOptions } from '../configuration/authentication-options.ts';
import type { Kept } from './objects.ts';

/**
 * What a server behind an APIService has to know to believe this one, and its clients (API aggregation, "Authentication
 * Flow"). Proxies that this server believes (`proxies`) are told of beside its own: who believes it believes them too.
 */
export function extensionAuthentication(
  clientAuthorities: readonly string[],
  frontProxy: FrontProxy,
  proxies: Partial<RequestHeaderOptions> = {},
): Kept {
  const { allowedNames, clientCA, extraHeadersPrefix, groupHeaders, uidHeaders = [], usernameHeaders } = proxies;
  const data = {
    ...(clientAuthorities.length > 0 && { 'client-ca-file': clientAuthorities.join('') }),
    'requestheader-allowed-names': listed(frontProxyName, allowedNames),
    'requestheader-client-ca-file':
      clientCA === undefined ? frontProxy.authority : `${frontProxy.authority.trimEnd()}\n${clientCA.trimEnd()}\n`,
    'requestheader-extra-headers-prefix': listed(extraPrefix, extraHeadersPrefix),
    'requestheader-group-headers': listed(groupHeader, groupHeaders),
    ...(uidHeaders.length > 0 && { 'requestheader-uid-headers': JSON.stringify(uidHeaders) }),
    'requestheader-username-headers': listed(userHeader, usernameHeaders),
  };
  const metadata = { name: 'extension-apiserver-authentication', namespace: 'kube-system' };
  return { type: ConfigMaps, object: { metadata, data } as Kept['object'] };
}

/** As JSON, each once. */
function listed(own: string, more: readonly string[] = []): string {
  return JSON.stringify([...new Set([own, ...more])]);
}
