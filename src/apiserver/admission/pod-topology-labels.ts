import { Nodes, type Pod } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ServerContext } from '../context.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isFor } from './refusal.ts';

const copied = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'];

/** A pod carries the zone and the region of its node, for programs that read them from the downward API. */
export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  mutate(request, context) {
    if (request.operation !== 'CREATE') return;
    if (isFor(request, '/pods')) label(request.object!, (request.object as Pod).spec.nodeName, context);
    else if (isFor(request, '/pods', 'binding')) {
      const { target } = request.object as KubeObject & { target?: { kind?: string; name?: string } };
      // What a binding says goes onto the pod.
      if (target?.kind === 'Node') label(request.object!, target.name, context);
    }
  },
};

function label({ metadata }: KubeObject, node: string | undefined, context: ServerContext): void {
  if (!node) return;
  const labels = context.labelsOf(Nodes, { name: node });
  for (const key of copied)
    if (labels[key] !== undefined && metadata.labels?.[key] === undefined)
      metadata.labels = { ...metadata.labels, [key]: labels[key] };
}
