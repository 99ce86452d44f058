import type { Node, Pod } from '../../api/core/v1/types.ts';
import type { InformerChange } from '../../client/informer.ts';
import { admitPod, refuseResources } from './admission.ts';
import { removeFromRuntime } from './pod-actions.ts';
import type { PodParts } from './pod-parts.ts';
import type { Verdict } from './pod-status.ts';
import { PodWorker } from './pod-worker.ts';

/** The workers of all pods of a node, one for each pod by its uid. */
export class PodWorkers {
  readonly #parts: PodParts;
  readonly #node: () => Readonly<Node> | undefined;
  readonly #refuse: (pod: Readonly<Pod>) => Verdict | undefined;
  readonly #workers = new Map<string, PodWorker>();
  readonly #orphans = new Set<string>();
  /** Pods, by uid, whose new resources had no room. */
  readonly #deferred = new Set<string>();

  /** `refuse`: why the node takes no such pod now, whatever room there is. */
  constructor(
    parts: PodParts,
    node: () => Readonly<Node> | undefined,
    refuse: (pod: Readonly<Pod>) => Verdict | undefined,
  ) {
    this.#parts = parts;
    this.#node = node;
    this.#refuse = refuse;
  }

  get(podUid: string): PodWorker | undefined {
    return this.#workers.get(podUid);
  }

  /** The pods that have a worker. */
  pods(): Readonly<Pod>[] {
    return [...this.#workers.values()].map(({ pod }) => pod);
  }

  take(change: InformerChange<Pod>): void {
    const { object } = change;
    const uid = object.metadata.uid ?? '';
    const worker = this.#workers.get(uid);
    if (change.type === 'deleted') {
      worker?.removed();
      if (worker?.isOver === true) this.#workers.delete(uid);
    } else if (worker === undefined) this.#begin(object);
    else {
      worker.update(object);
      if (worker.resizeIsDeferred) this.#deferred.add(uid);
    }
    this.#resizeDeferred(uid);
  }

  wake(podUid: string): void {
    const worker = this.#workers.get(podUid);
    if (worker?.isOver === true) this.#workers.delete(podUid);
    else worker?.wake();
    this.#resizeDeferred(podUid);
  }

  /** Another pod may have made room. */
  #resizeDeferred(changed: string): void {
    for (const uid of this.#deferred) {
      if (uid === changed) continue;
      const worker = this.#workers.get(uid);
      if (worker?.resizeIsDeferred) worker.retryResize();
      if (!worker?.resizeIsDeferred) this.#deferred.delete(uid);
    }
  }

  stop(): void {
    for (const worker of this.#workers.values()) worker.stop();
  }

  /** Ends and removes what is on the node of pods that no longer exist. */
  async removeOrphans(): Promise<void> {
    const { view, files, volumes, cgroups } = this.#parts;
    for (const [uid, worker] of this.#workers) if (worker.isOver) this.#workers.delete(uid);
    const kept = await Promise.all([files.podUids(), volumes.podUids(), cgroups.podUids()]);
    const found = new Set([...view.podUids(), ...kept.flat()]);
    await Promise.all([...found].filter((uid) => !this.#workers.has(uid)).map((uid) => this.#removeOrphan(uid)));
  }

  async #removeOrphan(uid: string): Promise<void> {
    const { view, files, volumes, cgroups, log } = this.#parts;
    if (this.#orphans.has(uid)) return;
    this.#orphans.add(uid);
    log.info('removing the remains of a pod that no longer exists', { uid });
    try {
      const observed = view.observed(uid);
      const running = observed.containers.filter(({ state }) => state === 'running');
      await Promise.all(running.map(({ id }) => view.stopContainer(id, 30)));
      await removeFromRuntime(this.#parts, observed);
      await volumes.tearDown(uid);
      await cgroups.remove(uid);
      await files.remove(uid);
    } catch (error) {
      log.warn('remains of a pod were not removed', { uid, error: String(error) });
    } finally {
      this.#orphans.delete(uid);
    }
  }

  /** Pods of which something runs were admitted before the kubelet restarted. */
  #begin(pod: Readonly<Pod>): void {
    const uid = pod.metadata.uid ?? '';
    const node = this.#node();
    const isKnown = this.#parts.view.observed(uid).sandboxes.length > 0;
    const isDone = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
    const mayRefuse = node !== undefined && !isKnown && !isDone && pod.metadata.deletionTimestamp === undefined;
    const verdict = mayRefuse ? (this.#refuse(pod) ?? admitPod(pod, this.#beside(uid), node)) : undefined;
    if (verdict !== undefined) {
      const message = verdict.message.replace(/^Pod was rejected: /, '');
      this.#parts.events.record(pod, 'Warning', verdict.reason, message);
    }
    const worker = new PodWorker(this.#parts, pod, (wanted) => this.#refuseResize(wanted), verdict);
    this.#workers.set(uid, worker);
    if (worker.resizeIsDeferred) this.#deferred.add(uid);
    worker.wake();
  }

  /** The other pods that have a part of the node. */
  #beside(uid: string): Readonly<Pod>[] {
    const others = [...this.#workers].filter(([other, { isActive }]) => other !== uid && isActive);
    return others.map(([, worker]) => worker.pod);
  }

  #refuseResize(pod: Readonly<Pod>): Verdict | undefined {
    const node = this.#node();
    return node && refuseResources(pod, this.#beside(pod.metadata.uid ?? ''), node);
  }
}
