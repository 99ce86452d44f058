import { ConfigMaps } from '../../api/core/v1/types.ts';
import { extraPrefix, frontProxyName, groupHeader, userHeader, type FrontProxy } from '../aggregation/front-proxy.ts';
import type { Kept } from './objects.ts';

/** What a server behind an APIService has to know to believe this one, and its clients (API aggregation, "Authentication Flow"). */
export function extensionAuthentication(clientAuthorities: readonly string[], frontProxy: FrontProxy): Kept {
  const data = {
    ...(clientAuthorities.length > 0 && { 'client-ca-file': clientAuthorities.join('') }),
    'requestheader-allowed-names': JSON.stringify([frontProxyName]),
    'requestheader-client-ca-file': frontProxy.authority,
    'requestheader-extra-headers-prefix': JSON.stringify([extraPrefix]),
    'requestheader-group-headers': JSON.stringify([groupHeader]),
    'requestheader-username-headers': JSON.stringify([userHeader]),
  };
  const metadata = { name: 'extension-apiserver-authentication', namespace: 'kube-system' };
  return { type: ConfigMaps, object: { metadata, data } as Kept['object'] };
}
