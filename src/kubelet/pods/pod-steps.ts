import type { Pod } from '../../api/core/v1/types.ts';
import { goDuration } from '../../apimachinery/duration.ts';
import type { CrashBackoff } from './crash-backoff.ts';
import { endpointsRemoved, removalBoundMs } from './endpoints-removed.ts';
import { currentSandbox, type ObservedPod } from './observed-pod.ts';
import {
  announceKill,
  containerNamed,
  createSandbox,
  preparePod,
  removeAttempt,
  sandboxFor,
  stopContainer,
  stopSandbox,
} from './pod-actions.ts';
import { podText } from './pod-containers.ts';
import type { PodMemory } from './pod-memory.ts';
import { recordContainer, type PodParts } from './pod-parts.ts';
import type { PodResize } from './pod-resize.ts';
import { stepKey, type PodEnd, type PodStep } from './situation.ts';
import { startContainer } from './start-container.ts';

const stepRetryMs = 1000;

/** The pod whose steps are taken, as it is at the time. */
export interface SteppingPod {
  readonly memory: PodMemory;
  readonly resize: PodResize;
  pod(): Readonly<Pod>;
  end(): PodEnd | undefined;
  /** Its object is no more. */
  isGone(): boolean;
  /** Called after each step, whatever came of it, and where one has come so far that others may be taken beside it. */
  wake(): void;
}

/** Takes the steps of one pod's plan, beside each other as they come; one that fails is tried again when it is planned again. */
export class PodSteps {
  readonly #parts: PodParts;
  readonly #stepping: SteppingPod;
  readonly #memory: PodMemory;
  readonly #resize: PodResize;
  /** Aborts when the pod is to end: nothing more is begun. */
  readonly #startLife = new AbortController();
  /** Aborts when nobody waits any more for the pod's endpoints to be taken out. */
  readonly #asking = new AbortController();
  #removal: Promise<void> | undefined;

  constructor(parts: PodParts, stepping: SteppingPod) {
    this.#parts = parts;
    this.#stepping = stepping;
    this.#memory = stepping.memory;
    this.#resize = stepping.resize;
  }

  /** Starts that are under way end. */
  startNoMore(): void {
    this.#startLife.abort(new Error('the pod is to end'));
  }

  askNoMore(): void {
    this.#asking.abort();
  }

  /** Begins a step that is not under way already. */
  take(step: PodStep, observed: ObservedPod): void {
    const key = stepKey(step);
    const { busy } = this.#memory;
    if (busy.has(key)) return;
    busy.add(key);
    this.#do(step, observed)
      .catch((error) => {
        const { log, clock, signal } = this.#parts;
        if (signal.aborted) return undefined;
        log.warn('a step of a pod failed', { pod: podText(this.#stepping.pod()), step: step.do, error: String(error) });
        return clock.sleep(stepRetryMs, signal).catch(() => undefined);
      })
      .finally(() => {
        busy.delete(key);
        this.#stepping.wake();
      });
  }

  async #do(step: PodStep, observed: ObservedPod): Promise<void> {
    const parts = this.#parts;
    const pod = this.#stepping.pod();
    const memory = this.#memory;
    switch (step.do) {
      case 'prepare': {
        const current = this.#resize.current(observed);
        const mayHaveSandbox = (): void => {
          memory.mayHaveSandbox = true;
          this.#stepping.wake();
        };
        memory.notePrepared(await preparePod(parts, current, mayHaveSandbox), parts.clock.now());
        return this.#resize.limited(current);
      }
      case 'resize':
        return await this.#resize.carryOut(observed);
      case 'create-sandbox':
        return memory.noteSandbox(await createSandbox(parts, pod, step.attempt), parts.clock.now());
      case 'stop-sandbox':
        return await stopSandbox(parts, pod, step.id, step.changed);
      case 'remove-sandbox':
        return await parts.view.removeSandbox(step.id);
      case 'start-container':
        return await this.#start(step.name, step.attempt, step.backoff, observed);
      case 'announce-back-off':
        return this.#announceBackOff(step.name, step.containerId);
      case 'show-back-off':
        return this.#showBackOff(step.name, step.containerId, step.delayMs);
      case 'kill-container':
        memory.kills.set(step.id, { phase: 'hook', deadline: step.deadline });
        if (step.replace === true) memory.replaced.add(step.id);
        await Promise.all([announceKill(parts, pod, observed, step), this.#endpointsRemoved()]);
        if (memory.kills.get(step.id)?.phase === 'hook')
          memory.kills.set(step.id, { phase: 'waiting', deadline: step.deadline });
        return;
      case 'stop-container':
        memory.kills.set(step.id, { phase: 'stopping', deadline: step.deadline });
        return await stopContainer(parts, step.id, step.deadline);
      case 'remove-container':
        this.#resize.removed(step.id);
        return await removeAttempt(parts, pod, observed, step.id);
    }
  }

  /** Resolves when nobody sends new connections to a deleted pod any more. Asked once for all its containers. */
  async #endpointsRemoved(): Promise<void> {
    const { askEndpointsRemoved: ask, clock, log } = this.#parts;
    const end = this.#stepping.end();
    if (ask === undefined || end?.why !== 'deleted' || this.#stepping.isGone()) return;
    const boundMs = removalBoundMs(end.deadline - clock.now());
    this.#removal ??= endpointsRemoved({ ask, clock, log }, this.#stepping.pod(), boundMs, this.#asking.signal);
    await this.#removal;
  }

  async #start(name: string, attempt: number, backoff: CrashBackoff | undefined, observed: ObservedPod): Promise<void> {
    const pod = this.#stepping.pod();
    const container = containerNamed(pod, name);
    const sandbox = currentSandbox(observed);
    if (container === undefined || sandbox === undefined) return;
    if (backoff !== undefined) this.#memory.backoffs.set(name, backoff);
    const { signal } = this.#startLife;
    try {
      const config = sandboxFor(this.#parts, pod, sandbox.pod.attempt);
      const created = (id: string): void => this.#resize.started(id, container);
      await startContainer(this.#parts, { pod, container, attempt, sandbox, sandboxConfig: config, created, signal });
      this.#memory.failures.delete(name);
    } catch (error) {
      if (!signal.aborted) this.#memory.noteFailure(name, error, this.#parts.clock.now());
    }
  }

  #announceBackOff(name: string, containerId: string): void {
    const pod = this.#stepping.pod();
    const container = containerNamed(pod, name);
    if (container === undefined) return;
    this.#memory.toldBackOffs.set(name, { containerId, at: this.#parts.clock.now() });
    const text = `Back-off restarting failed container ${name} in pod ${podText(pod)}`;
    recordContainer(this.#parts, pod, container, 'Warning', 'BackOff', text);
  }

  #showBackOff(name: string, containerId: string, delayMs: number): void {
    const who = podText(this.#stepping.pod());
    const message = `back-off ${goDuration(delayMs)} restarting failed container=${name} pod=${who}`;
    const at = this.#parts.clock.now();
    this.#memory.failures.set(name, { reason: 'CrashLoopBackOff', message, at, retryAt: 0, containerId });
  }
}
