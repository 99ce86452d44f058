import type { Diagnosis } from './placement.ts';
import type { Rejection } from './plugin.ts';

/** What users read of a pod that fits nowhere: `0/3 nodes are available: 3 Insufficient cpu.` */
export function fitMessage({ nodeCount, always, byNode, elsewhere }: Diagnosis): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  const reasons = always === undefined ? countedReasons(byNode.values(), elsewhere) : always.reasons.join(', ');
  return withReasons(nodeCount, reasons);
}

/**
 * The same, with what was done about its claims of devices, and why making room did not help. Where a plugin before that of
 * devices rejects the pod whatever the node, there are no findings about devices then, and Kubernetes' words are the error
 * of whoever looks for them: `not found`.
 */
export function fitMessageWithPreemption(diagnosis: Diagnosis, preemption: string, claims: string): string {
  const message = fitMessage(diagnosis);
  if (diagnosis.nodeCount === 0) return message;
  const isBeforeDevices = diagnosis.always !== undefined && !diagnosis.rejectedBy.has('DynamicResources');
  return isBeforeDevices ? `${message} not found` : `${message} ${claims}, preemption: ${preemption}`;
}

/** Why no node can be made to fit by removing pods; nodes not looked at are those where it would not help. */
export function preemptionMessage(nodeCount: number, triedInVain: Iterable<Rejection>): string {
  const tried = [...triedInVain];
  return withReasons(nodeCount, countedReasons(tried, { rejection: unhelpful, nodes: nodeCount - tried.length }));
}

const unhelpful: Rejection = {
  fits: false,
  reasons: ['Preemption is not helpful for scheduling'],
  evictionMayHelp: false,
};

function withReasons(nodeCount: number, reasons: string): string {
  const message = `0/${nodeCount} nodes are available:`;
  return reasons === '' ? message : `${message} ${reasons}.`;
}

/** `1 Insufficient cpu, 2 Too many pods`: by how many nodes each reason holds, in the order of these texts. */
function countedReasons(rejections: Iterable<Rejection>, others?: Diagnosis['elsewhere']): string {
  const counts = new Map<string, number>();
  const count = ({ reasons }: Rejection, nodes: number): void => {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + nodes);
  };
  for (const rejection of rejections) count(rejection, 1);
  if (others !== undefined && others.nodes > 0) count(others.rejection, others.nodes);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join(', ');
}
