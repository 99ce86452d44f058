import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { KeyedSerial } from '../../base/serial.ts';
import type { ContainerDetail, ContainerRuntime, ContainerSummary } from '../runtime/runtime.ts';
import { nothingObserved, type ObservedContainer, type ObservedPod, type ObservedSandbox } from './observed-pod.ts';
import { runtimeLabels } from './runtime-labels.ts';

export interface RuntimeViewOptions {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with the uid of a pod of which something has changed. */
  readonly onChange: (podUid: string) => void;
  /** What a container that has ended left as its last words. */
  readonly lastWords: (container: ContainerDetail) => Promise<string>;
  /** Between two looks at everything. */
  readonly relistMs: number;
}

interface PodEntry {
  readonly sandboxes: Map<string, ObservedSandbox>;
  readonly containers: Map<string, ObservedContainer>;
  sorted: ObservedPod | undefined;
}

/** The runtime tells of an end a little before it shows it. */
const untilShown = { initialMs: 2, maximumMs: 500 };
const mostLooks = 30;

/**
 * What the runtime has, pod by pod: kept by looking at everything from time to time, at what the runtime says has ended, and
 * at single containers and sandboxes after our own actions, as far as the answer to those does not say it all.
 */
export class RuntimeView {
  readonly #options: RuntimeViewOptions;
  readonly #pods = new Map<string, PodEntry>();
  /** Whose pod a container or sandbox is. */
  readonly #owners = new Map<string, string>();
  /** When each id was last looked at, in looks: a list that began before says nothing about it. */
  readonly #looked = new Map<string, number>();
  readonly #lines = new KeyedSerial();
  /** How many of our own stops are under way, by id: their answers tell more than what the runtime says by itself. */
  readonly #stops = new Map<string, number>();
  #looks = 0;
  #listedAt = 0;

  constructor(options: RuntimeViewOptions) {
    this.#options = options;
  }

  /** When everything was last looked at, on the monotonic clock. */
  get listedAt(): number {
    return this.#listedAt;
  }

  podUids(): string[] {
    return [...this.#pods.keys()];
  }

  observed(podUid: string): ObservedPod {
    const entry = this.#pods.get(podUid);
    if (entry === undefined) return nothingObserved;
    return (entry.sorted ??= {
      sandboxes: [...entry.sandboxes.values()].sort(
        (a, b) => b.pod.attempt - a.pod.attempt || b.createdAt - a.createdAt,
      ),
      containers: [...entry.containers.values()].sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt),
    });
  }

  /** Keeps looking until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#relistForEver(signal), this.#followEnds(signal)]);
  }

  /** Looks at everything. Rejects when the runtime does not answer. */
  async relist(): Promise<void> {
    const { runtime, clock } = this.#options;
    const began = this.#looks++;
    const [sandboxes, containers] = await Promise.all([runtime.listSandboxes(), runtime.listContainers()]);
    const isOlder = (id: string) => (this.#looked.get(id) ?? -1) <= began;
    const seen = new Set([...sandboxes, ...containers].map(({ id }) => id));
    for (const id of this.#owners.keys()) if (!seen.has(id) && isOlder(id)) this.#forget(id);
    const changed = [
      ...sandboxes.filter((one) => this.#sandbox(one.id)?.ready !== one.ready).map(({ id }) => this.lookAtSandbox(id)),
      ...containers
        .filter((one) => isOfPod(one) && this.#container(one.id)?.state !== one.state)
        .map(({ id }) => this.lookAt(id)),
    ];
    await Promise.all(changed);
    this.#listedAt = clock.monotonic();
  }

  /** Stops a container, whose end is shown then. */
  stopContainer(id: string, graceSeconds: number): Promise<void> {
    return this.#stopping(id, async () => {
      const stopped = this.#options.runtime.stopContainer(id, graceSeconds);
      await stopped.finally(() => this.#look(id, { isStopped: true }));
    });
  }

  /** Stops a sandbox: that it has is known without a look. */
  stopSandbox(id: string): Promise<void> {
    return this.#stopping(id, async () => {
      await this.#options.runtime.stopSandbox(id).catch(async (error) => {
        await this.lookAtSandbox(id);
        throw error;
      });
      await this.#lines.run(id, () => {
        const old = this.#sandbox(id);
        if (old?.ready !== true) return;
        this.#entry(old.pod.uid).sandboxes.set(id, { ...old, ready: false });
        this.#noteChange(old.pod.uid, id);
      });
    });
  }

  /** Removes a container that does not run. */
  async removeContainer(id: string): Promise<void> {
    await this.#options.runtime.removeContainer(id);
    await this.#removed(id);
  }

  /** Removes a sandbox and the containers in it, none of which runs. */
  async removeSandbox(id: string): Promise<void> {
    await this.#options.runtime.removeSandbox(id);
    const { containers } = this.observed(this.#owners.get(id) ?? '');
    const within = containers.filter(({ sandboxId }) => sandboxId === id);
    await Promise.all([...within.map((container) => this.#removed(container.id)), this.#removed(id)]);
  }

  /** Looks at one container. */
  lookAt(id: string): Promise<void> {
    return this.#look(id, { isStopped: false });
  }

  /** `isStopped`: the container has ended since we wanted it. */
  #look(id: string, { isStopped }: { readonly isStopped: boolean }): Promise<void> {
    return this.#lines.run(id, async () => {
      this.#looked.set(id, this.#looks++);
      const detail = await this.#options.runtime.containerStatus(id);
      if (detail === undefined) return this.#forget(id);
      const podUid = detail.labels[runtimeLabels.podUid];
      const old = this.#container(id);
      if (podUid === undefined || old?.state === detail.state) return;
      // A container may end because its sandbox has: whoever starts it again must know.
      if (old?.state === 'running' && !isStopped) await this.lookAtSandbox(detail.sandboxId);
      const words = detail.state === 'exited' ? await this.#options.lastWords(detail) : '';
      const message = [detail.message, words].filter((text) => text !== '').join(': ');
      this.#entry(podUid).containers.set(id, { ...detail, message });
      this.#noteChange(podUid, id);
    });
  }

  lookAtSandbox(id: string): Promise<void> {
    return this.#lines.run(id, async () => {
      this.#looked.set(id, this.#looks++);
      const found = await this.#options.runtime.sandboxStatus(id);
      if (found === undefined) return this.#forget(id);
      const ips = found.ips.length > 0 ? found.ips : (this.#sandbox(id)?.ips ?? []);
      const { uid } = found.pod;
      const old = this.#sandbox(id);
      if (old !== undefined && old.ready === found.ready && old.ips.join() === ips.join()) return;
      this.#entry(uid).sandboxes.set(id, { ...found, ips });
      this.#noteChange(uid, id);
    });
  }

  async #relistForEver(signal: AbortSignal): Promise<void> {
    const { clock, log, relistMs } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(relistMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.relist().catch((error) => log.warn('the runtime could not be listed', { error: String(error) }));
    }
  }

  async #followEnds(signal: AbortSignal): Promise<void> {
    const { runtime, clock, log } = this.#options;
    while (runtime.ends !== undefined && !signal.aborted) {
      // What happened while nobody told is found by looking at everything.
      this.#relistSoon(signal);
      try {
        for await (const id of runtime.ends(signal)) {
          const looking = this.#lookUntilEnded(id, signal);
          looking.catch((error) => signal.aborted || log.warn('an end could not be seen', { error: String(error) }));
        }
      } catch (error) {
        if (!signal.aborted) log.warn('the runtime tells of no more ends', { error: String(error) });
      }
      await clock.sleep(1000, signal).catch(() => undefined);
    }
  }

  /** Looks at what has ended, as the runtime says, until it shows it; not at what is known to have. */
  async #lookUntilEnded(id: string, signal: AbortSignal): Promise<void> {
    const pauses = new Backoff(untilShown);
    const isSeen = (): boolean => this.#container(id)?.state === 'exited' || this.#sandbox(id)?.ready === false;
    while (!this.#stops.has(id) && !isSeen()) {
      if (this.#sandbox(id) === undefined) await this.lookAt(id);
      if (this.#container(id) === undefined) await this.lookAtSandbox(id);
      const isThere = this.#owners.has(id);
      if (isSeen() || !isThere || pauses.failures === mostLooks) return;
      await this.#options.clock.sleep(pauses.next(), signal);
    }
  }

  async #stopping(id: string, stop: () => Promise<void>): Promise<void> {
    this.#stops.set(id, (this.#stops.get(id) ?? 0) + 1);
    try {
      await stop();
    } finally {
      const others = this.#stops.get(id)! - 1;
      if (others > 0) this.#stops.set(id, others);
      else this.#stops.delete(id);
    }
  }

  #relistSoon(signal: AbortSignal): void {
    const { clock, log } = this.#options;
    const relisted = clock.sleep(1000, signal).then(() => this.relist());
    relisted.catch((error) => signal.aborted || log.warn('the runtime could not be listed', { error: String(error) }));
  }

  #sandbox(id: string): ObservedSandbox | undefined {
    return this.#pods.get(this.#owners.get(id) ?? '')?.sandboxes.get(id);
  }

  #container(id: string): ObservedContainer | undefined {
    return this.#pods.get(this.#owners.get(id) ?? '')?.containers.get(id);
  }

  #entry(podUid: string): PodEntry {
    let entry = this.#pods.get(podUid);
    if (entry === undefined) {
      entry = { sandboxes: new Map(), containers: new Map(), sorted: undefined };
      this.#pods.set(podUid, entry);
    }
    return entry;
  }

  #noteChange(podUid: string, id: string): void {
    this.#owners.set(id, podUid);
    const entry = this.#pods.get(podUid);
    if (entry !== undefined) entry.sorted = undefined;
    this.#options.onChange(podUid);
  }

  /** Behind looks that have begun before, which may still have shown it. */
  #removed(id: string): Promise<void> {
    return this.#lines.run(id, () => this.#forget(id));
  }

  #forget(id: string): void {
    const podUid = this.#owners.get(id);
    this.#looked.delete(id);
    if (podUid === undefined) return;
    this.#owners.delete(id);
    const entry = this.#pods.get(podUid)!;
    entry.sandboxes.delete(id);
    entry.containers.delete(id);
    entry.sorted = undefined;
    if (entry.sandboxes.size === 0 && entry.containers.size === 0) this.#pods.delete(podUid);
    this.#options.onChange(podUid);
  }
}

function isOfPod({ labels }: ContainerSummary): boolean {
  return labels[runtimeLabels.podUid] !== undefined;
}
