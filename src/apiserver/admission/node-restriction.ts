import type { BoundObjectReference } from '../../api/authentication/v1/types.ts';
import { claimNameOf } from '../../api/core/pod-claims.ts';
import {
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  ServiceAccounts,
  type Node,
  type Pod,
} from '../../api/core/v1/types.ts';
import type { ResourceSlice } from '../../api/resource/v1/types.ts';
import { CSIDrivers } from '../../api/storage/v1/types.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { refused } from '../../apimachinery/status.ts';
import type { UserInfo } from '../auth/auth.ts';
import { podReferences } from '../../api/core/pod-references.ts';
import { nodeOfUser } from '../auth/service-account.ts';
import type { ServerContext } from '../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { agentLabelsRefused } from './node-labels.ts';
import { notAdmitted } from './refusal.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Limits what the agent of a node may write to its own node, its lease and the pods that are bound to it. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  guard(request, context) {
    if (!request.user.groups.includes('system:nodes')) return;
    const node = nodeOfUser(request.user.name);
    if (node === undefined) return;
    const { type, subresource } = request;
    switch (`${type.group}/${type.resource}${subresource === undefined ? '' : `/${subresource}`}`) {
      case '/pods':
        return checkPod(request, node, context);
      case '/pods/status':
        return checkPodStatus(request, node);
      case '/pods/eviction':
        return checkEviction(request, node, context);
      case '/nodes':
      case '/nodes/status':
        return checkNode(request, node);
      case 'coordination.k8s.io/leases':
        if (request.namespace !== 'kube-node-lease')
          throw notAdmitted(request, 'can only access leases in the "kube-node-lease" system namespace');
        return checkName(request, 'node lease', node);
      case 'storage.k8s.io/csinodes':
        return checkName(request, 'CSINode', node);
      case 'resource.k8s.io/resourceslices':
        return checkSlice(request, node);
      default:
    }
  },
};

function checkName(request: AdmissionRequest, what: string, node: string): void {
  if (request.name !== node)
    throw notAdmitted(request, `can only access ${what} with the same name as the requesting node`);
}

function checkSlice(request: AdmissionRequest, node: string): void {
  const { operation, object, old } = request;
  if (operation !== 'CREATE' && operation !== 'DELETE') return;
  const slice = (operation === 'CREATE' ? object : old) as ResourceSlice | undefined;
  if (slice?.spec.nodeName === node) return;
  const what = operation.toLowerCase();
  throw notAdmitted(request, `can only ${what} ResourceSlice with the same NodeName as the requesting node`);
}

function checkPod(request: AdmissionRequest, node: string, context: ServerContext): void {
  const name = JSON.stringify(node);
  switch (request.operation) {
    case 'CREATE':
      return checkMirrorPod(request, request.object as Pod, node);
    case 'DELETE': {
      const pod = (request.old as Pod | undefined) ?? podOf(request, context);
      if (pod !== undefined && pod.spec.nodeName !== node)
        throw notAdmitted(request, `node ${name} can only delete pods with spec.nodeName set to itself`);
      return;
    }
    default:
      throw notAdmitted(
        request,
        `unexpected operation ${JSON.stringify(request.operation)}, node ${name} can only create and delete mirror pods`,
      );
  }
}

function checkMirrorPod(request: AdmissionRequest, pod: Pod, node: string): void {
  const name = JSON.stringify(node);
  const refuse = (why: string) => notAdmitted(request, why);
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined)
    throw refuse(
      `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, node ${name} can only create mirror pods`,
    );
  if (pod.spec.nodeName !== node) throw refuse(`node ${name} can only create pods with spec.nodeName set to itself`);
  const owners = pod.metadata.ownerReferences ?? [];
  if (owners.length > 1) throw refuse(`node ${name} can only create pods with a single owner reference set to itself`);
  if (owners.some((owner) => owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node))
    throw refuse(`node ${name} can only create pods with an owner reference set to itself`);
  for (const reference of podReferences(pod)) {
    const kind = reference.slice(0, reference.indexOf(' '));
    throw refuse(
      `node ${name} can not create pods that reference ${kind === 'serviceaccount' ? 'a service account' : `${kind}s`}`,
    );
  }
}

function checkPodStatus(request: AdmissionRequest, node: string): void {
  if (request.operation !== 'UPDATE') return;
  const pod = request.object as Pod;
  const old = request.old as Pod;
  const name = JSON.stringify(node);
  if (old.spec.nodeName !== node)
    throw notAdmitted(request, `node ${name} can only update pod status for pods with spec.nodeName set to itself`);
  if (!jsonEqual(pod.metadata.labels ?? {}, old.metadata.labels ?? {}))
    throw notAdmitted(request, `node ${name} cannot update labels through pod status`);
  // The slip of the pen is Kubernetes' own.
  if (!jsonEqual(pod.status?.resourceClaimStatuses ?? [], old.status?.resourceClaimStatuses ?? []))
    throw notAdmitted(request, `node ${name} cannot update resource claim statues`);
  if (
    pod.status?.extendedResourceClaimStatus?.resourceClaimName !==
    old.status?.extendedResourceClaimStatus?.resourceClaimName
  )
    throw notAdmitted(request, `node ${name} cannot update extended resource claim status`);
}

function checkEviction(request: AdmissionRequest, node: string, context: ServerContext): void {
  const pod = podOf(request, context);
  if (pod !== undefined && pod.spec.nodeName !== node)
    throw notAdmitted(request, `node ${node} can only evict pods with spec.nodeName set to itself`);
}

function podOf({ namespace, name }: AdmissionRequest, context: ServerContext): Readonly<Pod> | undefined {
  return context.lookup(Pods, namespace === undefined ? { name } : { namespace, name });
}

function checkNode(request: AdmissionRequest, node: string): void {
  const who = `node ${JSON.stringify(node)} is not allowed to`;
  if (request.name !== node) throw notAdmitted(request, `${who} modify node ${JSON.stringify(request.name)}`);
  if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
  const wanted = request.object as Node;
  const old = request.old as Node | undefined;
  const labels = agentLabelsRefused(wanted.metadata.labels ?? {}, old?.metadata.labels ?? {});
  if (labels.length > 0)
    throw notAdmitted(request, `${who} ${old ? 'modify' : 'set the following'} labels: ${labels.join(', ')}`);
  if (old === undefined) return;
  if (!jsonEqual(wanted.spec?.taints ?? [], old.spec?.taints ?? [])) throw notAdmitted(request, `${who} modify taints`);
  if (!jsonEqual(wanted.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? []))
    throw notAdmitted(request, `${who} modify ownerReferences`);
}

/** An agent gets tokens only for pods of its node, only while they are there, and only for whom those pods want them. */
export function refuseTokenToOtherNodes(
  user: UserInfo,
  account: { readonly namespace: string; readonly name: string },
  bound: Readonly<BoundObjectReference> | undefined,
  audiences: readonly string[],
  context: ServerContext,
): void {
  if (!user.groups.includes('system:nodes')) return;
  const node = nodeOfUser(user.name);
  const refuse = (why: string) => refused.forbidden(ServiceAccounts, account.name, why);
  if (bound?.apiVersion !== 'v1' || bound.kind !== 'Pod' || !bound.name)
    throw refuse('node requested token not bound to a pod');
  if (!bound.uid) throw refuse('node requested token with a pod binding without a uid');
  const pod = context.lookup(Pods, { namespace: account.namespace, name: bound.name });
  if (pod === undefined) throw refused.notFound(Pods, bound.name);
  if (pod.metadata.uid !== bound.uid)
    throw refuse(`the UID in the bound object reference (${bound.uid}) does not match the UID in record`);
  if (node === undefined || pod.spec.nodeName !== node)
    throw refuse('node requested token bound to a pod scheduled on a different node');
  const wanted = audiencesOf(pod, context);
  for (const audience of audiences)
    if (!wanted.has(audience))
      throw refuse(
        `audience ${JSON.stringify(audience)} not found in pod spec volume, ${user.name} is not authorized to request tokens for this audience`,
      );
}

function audiencesOf({ metadata, spec }: Readonly<Pod>, context: ServerContext): Set<string> {
  const audiences = new Set<string>();
  const add = (audience: string | undefined): void => {
    if (audience) audiences.add(audience);
    else for (const own of context.config.audiences) audiences.add(own);
  };
  for (const volume of spec.volumes ?? []) {
    for (const { serviceAccountToken } of volume.projected?.sources ?? [])
      if (serviceAccountToken) add(serviceAccountToken.audience);
    const driver = volume.csi?.driver ?? driverBehind(claimNameOf(metadata.name, volume), metadata.namespace, context);
    if (driver === undefined) continue;
    for (const { audience } of context.lookup(CSIDrivers, { name: driver })?.spec.tokenRequests ?? []) add(audience);
  }
  return audiences;
}

/** The CSI driver of the volume behind a claim. */
function driverBehind(claim: string | undefined, namespace = '', context: ServerContext): string | undefined {
  if (claim === undefined) return undefined;
  const name = context.lookup(PersistentVolumeClaims, { namespace, name: claim })?.spec.volumeName;
  const { claimRef, csi } = (name ? context.lookup(PersistentVolumes, { name })?.spec : undefined) ?? {};
  // A claim may name any volume; it has the one that names it too.
  return claimRef?.namespace === namespace && claimRef.name === claim ? csi?.driver : undefined;
}
