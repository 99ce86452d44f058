import { ConfigMaps, Pods, Secrets, type Pod, type PodStatus } from '../../api/core/v1/types.ts';
import { goDuration } from '../../apimachinery/duration.ts';
import { keyOf } from '../../apimachinery/object.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { parseTime } from '../../apimachinery/time.ts';
import { Backoff } from '../../base/backoff.ts';
import type { Timer } from '../../base/clock.ts';
import type { CrashBackoff } from './crash-backoff.ts';
import { containerHash } from './container-hash.ts';
import {
  currentSandbox,
  isRunning,
  newestContainer,
  type ObservedContainer,
  type ObservedPod,
} from './observed-pod.ts';
import { planPod } from './plan.ts';
import {
  announceKill,
  containerNamed,
  createSandbox,
  preparePod,
  removeFromRuntime,
  sandboxFor,
  stopContainer,
  stopSandbox,
} from './pod-actions.ts';
import { containersOf, podText } from './pod-containers.ts';
import { recordContainer, type PodParts } from './pod-parts.ts';
import { podStatus, type Verdict } from './pod-status.ts';
import { referencedObjects } from './referenced-objects.ts';
import {
  stepKey,
  type KillProgress,
  type PodEnd,
  type PodSituation,
  type PodStep,
  type StartFailure,
} from './situation.ts';
import { StartRefusal } from './start-refusal.ts';
import { startContainer } from './start-container.ts';
import { StatusWriter } from './status-writer.ts';

const deadlineVerdict: Verdict = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/** What the containers of a pod get whose object was removed by force. */
const forcedGraceMs = 2000;

/**
 * Carries out the plan of one pod: holds what the runtime does not know (back-offs, failures, ends under way), plans
 * anew on every change, and takes the steps. Steps of one pod run beside each other only where the plan allows it.
 */
export class PodWorker {
  readonly #parts: PodParts;
  readonly #writer: StatusWriter;
  readonly #acceptedAt: number;
  readonly #startLife = new AbortController();
  readonly #backoffs = new Map<string, CrashBackoff>();
  readonly #failures = new Map<string, StartFailure>();
  readonly #kills = new Map<string, KillProgress>();
  readonly #busy = new Set<string>();
  readonly #prepareBackoff = new Backoff({ initialMs: 500, maximumMs: 122_000 });
  readonly #sandboxBackoff = new Backoff({ initialMs: 1000, maximumMs: 60_000 });
  readonly #followed = new Map<string, Disposable>();
  #pod: Readonly<Pod>;
  #prepared = false;
  #prepareAgainAt = 0;
  #sandboxAgainAt = 0;
  #end: PodEnd | undefined;
  #verdict: Verdict | undefined;
  #ended = false;
  #isGone = false;
  /** An earlier kubelet has told the end: nothing is added to it. */
  #isFinal = false;
  #phase: 'live' | 'leaving' | 'left' = 'live';
  #woken = false;
  #timer: Timer | undefined;

  /** `verdict`: the node does not take the pod. */
  constructor(parts: PodParts, pod: Readonly<Pod>, verdict?: Verdict) {
    this.#parts = parts;
    this.#pod = pod;
    this.#acceptedAt = parts.clock.now();
    this.#writer = new StatusWriter(pod, parts);
    const phase = pod.status?.phase;
    const now = parts.clock.now();
    if (verdict !== undefined) {
      this.#verdict = verdict;
      this.#end = { why: 'rejected', deadline: now };
    } else if (phase === 'Failed' || phase === 'Succeeded') {
      this.#end = { why: 'completed', deadline: now };
      this.#isFinal = true;
    }
    this.#takeDeletion();
    if (this.#end === undefined) this.#followReferences();
  }

  get pod(): Readonly<Pod> {
    return this.#pod;
  }

  /** As the kubelet sees the pod; `undefined` until it has looked. */
  get status(): PodStatus | undefined {
    return this.#writer.wanted;
  }

  /** The pod runs, or will. */
  get isActive(): boolean {
    return !this.#ended && this.#end?.why !== 'rejected';
  }

  /** Nothing of the pod is left on the node, nor its object. */
  get isOver(): boolean {
    return this.#phase === 'left' && this.#isGone;
  }

  /** The object has changed. */
  update(pod: Readonly<Pod>): void {
    const old = this.#pod;
    this.#pod = pod;
    this.#writer.saw(pod);
    for (const container of containersOf(pod)) {
      const before = containerNamed(old, container.name);
      if (before !== undefined && containerHash(before) !== containerHash(container))
        this.#failures.delete(container.name);
    }
    this.#parts.volumes.podChanged(pod);
    this.#takeDeletion();
    this.wake();
  }

  /** The object is gone. If that was not our doing, someone forced it: what runs is ended within a moment. */
  removed(): void {
    this.#isGone = true;
    this.#writer.stop();
    this.#beginEnd('deleted', forcedGraceMs);
    this.wake();
  }

  /** Something that the plan depends on has changed. */
  wake(): void {
    if (this.#woken || this.#phase === 'left') return;
    this.#woken = true;
    void Promise.resolve().then(() => {
      this.#woken = false;
      if (!this.#parts.signal.aborted) this.#turn();
    });
  }

  /** Lets go of timers and watches; the containers stay. */
  stop(): void {
    this.#timer?.cancel();
    this.#writer.stop();
    for (const followed of this.#followed.values()) followed[Symbol.dispose]();
    this.#followed.clear();
  }

  #turn(): void {
    const { clock, view, probes, log } = this.#parts;
    if (this.#phase !== 'live') return;
    const observed = view.observed(this.#pod.metadata.uid ?? '');
    this.#noteEnds(observed);
    this.#checkDeadline();
    probes.update(this.#pod, observed, this.#podIp(observed), this.#end !== undefined);
    let plan = planPod(this.#situation(observed));
    if (plan.outcome === 'completed') {
      this.#beginEnd('completed', (this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
      plan = planPod(this.#situation(observed));
    }
    this.#ended = plan.outcome === 'ended';
    this.#report(observed);
    for (const step of plan.steps) this.#take(step, observed);
    this.#timer?.cancel();
    const wakeAt = Math.min(plan.wakeAt ?? Infinity, this.#deadlineAt() ?? Infinity);
    if (wakeAt < Infinity) this.#timer = clock.setTimer(Math.max(0, wakeAt - clock.now()), () => this.wake());
    if (!this.#ended) return;
    this.#phase = 'leaving';
    this.#leave().catch((error) =>
      log.error('pod could not be cleaned up', { pod: podText(this.#pod), error: String(error) }),
    );
  }

  #situation(observed: ObservedPod): PodSituation {
    return {
      pod: this.#pod,
      observed,
      now: this.#parts.clock.now(),
      prepared: this.#prepared,
      prepareAgainAt: this.#prepareAgainAt,
      sandboxAgainAt: this.#sandboxAgainAt,
      end: this.#end,
      health: (id) => this.#parts.probes.health(id),
      backoffs: this.#backoffs,
      failures: this.#failures,
      kills: this.#kills,
      busy: this.#busy,
    };
  }

  #report(observed: ObservedPod): void {
    if (this.#isGone || this.#isFinal) return;
    const { clock, node, probes, runtimeName } = this.#parts;
    const health = (id: string) => probes.health(id);
    const isOver = this.#end !== undefined && !this.#busy.has('start') && !observed.containers.some(isRunning);
    this.#writer.want(
      podStatus({
        pod: this.#writer.pod,
        observed: this.#withoutFailedStart(observed),
        failures: this.#failures,
        health,
        end: this.#end,
        runtimeName,
        now: clock.now(),
        acceptedAt: this.#acceptedAt,
        ended: isOver,
        verdict: this.#verdict,
        hostIps: node.hostIps,
      }),
    );
  }

  /** A start that fails is shown with its reason, not before it is known. */
  #withoutFailedStart(observed: ObservedPod): ObservedPod {
    if (!this.#busy.has('start')) return observed;
    const known = new Set([...this.#failures.values()].map(({ containerId }) => containerId));
    const isUntold = ({ id, reason }: ObservedContainer) => reason === 'StartError' && !known.has(id);
    return { ...observed, containers: observed.containers.filter((one) => !isUntold(one)) };
  }

  #take(step: PodStep, observed: ObservedPod): void {
    const key = stepKey(step);
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    this.#do(step, observed)
      .catch((error) => {
        const { log, clock } = this.#parts;
        log.warn('a step of a pod failed', { pod: podText(this.#pod), step: step.do, error: String(error) });
        return clock.sleep(1000, this.#parts.signal).catch(() => undefined);
      })
      .finally(() => {
        this.#busy.delete(key);
        this.wake();
      });
  }

  async #do(step: PodStep, observed: ObservedPod): Promise<void> {
    const parts = this.#parts;
    const pod = this.#pod;
    switch (step.do) {
      case 'prepare':
        this.#prepared = await preparePod(parts, pod);
        if (!this.#prepared) this.#prepareAgainAt = parts.clock.now() + this.#prepareBackoff.next();
        return;
      case 'create-sandbox':
        if (await createSandbox(parts, pod, step.attempt)) this.#sandboxBackoff.reset();
        else this.#sandboxAgainAt = parts.clock.now() + this.#sandboxBackoff.next();
        return;
      case 'stop-sandbox':
        return await stopSandbox(parts, pod, step.id, step.changed);
      case 'remove-sandbox':
        await parts.runtime.removeSandbox(step.id);
        return await parts.view.lookAtSandbox(step.id);
      case 'start-container':
        return await this.#start(step.name, step.attempt, step.backoff, observed);
      case 'announce-back-off':
        return this.#announceBackOff(step.name, step.containerId, step.delayMs);
      case 'kill-container':
        this.#kills.set(step.id, { phase: 'hook', deadline: step.deadline });
        await announceKill(parts, pod, observed, step);
        if (this.#kills.get(step.id)?.phase === 'hook')
          this.#kills.set(step.id, { phase: 'waiting', deadline: step.deadline });
        return;
      case 'stop-container':
        this.#kills.set(step.id, { phase: 'stopping', deadline: step.deadline });
        return await stopContainer(parts, step.id, step.deadline);
      case 'remove-container':
        await parts.runtime.removeContainer(step.id);
        return await parts.view.lookAt(step.id);
    }
  }

  async #start(name: string, attempt: number, backoff: CrashBackoff | undefined, observed: ObservedPod): Promise<void> {
    const pod = this.#pod;
    const container = containerNamed(pod, name);
    const sandbox = currentSandbox(observed);
    if (container === undefined || sandbox === undefined) return;
    if (backoff !== undefined) this.#backoffs.set(name, backoff);
    const { signal } = this.#startLife;
    try {
      const config = sandboxFor(this.#parts, pod, sandbox.pod.attempt);
      await startContainer(this.#parts, { pod, container, attempt, sandbox, sandboxConfig: config, signal });
      this.#failures.delete(name);
    } catch (error) {
      if (signal.aborted) return;
      const refusal =
        error instanceof StartRefusal ? error : new StartRefusal('CreateContainerError', String(error), 10_000);
      const at = this.#parts.clock.now();
      const { reason, message, retryMs, containerId } = refusal;
      const about = containerId === undefined ? {} : { containerId };
      this.#failures.set(name, { reason, message, at, retryAt: at + retryMs, ...about });
    }
  }

  async #announceBackOff(name: string, containerId: string, delayMs: number): Promise<void> {
    const container = containerNamed(this.#pod, name);
    if (container === undefined) return;
    const at = this.#parts.clock.now();
    const who = podText(this.#pod);
    const message = `back-off ${goDuration(delayMs)} restarting failed container=${name} pod=${who}`;
    this.#failures.set(name, { reason: 'CrashLoopBackOff', message, at, retryAt: 0, containerId });
    const text = `Back-off restarting failed container ${name} in pod ${who}`;
    recordContainer(this.#parts, this.#pod, container, 'Warning', 'BackOff', text);
  }

  /** Containers that have ended are on their way out no more; a failure that was about an older attempt is over. */
  #noteEnds(observed: ObservedPod): void {
    for (const id of this.#kills.keys()) {
      if (!observed.containers.some((one) => one.id === id && isRunning(one))) this.#kills.delete(id);
    }
    for (const [name, { containerId }] of this.#failures) {
      const newest = newestContainer(observed, name);
      if (containerId !== undefined && newest?.state === 'running') this.#failures.delete(name);
    }
  }

  #takeDeletion(): void {
    const { deletionTimestamp, deletionGracePeriodSeconds } = this.#pod.metadata;
    if (deletionTimestamp === undefined) return;
    this.#beginEnd('deleted', Math.max(1, deletionGracePeriodSeconds ?? 30) * 1000);
  }

  /** The first reason for the end decides what is told of it, the shortest grace period when it comes. */
  #beginEnd(why: PodEnd['why'], graceMs: number): void {
    const deadline = this.#parts.clock.now() + graceMs;
    if (this.#end === undefined) this.#startLife.abort(new Error('the pod is to end'));
    else if (why === 'completed') return;
    const sooner = Math.min(deadline, this.#end?.deadline ?? Infinity);
    const isRejected = this.#end?.why === 'rejected';
    this.#end = { why: isRejected && !this.#isGone ? 'rejected' : why, deadline: sooner };
    if (this.#phase === 'leaving' || this.#ended) this.#wakeLeaver();
  }

  #checkDeadline(): void {
    const at = this.#deadlineAt();
    if (at === undefined || at > this.#parts.clock.now()) return;
    this.#verdict = deadlineVerdict;
    this.#parts.events.record(this.#pod, 'Normal', deadlineVerdict.reason, deadlineVerdict.message);
    this.#beginEnd('deadline', (this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
  }

  /** When the pod will have been active for too long; `undefined` for one that may stay, and for one that ends. */
  #deadlineAt(): number | undefined {
    const seconds = this.#pod.spec.activeDeadlineSeconds;
    if (seconds === undefined || this.#end !== undefined) return undefined;
    return (parseTime(this.#pod.status?.startTime) ?? this.#acceptedAt) + seconds * 1000;
  }

  #podIp({ sandboxes }: ObservedPod): string {
    const ips = this.#pod.spec.hostNetwork === true ? this.#parts.node.hostIps : (sandboxes[0]?.ips ?? []);
    return ips[0] ?? '';
  }

  /** A start that waits for a ConfigMap or Secret is tried again when that changes. */
  #followReferences(): void {
    const { objects } = this.#parts;
    const { namespace = '' } = this.#pod.metadata;
    const { configMaps, secrets } = referencedObjects(this.#pod);
    const retry = () => {
      for (const [name, { reason }] of this.#failures) {
        if (reason === 'CreateContainerConfigError')
          this.#failures.set(name, { ...this.#failures.get(name)!, retryAt: 0 });
      }
      this.wake();
    };
    for (const name of configMaps)
      this.#followed.set(`c ${name}`, objects.follow(ConfigMaps, { namespace, name }, retry));
    for (const name of secrets) this.#followed.set(`s ${name}`, objects.follow(Secrets, { namespace, name }, retry));
  }

  /** A volume that could not be set up may be had now. */
  retryPrepare(): void {
    this.#prepareAgainAt = 0;
    this.wake();
  }

  #leaver: (() => void) | undefined;

  #wakeLeaver(): void {
    this.#leaver?.();
  }

  /** Nothing runs any more: frees what the pod held, and once it is deleted, its remains and its object. */
  async #leave(): Promise<void> {
    const { probes, images, volumes, cgroups, files, view, signal } = this.#parts;
    const uid = this.#pod.metadata.uid ?? '';
    for (const followed of this.#followed.values()) followed[Symbol.dispose]();
    this.#followed.clear();
    probes.forget(uid);
    images.forget(uid);
    const freed = Promise.all([volumes.tearDown(uid), cgroups.remove(uid)]);
    if (!this.#isDeleted()) {
      await freed;
      await new Promise<void>((resolve) => {
        this.#leaver = () => this.#isDeleted() && resolve();
        this.#leaver();
      });
    }
    if (!this.#isGone) {
      await this.#writer.settled();
      await this.#deleteObject();
    }
    await freed;
    if (signal.aborted) return;
    await removeFromRuntime(this.#parts, view.observed(uid));
    await files.remove(uid);
    this.#phase = 'left';
    this.stop();
  }

  #isDeleted(): boolean {
    return this.#isGone || this.#pod.metadata.deletionTimestamp !== undefined;
  }

  async #deleteObject(): Promise<void> {
    const { client, clock, log, signal } = this.#parts;
    const { uid } = this.#pod.metadata;
    const backoff = new Backoff({ initialMs: 500, maximumMs: 30_000 });
    while (!signal.aborted && !this.#isGone) {
      try {
        const preconditions = uid === undefined ? {} : { preconditions: { uid } };
        return await client.delete(Pods, keyOf(this.#pod), { gracePeriodSeconds: 0, ...preconditions });
      } catch (error) {
        if (isStatus(error, 'NotFound', 'Conflict')) return;
        log.warn('pod was not deleted', { pod: podText(this.#pod), error: String(error) });
        await clock.sleep(backoff.next(), signal).catch(() => undefined);
      }
    }
  }
}
