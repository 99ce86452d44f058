import type { ContainerDetail, Sandbox } from '../runtime/runtime.ts';

/** What the runtime has of one pod. Newest first in both lists; a pod that the runtime does not know has empty ones. */
export interface ObservedPod {
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
}

export interface ObservedSandbox extends Sandbox {
  readonly ips: readonly string[];
}

/** `message` includes the container's own termination message. */
export type ObservedContainer = ContainerDetail;

export const nothingObserved: ObservedPod = { sandboxes: [], containers: [] };

/** The sandbox that counts: the newest. */
export function currentSandbox(observed: ObservedPod): ObservedSandbox | undefined {
  return observed.sandboxes[0];
}

/** The attempts at a container, the newest first. */
export function attemptsAt(observed: ObservedPod, name: string): readonly ObservedContainer[] {
  return byName(observed.containers).get(name) ?? [];
}

/** The newest attempt at a container. */
export function newestContainer(observed: ObservedPod, name: string): ObservedContainer | undefined {
  return attemptsAt(observed, name)[0];
}

/** The newest attempt within one sandbox: what init containers did for an earlier sandbox counts no more. */
export function newestContainerIn(
  observed: ObservedPod,
  sandboxId: string | undefined,
  name: string,
): ObservedContainer | undefined {
  return attemptsAt(observed, name).find((container) => container.sandboxId === sandboxId);
}

/** What was put in order once: a plan asks for each container of a pod, and a pod may have thousands. */
const indexes = new WeakMap<readonly ObservedContainer[], ReadonlyMap<string, readonly ObservedContainer[]>>();

function byName(containers: readonly ObservedContainer[]): ReadonlyMap<string, readonly ObservedContainer[]> {
  let index = indexes.get(containers);
  if (index === undefined) indexes.set(containers, (index = Map.groupBy(containers, ({ name }) => name)));
  return index;
}

export function isRunning(container: ObservedContainer | undefined): boolean {
  return container?.state === 'running';
}
