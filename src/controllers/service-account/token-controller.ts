import { Secrets, ServiceAccounts, type Secret, type ServiceAccount } from '../../api/core/v1/types.ts';
import type { ObjectKey } from '../../apimachinery/object.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { settled, type Cluster, type Controller } from '../../reconciler/controller.ts';

const tokenType = 'kubernetes.io/service-account-token';
const nameAnnotation = 'kubernetes.io/service-account.name';
const uidAnnotation = 'kubernetes.io/service-account.uid';

/** Signs a token without end for an account, kept in the Secret of a name. */
export type IssueToken = (order: {
  readonly namespace: string;
  readonly account: { readonly name: string; readonly uid: string };
  readonly secret: string;
}) => string;

/** Fills Secrets that ask for the token of a service account, and deletes them when the account is gone. */
export function serviceAccountTokenController(rootCertificate: string, issue: IssueToken): Controller<Secret> {
  return {
    name: 'serviceaccount-token-controller',
    identity: 'system:kube-controller-manager',
    for: Secrets,
    watches: [
      {
        type: ServiceAccounts,
        wakes: ({ metadata }, cluster) =>
          cluster
            .list(Secrets, metadata.namespace)
            .filter((secret) => isToken(secret) && secret.metadata.annotations?.[nameAnnotation] === metadata.name)
            .map((secret) => secret.metadata as ObjectKey),
      },
    ],

    async reconcile(key, cluster) {
      const secret = cluster.get(Secrets, key);
      if (secret === undefined || !isToken(secret)) return settled;
      const account = await accountOf(secret, cluster);
      if (account === undefined) {
        const { uid } = secret.metadata;
        await cluster.delete(Secrets, secret, { preconditions: { uid: uid! } });
        return settled;
      }
      const wanted = filled(secret, account, rootCertificate, issue);
      if (wanted !== undefined) await cluster.update(Secrets, wanted);
      return settled;
    },
  };
}

function isToken({ type }: Readonly<Secret>): boolean {
  return type === tokenType;
}

/** The account that the Secret names, if it is there; the cache may not have it yet, so that the server is asked too. */
async function accountOf({ metadata }: Readonly<Secret>, cluster: Cluster): Promise<ServiceAccount | undefined> {
  const { namespace, annotations = {} } = metadata;
  const name = annotations[nameAnnotation] ?? '';
  const uid = annotations[uidAnnotation];
  const key = { namespace: namespace!, name };
  const isIt = (account: Readonly<ServiceAccount> | undefined) =>
    account !== undefined && (!uid || account.metadata.uid === uid);
  const cached = cluster.get(ServiceAccounts, key);
  if (isIt(cached)) return cached;
  try {
    const live = await cluster.client.get(ServiceAccounts, key);
    return isIt(live) ? live : undefined;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** The Secret with all that it is to have; `undefined` if it has that. */
function filled(
  secret: Readonly<Secret>,
  { metadata: { name, uid } }: Readonly<ServiceAccount>,
  rootCertificate: string,
  issue: IssueToken,
): Secret | undefined {
  const { metadata, data = {} } = secret;
  const namespace = metadata.namespace!;
  const added: Record<string, string> = {};
  if (rootCertificate !== '' && data['ca.crt'] !== base64(rootCertificate)) added['ca.crt'] = base64(rootCertificate);
  if (!data['namespace']) added['namespace'] = base64(namespace);
  if (!data['token'])
    added['token'] = base64(issue({ namespace, account: { name, uid: uid! }, secret: metadata.name }));
  if (Object.keys(added).length === 0) return undefined;
  const annotations = { ...metadata.annotations, [nameAnnotation]: name, [uidAnnotation]: uid! };
  return { ...secret, metadata: { ...metadata, annotations }, data: { ...data, ...added } };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
