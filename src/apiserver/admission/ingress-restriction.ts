import type { Event, Node } from '../../api/core/v1/types.ts';
import { nodeOfIngress } from '../../api/networking/ingress-user.ts';
import type { Ingress } from '../../api/networking/v1/types.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

/** What of a node's conditions its ingress may write. */
const ownCondition = 'IngressReady';

/**
 * Limits who serves Ingresses on a node to that node's condition of this, to the status of Ingresses and to events about
 * them. Annotations are no status: they say how all nodes serve an Ingress.
 */
export const ingressRestriction: AdmissionPlugin = {
  name: 'IngressRestriction',
  guard(request) {
    const node = nodeOfIngress(request.user);
    if (node === undefined) return;
    if (isFor(request, '/nodes', 'status')) checkNode(request, node);
    else if (isFor(request, 'networking.k8s.io/ingresses', 'status')) checkIngress(request);
    else if (isFor(request, '/events')) checkEvent(request);
  },
};

function checkNode(request: AdmissionRequest, node: string): void {
  const [now, old] = [request.object, request.old] as [Node, Node];
  if (request.name !== node || !jsonEqual(othersOf(now), othersOf(old)))
    throw notAdmitted(
      request,
      `the ingress of node ${JSON.stringify(node)} can only write its condition ${ownCondition}`,
    );
}

/** Everything that is not the ingress's. */
function othersOf({ metadata, status }: Node): unknown {
  const conditions = (status?.conditions ?? []).filter(({ type }) => type !== ownCondition);
  return [noted(metadata), { ...status, conditions }];
}

function checkIngress(request: AdmissionRequest): void {
  const [now, old] = [request.object, request.old] as [Ingress, Ingress];
  if (!jsonEqual(noted(now.metadata), noted(old.metadata)))
    throw notAdmitted(request, 'the ingress of a node can only write the status of an Ingress');
}

/** What users say of an object: without the server's own note of a write. */
function noted({ managedFields: _fields, resourceVersion: _version, ...rest }: KubeObject['metadata']): unknown {
  return rest;
}

function checkEvent(request: AdmissionRequest): void {
  for (const event of [request.object, request.old] as (Event | undefined)[])
    if (event !== undefined && event.involvedObject.kind !== 'Ingress')
      throw notAdmitted(request, 'an ingress can only write events about Ingresses');
}
