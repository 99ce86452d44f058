import type { Pod } from '../../api/core/v1/types.ts';

/** How one EndpointSlice shows a pod. */
export interface PodEndpoint {
  /** The slice. */
  readonly slice: string;
  /** The Service that the slice belongs to; empty where it names none. */
  readonly service: string;
  readonly ready: boolean;
  readonly terminating: boolean;
}

/**
 * What clients of Services see of a pod that is on its way out. `ready`: new connections may still be sent to it, or
 * are about to be; `terminating`: the slices have it, but no longer for new connections; `absent`: they do not have it.
 */
export type EndpointState = 'ready' | 'terminating' | 'absent';

/**
 * The state of a deleted pod. An endpoint that says `terminating` comes from somebody who knows of the deletion: where
 * it is offered even so, as for a Service that publishes addresses that are not ready, that does not change before the
 * pod is gone. `services` are those that select the pod and offer ready pods only.
 */
export function endpointStateOf(
  pod: Readonly<Pod>,
  podEndpoints: readonly PodEndpoint[],
  services: readonly string[],
): EndpointState {
  if (podEndpoints.some(({ ready, terminating }) => ready && !terminating)) return 'ready';
  // The slice controller may be about to put in a pod that it knows as ready, and not yet as deleted.
  const knows = (service: string) => podEndpoints.some((one) => one.service === service && one.terminating);
  if (belongsInSlices(pod) && !services.every(knows)) return 'ready';
  return podEndpoints.length > 0 ? 'terminating' : 'absent';
}

function belongsInSlices({ status }: Readonly<Pod>): boolean {
  const isFinished = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const isReady = status?.conditions?.some(({ type, status: now }) => type === 'Ready' && now === 'True') === true;
  const hasAddress = Boolean(status?.podIP) || (status?.podIPs ?? []).length > 0;
  return isReady && hasAddress && !isFinished;
}
