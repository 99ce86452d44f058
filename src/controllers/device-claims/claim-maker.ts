import {
  deviceClaimNameOf,
  isDeviceClaimFor,
  isReservedFor,
  podClaimAnnotation,
} from '../../api/core/pod-device-claims.ts';
import { Pods, type Pod, type PodResourceClaim } from '../../api/core/v1/types.ts';
import { ResourceClaims, ResourceClaimTemplates, type ResourceClaim } from '../../api/resource/v1/types.ts';
import { controllerOf } from '../../apimachinery/object.ts';
import { errorText } from '../../base/error-text.ts';
import { settled, type Cluster, type ClusterReader, type Controller } from '../../reconciler/controller.ts';
import { claimBaseName } from './claim-base-name.ts';

type Key = { readonly namespace?: string | undefined; readonly name: string };

/**
 * Makes the claims of devices that pods describe by templates, tells each pod the names of its own, and reserves claims
 * for pods that got to a node without the scheduler.
 */
export const deviceClaimMaker: Controller<Pod> = {
  name: 'resource_claim',
  identity: 'resource-claim-controller',
  watches: [
    { type: Pods, wakes: (pod: Readonly<Pod>) => (entriesOf(pod).length > 0 ? [pod.metadata] : []) },
    { type: ResourceClaims, wakes: podsOf },
    {
      type: ResourceClaimTemplates,
      wakes: ({ metadata: { name, namespace } }, cluster) =>
        podsThat(cluster, namespace, (entry) => entry.resourceClaimTemplateName === name),
    },
  ],

  async reconcile(key, cluster) {
    const pod = cluster.get(Pods, key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return settled;
    const names = new Map<string, string>();
    for (const entry of entriesOf(pod)) {
      try {
        const name = await madeClaim(pod, entry, cluster);
        if (name !== undefined) names.set(entry.name, name);
      } catch (error) {
        const text = errorText(error);
        cluster.events.record(pod, 'Warning', 'FailedResourceClaimCreation', `PodResourceClaim ${entry.name}: ${text}`);
        throw error;
      }
    }
    const known = (name: string) => pod.status?.resourceClaimStatuses?.find((one) => one.name === name);
    if ([...names].some(([entry, name]) => known(entry)?.resourceClaimName !== name)) await tell(pod, names, cluster);
    else if (pod.spec.nodeName) await reserveAll(pod, cluster);
    return settled;
  },
};

function entriesOf({ spec }: Readonly<Pod>): readonly PodResourceClaim[] {
  return spec.resourceClaims ?? [];
}

function podsThat(
  cluster: ClusterReader,
  namespace: string | undefined,
  isMeant: (entry: PodResourceClaim, pod: Readonly<Pod>) => boolean,
): readonly Key[] {
  return cluster
    .list(Pods, namespace)
    .filter((pod) => entriesOf(pod).some((entry) => isMeant(entry, pod)))
    .map(({ metadata }) => metadata);
}

/** Of a claim that was made, its pod; of others, all that name it. */
function podsOf(claim: Readonly<ResourceClaim>, cluster: ClusterReader): readonly Key[] {
  const { namespace, name } = claim.metadata;
  const owner = controllerOf(claim);
  if (owner?.kind === 'Pod') return [{ namespace, name: owner.name }];
  return podsThat(cluster, namespace, (entry) => entry.resourceClaimName === name);
}

/** The name of the claim made for an entry, and now if need be; `undefined`: it takes none, or one that is there. */
async function madeClaim(pod: Readonly<Pod>, entry: PodResourceClaim, cluster: Cluster): Promise<string | undefined> {
  const { resourceClaimTemplateName: templateName } = entry;
  const found = deviceClaimNameOf(pod, entry);
  if (templateName === undefined || found.state === 'unneeded') return undefined;
  const { namespace = '' } = pod.metadata;
  if (found.state === 'named') {
    const claim = cluster.get(ResourceClaims, { namespace, name: found.name });
    if (claim !== undefined && isDeviceClaimFor(claim, pod)) return found.name;
  }
  // One that was made before, when there was no time left to tell the pod.
  const own = cluster
    .ownedBy(pod, ResourceClaims)
    .find(({ metadata }) => metadata.annotations?.[podClaimAnnotation] === entry.name);
  if (own !== undefined) return own.metadata.name;
  const template = cluster.get(ResourceClaimTemplates, { namespace, name: templateName });
  if (template === undefined)
    throw new Error(
      `resource claim template ${JSON.stringify(templateName)}: resourceclaimtemplate.resource.k8s.io ${JSON.stringify(templateName)} not found`,
    );
  const { metadata = {}, spec } = template.spec;
  const made = await cluster.create(
    ResourceClaims,
    {
      metadata: {
        name: '',
        generateName: claimBaseName(pod.metadata.name, entry.name),
        namespace,
        ...(metadata.labels && { labels: metadata.labels }),
        annotations: { ...metadata.annotations, [podClaimAnnotation]: entry.name },
      },
      spec,
    },
    { owner: pod },
  );
  return made.metadata.name;
}

/** Writes into the pod which claims are its own. */
async function tell(
  { metadata: { name, namespace = '' } }: Readonly<Pod>,
  names: ReadonlyMap<string, string>,
  { client }: Cluster,
): Promise<void> {
  const statuses = [...names].map(([entry, resourceClaimName]) => ({ name: entry, resourceClaimName }));
  const body = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    status: { resourceClaimStatuses: statuses },
  };
  const options = { subresource: 'status', fieldManager: 'ResourceClaimController', force: true };
  await client.patch(Pods, { namespace, name }, { type: 'apply', body }, options);
}

/** The scheduler reserves claims for the pods that it places; others are served here, as far as claims are allocated. */
async function reserveAll(pod: Readonly<Pod>, cluster: Cluster): Promise<void> {
  const { name, namespace = '', uid = '' } = pod.metadata;
  for (const entry of entriesOf(pod)) {
    const found = deviceClaimNameOf(pod, entry);
    if (found.state !== 'named') continue;
    const claim = cluster.get(ResourceClaims, { namespace, name: found.name });
    if (claim === undefined) return;
    if (found.isMade && !isDeviceClaimFor(claim, pod))
      throw new Error(
        `ResourceClaim ${namespace}/${found.name} was not created for Pod ${namespace}/${name} (Pod is not owner)`,
      );
    if (claim.status?.allocation === undefined || isReservedFor(claim, pod)) continue;
    const reservedFor = [...(claim.status.reservedFor ?? []), { resource: 'pods', name, uid }];
    await cluster.updateStatus(ResourceClaims, claim, { ...claim.status, reservedFor });
  }
}
