import type { Pod, PodStatus } from '../../api/core/v1/types.ts';
import { parseTime } from '../../apimachinery/time.ts';
import type { Timer } from '../../base/clock.ts';
import { containerHash } from './container-hash.ts';
import { isRunning, type ObservedPod } from './observed-pod.ts';
import { planPod } from './plan.ts';
import { containerNamed } from './pod-actions.ts';
import { containersOf } from './pod-containers.ts';
import { cleanUpTerminatedPod } from './terminated-pod.ts';
import { PodMemory } from './pod-memory.ts';
import { PodResize } from './pod-resize.ts';
import { withResourcesOf } from './pod-resources.ts';
import type { PodParts } from './pod-parts.ts';
import { podStatus, type Verdict } from './pod-status.ts';
import { followReferences } from './referenced-objects.ts';
import { PodSteps } from './pod-steps.ts';
import { noProbes, type PodEnd, type PodSituation } from './situation.ts';
import { StatusWriter } from './status-writer.ts';

const deadlineVerdict: Verdict = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/** What the containers of a pod get whose object was removed by force. */
const forcedGraceMs = 2000;
/** As the stock kubelet gives pods that it evicts at once. */
const evictedGraceMs = 1000;

/** Carries out the plan of one pod: plans anew on every change, and has its steps taken beside each other as the plan allows it. */
export class PodWorker {
  readonly #parts: PodParts;
  readonly #writer: StatusWriter;
  readonly #memory = new PodMemory();
  readonly #resize: PodResize;
  readonly #steps: PodSteps;
  readonly #acceptedAt: number;
  readonly #deletion = Promise.withResolvers<void>();
  readonly #followed: Disposable[] = [];
  #pod: Readonly<Pod>;
  #end: PodEnd | undefined;
  #verdict: Verdict | undefined;
  #isGone = false;
  /** An earlier kubelet has told the end: nothing is added to it. */
  #isFinal = false;
  /** `leaving`: nothing runs any more; `left`: nothing is there any more. */
  #phase: 'live' | 'leaving' | 'left' = 'live';
  #woken = false;
  /** What the status that is wanted was made of, where that is all there is to it. */
  #told: readonly unknown[] | undefined;
  #timer: Timer | undefined;

  /** `verdict`: the node does not take the pod. `refuse`: why it has no room for what the pod asks for later. */
  constructor(
    parts: PodParts,
    pod: Readonly<Pod>,
    refuse: (pod: Readonly<Pod>) => Verdict | undefined,
    verdict?: Verdict,
  ) {
    this.#parts = parts;
    this.#resize = new PodResize(parts, pod, refuse);
    this.#pod = this.#resize.granted;
    this.#acceptedAt = parts.clock.now();
    this.#writer = new StatusWriter(pod, parts);
    this.#steps = new PodSteps(parts, {
      memory: this.#memory,
      resize: this.#resize,
      pod: () => this.#pod,
      end: () => this.#end,
      isGone: () => this.#isGone,
      wake: () => this.wake(),
    });
    this.#verdict = verdict;
    this.#isFinal = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
    if (verdict !== undefined) this.#beginEnd('rejected', 0);
    else if (this.#isFinal) this.#beginEnd('completed', 0);
    this.#takeDeletion();
    if (this.#end === undefined) this.#followReferences();
  }

  /** With the resources that the node has granted. */
  get pod(): Readonly<Pod> {
    return this.#pod;
  }

  /** As the kubelet sees the pod; `undefined` until it has looked. */
  get status(): PodStatus | undefined {
    return this.#writer.wanted;
  }

  /** The pod runs, or will: its part of the node is taken. */
  get isActive(): boolean {
    if (this.#phase !== 'live' || this.#end?.why === 'rejected') return false;
    if (this.#end === undefined) return true;
    return !this.#hasStopped(this.#parts.view.observed(this.#pod.metadata.uid ?? ''));
  }

  /** Nothing of the pod is left on the node, nor its object. */
  get isOver(): boolean {
    return this.#phase === 'left' && this.#isGone;
  }

  /** The object has changed. */
  update(pod: Readonly<Pod>): void {
    const old = this.#pod;
    this.#resize.want(pod);
    this.#pod = this.#resize.granted;
    this.#writer.saw(pod);
    for (const container of containersOf(pod)) {
      const before = containerNamed(old, container.name);
      const isChanged = before !== undefined && containerHash(before) !== containerHash(container);
      if (isChanged) this.#memory.failures.delete(container.name);
    }
    this.#parts.volumes.podChanged(this.#pod);
    this.#takeDeletion();
    this.wake();
  }

  /** Resources that the node had no room for. */
  get resizeIsDeferred(): boolean {
    return this.#resize.isDeferred && this.#phase === 'live';
  }

  /** The object is gone. If that was not our doing, someone forced it: what runs is ended within a moment. */
  removed(): void {
    this.#isGone = true;
    this.#steps.askNoMore();
    this.#writer.stop();
    this.#beginEnd('deleted', forcedGraceMs);
    this.#deletion.resolve();
    this.wake();
  }

  /** The node may have room now. */
  retryResize(): void {
    this.#resize.want(this.#writer.pod);
    this.#pod = this.#resize.granted;
    if (!this.#resize.isDeferred) this.wake();
  }

  /** Ends a pod that takes what it may not, soon, and one that was deleted sooner; others that end go their way. */
  evict(message: string, disruption?: string): void {
    const why = this.#end?.why ?? 'evicted';
    if ((this.#end !== undefined && why !== 'deleted') || this.#verdict !== undefined || !this.isActive) return;
    this.#verdict = { reason: 'Evicted', message, ...(disruption && { disruption }) };
    this.#parts.events.record(this.#pod, 'Warning', 'Evicted', message);
    this.#beginEnd(why, evictedGraceMs);
    this.wake();
  }

  /** Something that the plan depends on has changed. */
  wake(): void {
    if (this.#woken || this.#phase !== 'live') return;
    this.#woken = true;
    void Promise.resolve().then(() => {
      this.#woken = false;
      if (!this.#parts.signal.aborted && this.#phase === 'live') this.#turn();
    });
  }

  /** A volume that could not be set up may be had now. */
  retryPrepare(): void {
    this.#memory.prepareAgainAt = 0;
    this.wake();
  }

  /** Lets go of timers and watches; the containers stay. */
  stop(): void {
    this.#timer?.cancel();
    this.#steps.askNoMore();
    this.#writer.stop();
    for (const followed of this.#followed.splice(0)) followed[Symbol.dispose]();
  }

  #turn(): void {
    const { clock, view, probes } = this.#parts;
    const observed = view.observed(this.#pod.metadata.uid ?? '');
    this.#memory.noteEnds(observed);
    this.#checkDeadline();
    probes.update(this.#pod, observed, this.#podIp(observed), this.#end !== undefined);
    let plan = planPod(this.#situation(observed));
    if (plan.outcome === 'completed') {
      this.#beginEnd('completed', this.#graceMs());
      plan = planPod(this.#situation(observed));
    }
    this.#resize.look(observed);
    this.#report(observed);
    for (const step of plan.steps) this.#steps.take(step, observed);
    this.#timer?.cancel();
    const wakeAt = Math.min(plan.wakeAt ?? Infinity, this.#activeUntil() ?? Infinity);
    if (wakeAt < Infinity) this.#timer = clock.setTimer(Math.max(0, wakeAt - clock.now()), () => this.wake());
    if (plan.outcome === 'ended') this.#leave();
  }

  #situation(observed: ObservedPod): PodSituation {
    const { backoffs, failures, toldBackOffs, kills, replaced, busy } = this.#memory;
    const { prepared, mayHaveSandbox, prepareAgainAt, sandboxAgainAt } = this.#memory;
    return {
      pod: this.#pod,
      observed,
      now: this.#parts.clock.now(),
      prepared,
      mayHaveSandbox,
      prepareAgainAt,
      sandboxAgainAt,
      end: this.#end,
      health: (id) => this.#parts.probes.health(id),
      actual: (id) => this.#resize.actual(id),
      resizeIsDue: prepared && this.#resize.isDue(observed),
      backoffs,
      failures,
      toldBackOffs,
      kills,
      replaced,
      busy,
    };
  }

  #report(observed: ObservedPod): void {
    if (this.#isGone || this.#isFinal || this.#isTold(observed)) return;
    const { clock, node, probes, runtimeName } = this.#parts;
    const { failures } = this.#memory;
    this.#writer.want(
      podStatus({
        pod: this.#shown(),
        observed: this.#memory.withoutUntoldFailures(observed),
        failures,
        health: (id) => probes.health(id),
        actual: (id) => this.#resize.actual(id),
        resize: this.#resize.findings,
        end: this.#end,
        runtimeName,
        now: clock.now(),
        acceptedAt: this.#acceptedAt,
        ended: this.#hasStopped(observed),
        verdict: this.#verdict,
        hostIps: node.hostIps,
      }),
    );
  }

  /** The object as it was seen last, with the resources that the node has granted. */
  #shown(): Readonly<Pod> {
    const { pod } = this.#writer;
    const isGranted = pod.metadata.generation === this.#pod.metadata.generation && !this.#resize.isDeferred;
    return isGranted ? pod : withResourcesOf(pod, this.#pod);
  }

  /**
   * Whether the same was wanted at the last turn already, as it is when a step has ended that shows in nothing. Where
   * starts fail or probes ask, nothing is taken for the same.
   */
  #isTold(observed: ObservedPod): boolean {
    const { failures, busy } = this.#memory;
    const isPlain =
      failures.size === 0 && observed.containers.every(({ id }) => this.#parts.probes.health(id) === noProbes);
    const told = this.#told;
    const { findings } = this.#resize;
    const parts = [this.#writer.pod, observed, this.#end, this.#verdict, busy.has('start'), findings];
    this.#told = isPlain ? parts : undefined;
    return isPlain && told !== undefined && parts.every((part, at) => part === told[at]);
  }

  /**
   * All that ran has ended and nothing will start: the status says so, and others may come, though remains are still
   * removed.
   */
  #hasStopped(observed: ObservedPod): boolean {
    return this.#end !== undefined && !this.#memory.busy.has('start') && !observed.containers.some(isRunning);
  }

  #takeDeletion(): void {
    const { deletionTimestamp, deletionGracePeriodSeconds } = this.#pod.metadata;
    if (deletionTimestamp === undefined) return;
    this.#beginEnd('deleted', Math.max(1, deletionGracePeriodSeconds ?? 30) * 1000);
    this.#deletion.resolve();
  }

  /** A rejected pod stays rejected; of several grace periods the one that is over first counts. */
  #beginEnd(why: PodEnd['why'], graceMs: number): void {
    if (this.#end === undefined) this.#steps.startNoMore();
    const deadline = Math.min(this.#parts.clock.now() + graceMs, this.#end?.deadline ?? Infinity);
    this.#end = { why: this.#end?.why === 'rejected' ? 'rejected' : why, deadline };
  }

  #checkDeadline(): void {
    const at = this.#activeUntil();
    if (at === undefined || at > this.#parts.clock.now()) return;
    this.#verdict = deadlineVerdict;
    this.#parts.events.record(this.#pod, 'Normal', deadlineVerdict.reason, deadlineVerdict.message);
    this.#beginEnd('deadline', this.#graceMs());
  }

  /** When the pod will have been active for too long; `undefined` for one that may stay, and for one that ends. */
  #activeUntil(): number | undefined {
    const seconds = this.#pod.spec.activeDeadlineSeconds;
    if (seconds === undefined || this.#end !== undefined) return undefined;
    return (parseTime(this.#pod.status?.startTime) ?? this.#acceptedAt) + seconds * 1000;
  }

  #graceMs(): number {
    return (this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  #podIp({ sandboxes }: ObservedPod): string {
    const ips = this.#pod.spec.hostNetwork === true ? this.#parts.node.hostIps : (sandboxes[0]?.ips ?? []);
    return ips[0] ?? '';
  }

  /** A start that waits for a ConfigMap or Secret is tried again when that changes. */
  #followReferences(): void {
    const retry = () => {
      this.#memory.retryConfiguration();
      this.wake();
    };
    this.#followed.push(...followReferences(this.#parts.objects, this.#pod, retry));
  }

  #leave(): void {
    this.#phase = 'leaving';
    for (const followed of this.#followed.splice(0)) followed[Symbol.dispose]();
    const cleanedUp = cleanUpTerminatedPod(this.#parts, {
      pod: () => this.#pod,
      deleted: this.#deletion.promise,
      isGone: () => this.#isGone,
      statusWritten: () => this.#writer.settled(),
    });
    cleanedUp.then(
      () => {
        this.#phase = 'left';
        this.stop();
        this.#parts.over(this.#pod.metadata.uid ?? '');
      },
      () => undefined, // the kubelet stops: the next one goes on
    );
  }
}
