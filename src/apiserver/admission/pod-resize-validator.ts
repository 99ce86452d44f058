import { Nodes, type Node, type Pod } from '../../api/core/v1/types.ts';
import { podRequests } from '../../api/core/pod-requests.ts';
import {
  compareQuantities,
  milliValue,
  parseQuantity,
  quantityValue,
  zeroQuantity,
} from '../../apimachinery/quantity.ts';
import { StatusError } from '../../apimachinery/status.ts';
import { semanticEqual } from '../../apimachinery/equality.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

/** A pod on a node may not be resized beyond what the node could ever give, nor on nodes that are not of Linux. */
export const podResizeValidator: AdmissionPlugin = {
  name: 'PodResizeValidator',
  validate(request, context) {
    if (request.operation !== 'UPDATE' || !isFor(request, '/pods', 'resize')) return;
    const pod = request.object as Pod;
    const { nodeName } = pod.spec;
    if (!nodeName || semanticEqual(pod.spec, (request.old as Readonly<Pod>).spec)) return;
    const node = context.lookup(Nodes, { name: nodeName });
    if (node === undefined) throw notAdmitted(request, `node "${nodeName}" not found`);
    const os = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux';
    if (os !== 'linux') {
      const why = `pod resize is only supported on linux nodes, node "${nodeName}" is "${os}"`;
      throw because('UnsupportedPlatform', request, why);
    }
    const lacking = beyond(pod, node);
    if (lacking.length > 0)
      throw because('NodeCapacity', request, `node didn't have enough allocatable resources: ${lacking.join('; ')}`);
  },
};

function beyond(pod: Readonly<Pod>, { status }: Readonly<Node>): string[] {
  const requests = podRequests(pod);
  const units = { cpu: milliValue, memory: quantityValue };
  return (['cpu', 'memory'] as const).flatMap((name) => {
    const wanted = requests[name] ?? zeroQuantity;
    const allocatable = parseQuantity(status?.allocatable?.[name] ?? '0');
    if (compareQuantities(wanted, allocatable) <= 0) return [];
    return [`${name}, requested: ${units[name](wanted)}, allocatable: ${units[name](allocatable)}`];
  });
}

function because(reason: string, request: AdmissionRequest, why: string): StatusError {
  const { status } = notAdmitted(request, why);
  const { details } = status;
  return new StatusError({ ...status, details: { ...details, causes: [...(details?.causes ?? []), { reason }] } });
}
