import { KeyedSerial } from '../../base/serial.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
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

/**
 * What the runtime has, pod by pod: kept by looking at everything from time to time, at once where the runtime tells
 * what happens, and at single containers after our own actions.
 */
export class RuntimeView {
  readonly #options: RuntimeViewOptions;
  readonly #pods = new Map<string, PodEntry>();
  /** Whose pod a container or sandbox is. */
  readonly #owners = new Map<string, string>();
  /** When each id was last looked at, in looks: a list that began before says nothing about it. */
  readonly #looked = new Map<string, number>();
  readonly #lines = new KeyedSerial();
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
    await Promise.all([this.#relistForEver(signal), this.#followEvents(signal)]);
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

  /** Looks at one container. */
  lookAt(id: string): Promise<void> {
    return this.#lines.run(id, async () => {
      this.#looked.set(id, this.#looks++);
      const detail = await this.#options.runtime.containerStatus(id);
      if (detail === undefined) return this.#forget(id);
      const podUid = detail.labels[runtimeLabels.podUid];
      const old = this.#container(id);
      if (podUid === undefined || old?.state === detail.state) return;
      // A container may end because its sandbox has: whoever starts it again must know.
      if (old?.state === 'running') await this.lookAtSandbox(detail.sandboxId);
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

  async #followEvents(signal: AbortSignal): Promise<void> {
    const { runtime, clock, log } = this.#options;
    while (runtime.events !== undefined && !signal.aborted) {
      // What happened while nobody told is found by looking at everything.
      this.#relistSoon(signal);
      try {
        for await (const { containerId, isSandbox = false } of runtime.events(signal)) {
          const look = isSandbox ? this.lookAtSandbox(containerId) : this.lookAt(containerId);
          look.catch((error) => log.warn('a container could not be seen', { error: String(error) }));
        }
      } catch (error) {
        if (!signal.aborted) log.warn('runtime events ended', { error: String(error) });
      }
      await clock.sleep(1000, signal).catch(() => undefined);
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
