import { Backoff } from '../../base/backoff.ts';
import type { CrashBackoff } from './crash-backoff.ts';
import { isRunning, newestContainer, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import type { KillProgress, StartFailure, ToldBackOff } from './situation.ts';
import { StartRefusal } from './start-refusal.ts';

/**
 * What the runtime does not know of a pod: back-offs, failures, ends under way. Lost with the kubelet, and then begun
 * anew.
 */
export class PodMemory {
  readonly backoffs = new Map<string, CrashBackoff>();
  readonly failures = new Map<string, StartFailure>();
  readonly toldBackOffs = new Map<string, ToldBackOff>();
  readonly kills = new Map<string, KillProgress>();
  /** Killed to be started again; dropped when the runtime has them no more. */
  readonly replaced = new Set<string>();
  readonly busy = new Set<string>();
  prepared = false;
  mayHaveSandbox = false;
  prepareAgainAt = 0;
  sandboxAgainAt = 0;
  readonly #prepareBackoff = new Backoff({ initialMs: 500, maximumMs: 122_000 });
  readonly #sandboxBackoff = new Backoff({ initialMs: 1000, maximumMs: 60_000 });

  /** `againAt`: when volumes that are missing are to be tried again; each has its own back-off. */
  notePrepared({ prepared, againAt }: { readonly prepared: boolean; readonly againAt?: number }, now: number): void {
    this.prepared = prepared;
    this.mayHaveSandbox = prepared;
    if (!prepared) this.prepareAgainAt = againAt ?? now + this.#prepareBackoff.next();
  }

  noteSandbox(worked: boolean, now: number): void {
    if (worked) this.#sandboxBackoff.reset();
    else this.sandboxAgainAt = now + this.#sandboxBackoff.next();
  }

  noteFailure(container: string, error: unknown, now: number): void {
    const unexpected = 10_000;
    const refusal =
      error instanceof StartRefusal ? error : new StartRefusal('CreateContainerError', String(error), unexpected);
    const { reason, message, retryMs, containerId } = refusal;
    const about = containerId === undefined ? {} : { containerId };
    this.failures.set(container, { reason, message, at: now, retryAt: now + retryMs, ...about });
  }

  /** Containers that have ended are on their way out no more; a failure is over once a later attempt runs. */
  noteEnds(observed: ObservedPod): void {
    for (const id of this.kills.keys()) {
      if (!observed.containers.some((one) => one.id === id && isRunning(one))) this.kills.delete(id);
    }
    for (const id of this.replaced) if (!observed.containers.some((one) => one.id === id)) this.replaced.delete(id);
    for (const [name, { containerId }] of this.failures) {
      const newest = newestContainer(observed, name);
      if (containerId !== undefined && newest?.state === 'running') this.failures.delete(name);
    }
  }

  /** What failed for want of configuration may be tried now. */
  retryConfiguration(): void {
    for (const [name, failure] of this.failures) {
      if (failure.reason === 'CreateContainerConfigError') this.failures.set(name, { ...failure, retryAt: 0 });
    }
  }

  /** A start that fails is shown with its reason, not before that is known. */
  withoutUntoldFailures(observed: ObservedPod): ObservedPod {
    if (!this.busy.has('start')) return observed;
    const told = new Set([...this.failures.values()].map(({ containerId }) => containerId));
    const isUntold = ({ id, reason }: ObservedContainer) => reason === 'StartError' && !told.has(id);
    return { ...observed, containers: observed.containers.filter((one) => !isUntold(one)) };
  }
}
