import { isRunning, type ObservedContainer } from './observed-pod.ts';
import { containersOf } from './pod-containers.ts';
import type { PodPlan, PodSituation, PodStep } from './situation.ts';

/**
 * The way out: every container is told, hooks first; main, init and ephemeral ones stop at once, sidecars after them
 * in the reverse of their order; then the sandbox. When the deadline passes nobody waits for his turn any more.
 */
export function planEnd(situation: PodSituation): PodPlan {
  const { observed, busy, now, end } = situation;
  const deadline = end!.deadline;
  const running = observed.containers.filter(isRunning);
  const steps: PodStep[] = [];
  for (const container of running) steps.push(...killSteps(situation, container, deadline));
  const wakeAt = running.length > 0 && now < deadline ? deadline : undefined;
  const stillStarting = ['start', 'sandbox', 'prepare'].some((key) => busy.has(key));
  if (running.length > 0 || stillStarting) return { steps, outcome: 'running', ...(wakeAt && { wakeAt }) };

  for (const { id, ready } of observed.sandboxes) {
    if (ready) steps.push({ do: 'stop-sandbox', id, changed: false });
  }
  return { steps, outcome: steps.length === 0 ? 'ended' : 'running' };
}

function killSteps(situation: PodSituation, container: ObservedContainer, deadline: number): PodStep[] {
  const { id, name } = container;
  const kill = situation.kills.get(id);
  if (kill === undefined) return [{ do: 'kill-container', id, name, message: `Stopping container ${name}`, deadline }];
  const hookMayGoOn = kill.phase === 'hook' && situation.now < deadline;
  if (hookMayGoOn || !hasTurn(situation, container, deadline)) return [];
  const sooner = Math.min(kill.deadline, deadline);
  return kill.phase === 'stopping' && kill.deadline <= sooner
    ? []
    : [{ do: 'stop-container', id, name, deadline: sooner }];
}

/** A sidecar waits for all containers but the sidecars before it. */
function hasTurn({ pod, observed, now }: PodSituation, container: ObservedContainer, deadline: number): boolean {
  if (now >= deadline) return true;
  const sidecars = containersOf(pod)
    .filter(({ role }) => role === 'sidecar')
    .map(({ name }) => name);
  const place = sidecars.indexOf(container.name);
  if (place < 0) return true;
  const earlier = new Set(sidecars.slice(0, place));
  return observed.containers.every((one) => !isRunning(one) || one.id === container.id || earlier.has(one.name));
}
