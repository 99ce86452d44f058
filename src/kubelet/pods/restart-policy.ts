import type { Container, Pod } from '../../api/core/v1/types.ts';
import type { ObservedContainer } from './observed-pod.ts';
import type { PodContainer } from './pod-containers.ts';

/**
 * Whether a container that does not run is to be started (again): by the container's own rules for the exit code, its
 * own policy, then the pod's. An init container that has succeeded is done; an ephemeral one is started once.
 */
export function shouldStart(
  pod: Readonly<Pod>,
  container: PodContainer,
  newest: Pick<ObservedContainer, 'state' | 'exitCode'> | undefined,
): boolean {
  if (newest === undefined) return true;
  if (newest.state === 'running' || container.role === 'ephemeral') return false;
  if (newest.state !== 'exited') return true;
  if (container.role === 'sidecar') return true;
  if (container.role === 'init' && newest.exitCode === 0) return false;
  return isRestarted(pod, container.spec, newest.exitCode);
}

/** Whether a container that ended with the exit code is started again, as far as that is for policies to say. */
export function isRestarted(pod: Readonly<Pod>, container: Readonly<Container>, exitCode: number): boolean {
  if (asksForRestart(container, exitCode)) return true;
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** The container's policy where it has one, else the pod's (default Always). */
export function restartPolicyOf(pod: Readonly<Pod>, container: PodContainer): string {
  return container.spec.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
}

function asksForRestart({ restartPolicyRules = [] }: Readonly<Container>, exitCode: number): boolean {
  return restartPolicyRules.some(({ action, exitCodes }) => {
    if (action !== 'Restart' || exitCodes === undefined) return false;
    return (exitCodes.values ?? []).includes(exitCode) === (exitCodes.operator === 'In');
  });
}
