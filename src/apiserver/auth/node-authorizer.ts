import { PersistentVolumeClaims, PersistentVolumes, Pods, type Pod } from '../../api/core/v1/types.ts';
import { ResourceSlices } from '../../api/resource/v1/types.ts';
import { VolumeAttachments } from '../../api/storage/v1/types.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { recordedRules } from '../bootstrap/recorded.ts';
import type { ServerContext } from '../context.ts';
import type { Attributes, Decision, ImmediateAuthorizer } from './auth.ts';
import { exactField, nameOf } from './exact-field.ts';
import { podReferences } from '../../api/core/pod-references.ts';
import { ruleAllows } from './rbac-rules.ts';
import { nodeOfUser } from './service-account.ts';

const allowed: Decision = { allowed: true, reason: '' };
const silent: Decision = { allowed: false, denied: false, reason: '' };

function noOpinion(reason: string): Decision {
  return { allowed: false, denied: false, reason };
}

/** What an agent may touch only as far as pods of its node need it, by `group/resource`. */
const referenced: Readonly<Record<string, string>> = {
  '/secrets': 'secret',
  '/configmaps': 'configmap',
  '/persistentvolumeclaims': 'persistentvolumeclaim',
  '/serviceaccounts': 'serviceaccount',
  'resource.k8s.io/resourceclaims': 'resourceclaim',
};

/**
 * Lets the agent of a node (`system:node:<name>` in `system:nodes`) do what it must for its node and the pods on it. What
 * pods refer to is kept by following them. Says nothing about other users. What an agent may write into its own objects
 * is limited by the NodeRestriction admission plugin.
 */
export class NodeAuthorizer implements ImmediateAuthorizer {
  readonly #rules = recordedRules('system:node');
  /** By node: how many pods refer to `<namespace> <kind> <name>`; a pod itself is `<namespace> pod <name>`. */
  readonly #context: ServerContext;
  readonly #needs = new Map<string, Map<string, number>>();

  constructor(context: ServerContext) {
    this.#context = context;
    context.follow(Pods, (now, before) => this.#follow(now, before));
  }

  authorize(attributes: Attributes): Decision {
    const { user } = attributes;
    if (!user.groups.includes('system:nodes')) return silent;
    const node = nodeOfUser(user.name);
    if (node === undefined) return noOpinion(`unknown node for user ${JSON.stringify(user.name)}`);
    // More than the agents' role says: drivers may use the agent's identity.
    if (attributes.group === 'resource.k8s.io' && attributes.resource === 'resourceslices')
      return this.#ownSlices(node, attributes);
    if (!this.#rules.some((rule) => ruleAllows({ ...rule, resourceNames: [] }, attributes))) return silent;
    if (attributes.path !== undefined) return allowed;
    return this.#limited(node, attributes);
  }

  #limited(node: string, attributes: Attributes): Decision {
    const { group = '', resource = '', subresource = '', namespace } = attributes;
    const kind = `${group}/${resource}`;
    const need = referenced[kind];
    if (need !== undefined) return this.#ifNeeded(node, need, attributes);
    if (kind === '/nodes' && subresource === '') return ownNode(node, attributes);
    if (kind === '/pods' && subresource === '') return this.#ownPods(node, attributes);
    if (kind === 'coordination.k8s.io/leases') {
      if (namespace !== 'kube-node-lease')
        return noOpinion('can only access leases in the "kube-node-lease" system namespace');
      return ownName('node lease', node, attributes);
    }
    if (kind === 'storage.k8s.io/csinodes') return ownName('CSINode', node, attributes);
    if (kind === '/persistentvolumes') return this.#ownVolume(node, nameOf(attributes));
    if (kind === 'storage.k8s.io/volumeattachments') return this.#ownAttachment(node, nameOf(attributes));
    return allowed;
  }

  #ifNeeded(node: string, need: string, attributes: Attributes): Decision {
    const { namespace } = attributes;
    const name = nameOf(attributes);
    if (name === '') return noOpinion('No Object name found');
    if (!namespace) return noOpinion('can only read namespaced object of this type');
    if (this.#needs.get(node)?.has(`${namespace} ${need} ${name}`)) return allowed;
    return need === 'secret' && this.#isOfVolume(node, namespace, name) ? allowed : noRelation(node);
  }

  /** Whether a volume behind a claim that a pod of the node refers to names the secret for the node's use. */
  #isOfVolume(node: string, namespace: string, secret: string): boolean {
    for (const key of this.#needs.get(node)?.keys() ?? []) {
      const [ofClaim = '', kind, claim = ''] = key.split(' ');
      if (kind !== 'persistentvolumeclaim') continue;
      const name = this.#context.lookup(PersistentVolumeClaims, { namespace: ofClaim, name: claim })?.spec.volumeName;
      const { claimRef, csi } = (name ? this.#context.lookup(PersistentVolumes, { name })?.spec : undefined) ?? {};
      // A claim may name any volume; it has the one that names it too.
      if (claimRef?.namespace !== ofClaim || claimRef.name !== claim) continue;
      const references = [csi?.nodeStageSecretRef, csi?.nodePublishSecretRef, csi?.nodeExpandSecretRef];
      if (references.some((one) => one?.name === secret && one.namespace === namespace)) return true;
    }
    return false;
  }

  /** The volume of a claim that a pod of the node refers to. */
  #ownVolume(node: string, name: string): Decision {
    if (name === '') return noOpinion('No Object name found');
    const claim = this.#context.lookup(PersistentVolumes, { name })?.spec.claimRef;
    const need = `${claim?.namespace} persistentvolumeclaim ${claim?.name}`;
    return claim !== undefined && this.#needs.get(node)?.has(need) ? allowed : noRelation(node);
  }

  #ownAttachment(node: string, name: string): Decision {
    if (name === '') return noOpinion('No Object name found');
    const attachment = this.#context.lookup(VolumeAttachments, { name });
    return attachment?.spec.nodeName === node ? allowed : noRelation(node);
  }

  /** Slices of the node's own devices. Of what is created the admission plugin sees which node it names. */
  #ownSlices(node: string, attributes: Attributes): Decision {
    const { verb, subresource = '', name = '', fieldSelector } = attributes;
    if (subresource !== '') return noOpinion('cannot authorize ResourceSlice subresources');
    switch (verb) {
      case 'create':
        return allowed;
      case 'list':
      case 'watch':
      case 'deletecollection':
        if (exactField(fieldSelector, 'spec.nodeName') === node) return allowed;
        return noOpinion('can only list/watch/deletecollection resourceslices with nodeName field selector');
      default:
        if (name === '') return noOpinion('No Object name found');
        return this.#context.lookup(ResourceSlices, { name })?.spec.nodeName === node ? allowed : noRelation(node);
    }
  }

  #ownPods(node: string, attributes: Attributes): Decision {
    const { verb, namespace, name, fieldSelector } = attributes;
    switch (verb) {
      case 'get':
        return this.#needs.get(node)?.has(`${namespace} pod ${name}`) ? allowed : noRelation(node);
      case 'list':
      case 'watch':
        if (exactField(fieldSelector, 'spec.nodeName') === node) return allowed;
        if (name && this.#needs.get(node)?.has(`${namespace} pod ${name}`)) return allowed;
        return noOpinion('can only list/watch pods with spec.nodeName field selector');
      default:
        return allowed;
    }
  }

  #follow(now: Readonly<Pod> | undefined, before: Readonly<Pod> | undefined): void {
    if (now !== undefined && before !== undefined && sameNeeds(now, before)) return;
    if (before !== undefined) this.#count(before, -1);
    if (now !== undefined) this.#count(now, +1);
  }

  #count(pod: Readonly<Pod>, by: 1 | -1): void {
    const { nodeName } = pod.spec;
    if (!nodeName) return;
    const { namespace, name, annotations } = pod.metadata;
    const needs = this.#needs.get(nodeName) ?? new Map<string, number>();
    this.#needs.set(nodeName, needs);
    // A mirror pod is the agent's own statement about what it runs already: it gives no rights.
    const references = annotations?.['kubernetes.io/config.mirror'] === undefined ? podReferences(pod) : [];
    for (const reference of [`pod ${name}`, ...references]) {
      const key = `${namespace} ${reference}`;
      const count = (needs.get(key) ?? 0) + by;
      if (count > 0) needs.set(key, count);
      else needs.delete(key);
    }
    if (needs.size === 0) this.#needs.delete(nodeName);
  }
}

/**
 * Pods cannot change what they refer to but by being bound, by ephemeral containers and by claims that are made for
 * them.
 */
function sameNeeds(a: Readonly<Pod>, b: Readonly<Pod>): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    a.spec.nodeName === b.spec.nodeName &&
    a.spec.ephemeralContainers?.length === b.spec.ephemeralContainers?.length &&
    jsonEqual(a.status?.resourceClaimStatuses ?? [], b.status?.resourceClaimStatuses ?? []) &&
    a.status?.extendedResourceClaimStatus?.resourceClaimName ===
      b.status?.extendedResourceClaimStatus?.resourceClaimName &&
    a.metadata.annotations?.['kubernetes.io/config.mirror'] === b.metadata.annotations?.['kubernetes.io/config.mirror']
  );
}

function ownNode(node: string, attributes: Attributes): Decision {
  const reads = ['get', 'list', 'watch'].includes(attributes.verb);
  if (!reads || nameOf(attributes) === node) return allowed;
  return noOpinion(`node '${node}' cannot read ${shown(nameOf(attributes))}, only its own Node object`);
}

function ownName(what: string, node: string, { verb, name }: Attributes): Decision {
  // The name of what is created is in the object, which the admission plugin sees.
  if ((verb === 'create' && !name) || name === node) return allowed;
  return noOpinion(`can only access ${what} with the same name as the requesting node`);
}

function noRelation(node: string): Decision {
  return noOpinion(`no relationship found between node '${node}' and this object`);
}

function shown(name: string): string {
  return name === '' ? 'all nodes' : `'${name}'`;
}
