import { podReferences } from '../../api/core/pod-references.ts';
import { ConfigMaps, Pods, Secrets, ServiceAccounts, type Secret } from '../../api/core/v1/types.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { againAfter, type Cluster, type ClusterReader, type Controller } from '../../reconciler/controller.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** A token that nobody has used for so long is marked, and deleted when it has been marked for so long. */
const unusedMs = 365 * dayMs;
const tracking = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };
const tokenType = 'kubernetes.io/service-account-token';
const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';

/**
 * Takes away the tokens that older versions of Kubernetes made for every service account, when they are not used: after a
 * year they are marked, and refused from then on; after another one their Secret is deleted.
 */
export const legacyTokenCleaner: Controller = {
  name: 'legacy-service-account-token-cleaner',
  reads: [Secrets, ServiceAccounts, Pods],
  initially: [{ name: 'tokens' }],

  async reconcile(_key, cluster) {
    const now = cluster.clock.now();
    const since = await trackedSince(cluster);
    if (since !== undefined && now - since >= unusedMs) await clean(cluster, now);
    return againAfter(dayMs);
  },
};

async function clean(cluster: Cluster, now: number): Promise<void> {
  const { mark, remove } = planCleanup(cluster, now);
  for (const { metadata } of mark) {
    const labels = { [invalidSinceLabel]: dayOf(now) };
    const body = { metadata: { uid: metadata.uid, labels } };
    await unlessChanged(cluster.patch(Secrets, metadata, { type: 'merge', body }));
  }
  for (const secret of remove) {
    const { resourceVersion } = secret.metadata;
    await unlessChanged(cluster.delete(Secrets, secret, { preconditions: { resourceVersion: resourceVersion! } }));
  }
}

export interface CleanupPlan {
  readonly mark: readonly Readonly<Secret>[];
  readonly remove: readonly Readonly<Secret>[];
}

/**
 * What becomes of the Secrets with tokens; `now` in milliseconds. Whether uses have been noted for long enough is not
 * asked.
 */
export function planCleanup(cluster: ClusterReader, now: number): CleanupPlan {
  const oldest = dayOf(now - unusedMs);
  const mark: Readonly<Secret>[] = [];
  const remove: Readonly<Secret>[] = [];
  const mounted = new Map<string, ReadonlySet<string>>();
  for (const secret of cluster.list(Secrets)) {
    const { namespace = '', name, labels = {} } = secret.metadata;
    if (!isOldToken(secret, now) || !isMadeForAccount(secret, cluster)) continue;
    const lastUsed = labels[lastUsedLabel];
    if (lastUsed !== undefined && (!isDay(lastUsed) || lastUsed >= oldest)) continue;
    const used = mounted.get(namespace) ?? secretsOfPods(namespace, cluster);
    mounted.set(namespace, used);
    if (used.has(`secret ${name}`)) continue;
    const invalidSince = labels[invalidSinceLabel] ?? '';
    if (!isDay(invalidSince)) mark.push(secret);
    else if (invalidSince < oldest) remove.push(secret);
  }
  return { mark, remove };
}

function isOldToken({ type, metadata }: Readonly<Secret>, now: number): boolean {
  if (type !== tokenType || metadata.deletionTimestamp !== undefined) return false;
  return Date.parse(metadata.creationTimestamp!) < now - unusedMs;
}

/** Only those that an account lists were made without being asked for. */
function isMadeForAccount({ metadata }: Readonly<Secret>, cluster: ClusterReader): boolean {
  const { namespace = '', name, annotations = {} } = metadata;
  const uid = annotations['kubernetes.io/service-account.uid'];
  const account = cluster.get(ServiceAccounts, {
    namespace,
    name: annotations['kubernetes.io/service-account.name'] ?? '',
  });
  if (account === undefined || (uid && uid !== account.metadata.uid)) return false;
  return account.secrets?.some((one) => one.name === name) === true;
}

function secretsOfPods(namespace: string, cluster: ClusterReader): ReadonlySet<string> {
  return new Set(cluster.list(Pods, namespace).flatMap((pod) => [...podReferences(pod)]));
}

/** The first whole day on which the API server noted every use, in milliseconds; `undefined`: it says none. */
async function trackedSince({ client }: Cluster): Promise<number | undefined> {
  try {
    const { data } = await client.get(ConfigMaps, tracking);
    const since = data?.['since'] ?? '';
    return isDay(since) ? Date.parse(since) + dayMs : undefined;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function unlessChanged(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
  }
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
