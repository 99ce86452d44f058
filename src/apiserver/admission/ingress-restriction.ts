import type { Event, Node } from '../../api/core/v1/types.ts';
import { nodeOfIngress } from '../../api/networking/ingress-user.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

/** What of a node's conditions its ingress may write. */
const ownCondition = 'IngressReady';

/** Limits who serves Ingresses on a node to that node's condition of this, and to events about Ingresses. */
export const ingressRestriction: AdmissionPlugin = {
  name: 'IngressRestriction',
  guard(request) {
    const node = nodeOfIngress(request.user);
    if (node === undefined) return;
    if (isFor(request, '/nodes', 'status')) checkNode(request, node);
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

/** Everything that is not the ingress's, and not the server's own note of a write. */
function othersOf({ metadata, status }: Node): unknown {
  const { managedFields: _fields, resourceVersion: _version, ...rest } = metadata;
  const conditions = (status?.conditions ?? []).filter(({ type }) => type !== ownCondition);
  return [rest, { ...status, conditions }];
}

function checkEvent(request: AdmissionRequest): void {
  for (const event of [request.object, request.old] as (Event | undefined)[])
    if (event !== undefined && event.involvedObject.kind !== 'Ingress')
      throw notAdmitted(request, 'an ingress can only write events about Ingresses');
}
