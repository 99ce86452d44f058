import { containerHash } from './container-hash.ts';
import { afterComingBack, afterRestart, comesBackAtOnce, mayRestartAt } from './crash-backoff.ts';
import {
  attemptsAt,
  currentSandbox,
  isRunning,
  newestContainer,
  newestContainerIn,
  type ObservedContainer,
  type ObservedSandbox,
} from './observed-pod.ts';
import { containersOf, type PodContainer } from './pod-containers.ts';
import { resizeOf } from './pod-resources.ts';
import { restartPolicyOf, shouldStart } from './restart-policy.ts';
import { runtimeAnnotations } from './runtime-labels.ts';
import type { PodPlan, PodSituation, PodStep } from './situation.ts';

/**
 * When a back-off is shown in place of the end that it follows. Kubernetes shows it when it next looks at the pod: right
 * behind a start that failed or a kill of its own, else only when the back-off is over, or after a minute.
 */
const showSoonMs = 1000;
const showLateMs = 60_000;
const showBeforeRestartMs = 1000;
/** Told of sidecars as of containers, in Kubernetes' words. */
const resized = 'resize requires restart';
/** How often a back-off that goes on is told again. */
const repeatBackOffMs = 15_000;
/** How many attempts at one container are kept: the newest, and the one before for its state and logs. */
const keptAttempts = 2;

/** The way in: volumes, with the sandbox beside them where they surely come, init containers and sidecars in order, main containers in order; and restarts. */
export function planRun(situation: PodSituation): PodPlan {
  const { observed, prepared, mayHaveSandbox, prepareAgainAt, now } = situation;
  if (hasCompleted(situation)) return { steps: [], outcome: 'completed' };
  const sandbox = currentSandbox(observed);
  if (!prepared) {
    if (prepareAgainAt > now) return { steps: [], outcome: 'running', wakeAt: prepareAgainAt };
    const { steps } = mayHaveSandbox && sandbox === undefined ? replaceSandbox(situation, sandbox) : { steps: [] };
    return { steps: [{ do: 'prepare' }, ...steps], outcome: 'running' };
  }
  if (sandbox === undefined || !isUsable(situation, sandbox)) {
    return replaceSandbox(situation, sandbox);
  }
  const draft = new Draft(situation);
  for (const container of containersOf(situation.pod)) {
    if (container.role === 'ephemeral') draft.start(container, newestContainer(observed, container.name));
  }
  const initialised = planInitContainers(draft, situation, sandbox);
  if (initialised) {
    for (const container of containersOf(situation.pod)) {
      if (container.role === 'main') draft.keepUp(container, newestContainer(observed, container.name));
    }
  }
  const resize: PodStep[] = situation.resizeIsDue ? [{ do: 'resize' }] : [];
  return {
    steps: [...resize, ...draft.steps(), ...leftovers(situation, sandbox)],
    outcome: 'running',
    ...draft.wake(),
  };
}

/** Whether no container runs or is to run again: the pod is then through. */
function hasCompleted({ pod, observed, busy, end }: PodSituation): boolean {
  if (end !== undefined || observed.sandboxes.length === 0) return false;
  if (['start', 'sandbox', 'prepare'].some((key) => busy.has(key))) return false;
  const sandbox = currentSandbox(observed);
  const containers = containersOf(pod);
  const mains = containers.filter(({ role }) => role === 'main');
  const newestMains = mains.map((container) => newestContainer(observed, container.name));
  const mainBegan = newestMains.some((newest) => newest !== undefined);
  if (!mainBegan) {
    return containers.some((container) => {
      const newest = newestContainerIn(observed, sandbox?.id, container.name);
      if (container.role !== 'init' || newest === undefined || newest.state !== 'exited') return false;
      return newest.exitCode !== 0 && !shouldStart(pod, container, newest);
    });
  }
  return mains.every(
    (container, i) => newestMains[i]?.state === 'exited' && !shouldStart(pod, container, newestMains[i]),
  );
}

function isUsable({ pod }: PodSituation, { ready, ips }: ObservedSandbox): boolean {
  return ready && (pod.spec.hostNetwork === true || ips.length > 0);
}

/** Whatever runs in a dead sandbox is ended before a new one is made. */
function replaceSandbox(situation: PodSituation, old: ObservedSandbox | undefined): PodPlan {
  const { observed, now, sandboxAgainAt } = situation;
  const outcome = 'running';
  const running = observed.containers.filter(isRunning);
  if (running.length > 0) return { steps: endAll(situation, running), outcome };
  const live = observed.sandboxes.filter(({ ready }) => ready);
  if (live.length > 0) return { steps: live.map(({ id }) => ({ do: 'stop-sandbox', id, changed: true })), outcome };
  if (sandboxAgainAt > now) return { steps: [], outcome, wakeAt: sandboxAgainAt };
  return { steps: [{ do: 'create-sandbox', attempt: old === undefined ? 0 : old.pod.attempt + 1 }], outcome };
}

function endAll({ pod, kills, now }: PodSituation, running: readonly ObservedContainer[]): PodStep[] {
  const graceMs = (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  return running.flatMap(({ id, name }): PodStep[] => {
    const kill = kills.get(id);
    const message = `Stopping container ${name}`;
    if (kill === undefined) return [{ do: 'kill-container', id, name, message, deadline: now + graceMs }];
    return kill.phase === 'waiting' ? [{ do: 'stop-container', id, name, deadline: kill.deadline }] : [];
  });
}

/** Answers whether the main containers' time has come. */
function planInitContainers(draft: Draft, { pod, observed, health }: PodSituation, sandbox: ObservedSandbox): boolean {
  const containers = containersOf(pod);
  const mainBegan = containers.some(
    ({ role, name }) => role === 'main' && newestContainerIn(observed, sandbox.id, name) !== undefined,
  );
  for (const container of containers) {
    if (container.role === 'sidecar') {
      const newest = newestContainerIn(observed, sandbox.id, container.name);
      draft.keepUp(container, newest);
      const isUp = newest !== undefined && isRunning(newest) && health(newest.id).started;
      if (!mainBegan && (!isUp || draft.isStarting)) return false;
    }
    if (container.role === 'init' && !mainBegan) {
      const newest = newestContainerIn(observed, sandbox.id, container.name);
      if (newest?.state === 'exited' && newest.exitCode === 0) continue;
      if (!isRunning(newest)) draft.start(container, newest);
      else draft.keepUp(container, newest);
      return false;
    }
  }
  return true;
}

/** Attempts and sandboxes that nobody asks for any more. */
function leftovers({ observed }: PodSituation, current: ObservedSandbox): PodStep[] {
  const seen = new Map<string, number>();
  const steps: PodStep[] = [];
  for (const { id, name, state } of observed.containers) {
    const newer = seen.get(name) ?? 0;
    seen.set(name, newer + 1);
    if (newer >= keptAttempts && state !== 'running') steps.push({ do: 'remove-container', id });
  }
  for (const { id } of observed.sandboxes) {
    const inUse = id === current.id || observed.containers.some(({ sandboxId }) => sandboxId === id);
    if (!inUse) steps.push({ do: 'remove-sandbox', id });
  }
  return steps;
}

/** Collects the steps of a pod that is to run: at most one start, for containers start one after the other. */
class Draft {
  readonly #situation: PodSituation;
  readonly #steps: PodStep[] = [];
  #start: PodStep | undefined;
  #wakeAt = Infinity;

  constructor(situation: PodSituation) {
    this.#situation = situation;
  }

  steps(): readonly PodStep[] {
    return this.#start === undefined ? this.#steps : [...this.#steps, this.#start];
  }

  wake(): { wakeAt?: number } {
    return this.#wakeAt === Infinity ? {} : { wakeAt: this.#wakeAt };
  }

  /** A start is planned or under way. */
  get isStarting(): boolean {
    return this.#start !== undefined || this.#situation.busy.has('start');
  }

  /** Starts what does not run, ends what must be replaced. */
  keepUp(container: PodContainer, newest: ObservedContainer | undefined): void {
    if (newest !== undefined && isRunning(newest)) this.#replace(container, newest);
    else this.start(container, newest);
  }

  start(container: PodContainer, newest: ObservedContainer | undefined): void {
    const { pod, observed, now, failures, backoffs } = this.#situation;
    if (!shouldStart(pod, container, newest)) return;
    const failure = failures.get(container.name);
    const backoff = backoffs.get(container.name);
    const attempt = (newestContainer(observed, container.name)?.attempt ?? -1) + 1;
    if (newest?.state === 'exited') {
      if (this.#comeBack(container, newest, attempt)) return;
      const restartAt = mayRestartAt(backoff, newest.finishedAt);
      if (restartAt > now) return this.#backOff(container, newest, restartAt, backoff!.delayMs);
      if (failure?.containerId === undefined && failure !== undefined && failure.retryAt > now) {
        return this.#wake(failure.retryAt);
      }
      const next = afterRestart(backoff, newest.finishedAt, now);
      this.#start ??= { do: 'start-container', name: container.name, attempt, backoff: next };
      return;
    }
    if (failure !== undefined && failure.retryAt > now) return this.#wake(failure.retryAt);
    this.#start ??= { do: 'start-container', name: container.name, attempt };
  }

  /** Starts what was killed to be started again, if nothing holds it back. */
  #comeBack({ name }: PodContainer, { id, finishedAt }: ObservedContainer, attempt: number): boolean {
    const { observed, now, replaced, backoffs } = this.#situation;
    if (!replaced.has(id)) return false;
    const before = attemptsAt(observed, name).find((one) => one.id !== id && one.state === 'exited');
    const kill = { endedAt: finishedAt, beforeAt: before?.finishedAt };
    if (!comesBackAtOnce(backoffs.get(name), kill)) return false;
    const backoff = afterComingBack(backoffs.get(name), kill, now);
    this.#start ??= { do: 'start-container', name, attempt, ...(backoff !== undefined && { backoff }) };
    return true;
  }

  /** The event comes at once, the state when the end has been seen for a while. */
  #backOff(
    { name }: PodContainer,
    { id: containerId, finishedAt }: ObservedContainer,
    restartAt: number,
    delayMs: number,
  ) {
    const { now, failures, toldBackOffs, replaced } = this.#situation;
    this.#wake(restartAt);
    const told = toldBackOffs.get(name);
    const tellAt = told?.containerId === containerId ? told.at + repeatBackOffMs : now;
    if (tellAt > now) this.#wake(tellAt);
    else this.#steps.push({ do: 'announce-back-off', name, containerId });
    const shown = failures.get(name);
    if (shown?.containerId === containerId && shown.reason === 'CrashLoopBackOff') return;
    const isSoon = shown?.containerId === containerId || replaced.has(containerId);
    const showAt = isSoon
      ? finishedAt + showSoonMs
      : Math.min(restartAt - showBeforeRestartMs, finishedAt + showLateMs);
    if (showAt > now) this.#wake(showAt);
    else this.#steps.push({ do: 'show-back-off', name, containerId, delayMs });
  }

  #replace(container: PodContainer, { id, name, annotations }: ObservedContainer): void {
    const { pod, now, health, kills, actual } = this.#situation;
    const kill = kills.get(id);
    if (kill?.phase === 'waiting') this.#steps.push({ do: 'stop-container', id, name, deadline: kill.deadline });
    if (kill !== undefined) return;
    const hash = annotations[runtimeAnnotations.hash];
    const { failed } = health(id);
    const isChanged = hash !== undefined && hash !== containerHash(container);
    const isResized = resizeOf(container, actual(id)) === 'restart';
    if (!isChanged && !isResized && failed === undefined) return;
    const restarts = isChanged || restartPolicyOf(pod, container) !== 'Never';
    const andThen = restarts && container.role === 'main' ? ', will be restarted' : '';
    const why = isChanged ? `definition changed${andThen}` : isResized ? resized : `failed ${failed} probe${andThen}`;
    const deadline = now + 1000 * this.#graceSeconds(container, isChanged || isResized ? undefined : failed);
    const isInit = container.role !== 'main' && why !== resized;
    const message = `${isInit ? 'Init container' : 'Container'} ${name} ${why}`;
    const replace = restarts || isResized ? { replace: true as const } : {};
    this.#steps.push({ do: 'kill-container', id, name, message, deadline, ...replace });
  }

  #graceSeconds({ spec }: PodContainer, failed: 'liveness' | 'startup' | undefined): number {
    const probe = failed === 'liveness' ? spec.livenessProbe : failed === 'startup' ? spec.startupProbe : undefined;
    return probe?.terminationGracePeriodSeconds ?? this.#situation.pod.spec.terminationGracePeriodSeconds ?? 30;
  }

  #wake(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at);
  }
}
