import { Pods, type Pod } from '../../../src/api/core/v1/types.ts';
import type { SimulatedBehaviour } from '../../../src/kubelet/runtime/simulated/behaviour.ts';
import type { OneNode } from './one-node.ts';

export const image = 'my-registry/my-app:v1';
export const pulled = `Normal Pulled Container image "${image}" already present on machine and can be accessed by the pod`;
export const started = [pulled, 'Normal Created Container created', 'Normal Started Container started'];

export function behaves(
  containers: Record<string, SimulatedBehaviour | SimulatedBehaviour[]>,
): Partial<Pod['metadata']> {
  const entries = Object.entries(containers).map(([name, one]) => [
    `simulated.kubeling.dev/${name}`,
    JSON.stringify(one),
  ]);
  return { annotations: Object.fromEntries(entries) };
}

export function conditionsOf(status: Pod['status']): Record<string, string> {
  return Object.fromEntries(
    (status?.conditions ?? []).map((one) => [
      one.type,
      [one.status, one.reason, one.message].filter(Boolean).join(' '),
    ]),
  );
}

export async function waitingOf(cluster: OneNode, name: string): Promise<string> {
  const { reason, message } = (await cluster.pod(name))!.status!.containerStatuses![0]!.state!.waiting!;
  return message === undefined ? reason! : `${reason}: ${message}`;
}

export function remove({ client, call }: OneNode, name: string): Promise<void> {
  return call(client.delete(Pods, { namespace: 'default', name }));
}

export function withoutCount(event: string): string {
  return event.replace(/ \(x\d+\)$/, '');
}
