import { createHmac } from 'node:crypto';
import {
  bootstrapTokenData,
  bootstrapTokenPrefix,
  bootstrapTokenType,
  isBootstrapTokenOver,
} from '../../api/core/bootstrap-token.ts';
import { ConfigMaps, Secrets, type ConfigMap, type Secret } from '../../api/core/v1/types.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';

/** How new nodes reach the cluster: whoever has a token can tell by its signature that the text is the cluster's own. */
const clusterInfo = { namespace: 'kube-public', name: 'cluster-info' };
const signaturePrefix = 'jws-kubeconfig-';

/** Signs the kubeconfig in `cluster-info` with each token that is for signing. */
export const bootstrapSigner: Controller = {
  name: 'bootstrap-signer',
  watches: [
    { type: ConfigMaps, wakes: ({ metadata }) => (isClusterInfo(metadata) ? [clusterInfo] : []) },
    {
      type: Secrets,
      wakes: ({ metadata, type }: Readonly<Secret>) =>
        metadata.namespace === 'kube-system' && type === bootstrapTokenType ? [clusterInfo] : [],
    },
  ],

  async reconcile(key, cluster) {
    const info = cluster.get(ConfigMaps, key);
    const data = info && signedData(info, cluster.list(Secrets, 'kube-system'), cluster.clock.now());
    if (data === undefined) return settled;
    try {
      await cluster.update(ConfigMaps, { ...info!, data });
    } catch (error) {
      // Who has changed it wakes this controller.
      if (!isStatus(error, 'Conflict', 'NotFound')) throw error;
    }
    return settled;
  },
};

function isClusterInfo({ namespace, name }: { readonly namespace?: string; readonly name: string }): boolean {
  return namespace === clusterInfo.namespace && name === clusterInfo.name;
}

/** What the config map is to hold with its signatures; `undefined` where it holds that, or has nothing to be signed. */
function signedData(
  { data = {} }: Readonly<ConfigMap>,
  secrets: readonly Readonly<Secret>[],
  now: number,
): Record<string, string> | undefined {
  const { kubeconfig } = data;
  if (kubeconfig === undefined) return undefined;
  const signed = Object.fromEntries(Object.entries(data).filter(([name]) => !name.startsWith(signaturePrefix)));
  for (const [id, secret] of signingTokens(secrets, now)) {
    signed[`${signaturePrefix}${id}`] = detachedSignature(kubeconfig, id, secret);
  }
  const names = Object.keys(signed);
  const isSame = names.length === Object.keys(data).length && names.every((name) => signed[name] === data[name]);
  return isSame ? undefined : signed;
}

function signingTokens(secrets: readonly Readonly<Secret>[], now: number): [id: string, secret: string][] {
  return secrets.flatMap((secret): [string, string][] => {
    const id = bootstrapTokenData(secret, 'token-id');
    const value = bootstrapTokenData(secret, 'token-secret');
    const isMeant =
      secret.type === bootstrapTokenType &&
      id !== '' &&
      value !== '' &&
      secret.metadata.name === `${bootstrapTokenPrefix}${id}` &&
      bootstrapTokenData(secret, 'usage-bootstrap-signing') === 'true' &&
      !isBootstrapTokenOver(secret, now);
    return isMeant ? [[id, value]] : [];
  });
}

/** A signature (RFC 7515) without what it signs; the order of the header's fields is part of it. */
export function detachedSignature(content: string, id: string, secret: string): string {
  const encoded = (text: string): string => Buffer.from(text).toString('base64url');
  const header = encoded(JSON.stringify({ alg: 'HS256', kid: id }));
  const signature = createHmac('sha256', secret)
    .update(`${header}.${encoded(content)}`)
    .digest('base64url');
  return `${header}..${signature}`;
}
