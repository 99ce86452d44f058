import { PersistentVolumeClaims } from '../api/core/v1/types.ts';
import { ResourceClaims } from '../api/resource/v1/types.ts';
import { PodDisruptionBudgets } from '../api/policy/v1/types.ts';
import { isStatus } from '../apimachinery/status.ts';
import { abortable, onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createInformerFactory, type InformerFactory } from '../client/informer-factory.ts';
import type { EventRecorder } from '../reconciler/event-recorder.ts';
import { createEventRecorder } from '../reconciler/event-writer.ts';
import { ApiWrites } from './api-writes.ts';
import { ClusterWatch } from './cluster-watch.ts';
import { DeviceBinding, type DeviceParts } from './device-binding.ts';
import { DeviceWrites } from './device-writes.ts';
import { claimsOfPod, claimToRelease, isFreeFor, mayWantDevices, podDevices } from './devices/pod-devices.ts';
import { ClusterState } from './framework/cluster-state.ts';
import { fitMessage, fitMessageWithPreemption } from './framework/fit-message.ts';
import { LocalVerdicts } from './framework/local-verdicts.ts';
import { place, type Diagnosis } from './framework/placement.ts';
import type { ClusterChange, SchedulerPlugin } from './framework/plugin.ts';
import type { NodeInfo } from './framework/node-info.ts';
import type { PodInfo } from './framework/pod-info.ts';
import { claimsOf, planVolumes, type VolumePlan } from './framework/pod-volumes.ts';
import { signatureOf } from './framework/pod-signature.ts';
import { preempt } from './framework/preemption.ts';
import type { Ranking } from './framework/ranking.ts';
import { LastSignatures } from './last-signatures.ts';
import { Nominations } from './nominations.ts';
import { defaultPlugins } from './plugins/default-plugins.ts';
import { VolumeWrites } from './volume-writes.ts';
import { hasGates, SchedulingQueue, type QueuedPod } from './queue/scheduling-queue.ts';

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Shared informers (default: its own). */
  readonly informers?: InformerFactory;
  /** Which pods are its own, by `spec.schedulerName`, and the source of its events (default `default-scheduler`). */
  readonly name?: string;
  readonly plugins?: readonly SchedulerPlugin[];
  /** Hears of each event that could not be written. */
  readonly onEventDropped?: (component: string) => void;
}

interface Rejected {
  readonly rejectedBy: ReadonlySet<string>;
  readonly message: string;
}

/** What was found for pods of one signature. `version`: of the state that it holds for. */
type Found = { version: number } & (
  | { readonly kind: 'placed'; readonly ranking: Ranking }
  | ({ readonly kind: 'rejected' } & Rejected)
);

/** Bindings that may be under way at once. */
const mostBindings = 256;
/** After so many pods in a row, or so much time, others get a turn of the event loop. */
const longestRun = { pods: 64, ms: 4, withoutRestMs: 50 };

/** Finds a node for every pod that has none, until the signal aborts; resolves when everything has stopped. */
export async function startScheduler(options: SchedulerOptions): Promise<void> {
  const { signal, log } = options;
  const scheduler = new Scheduler(options);
  try {
    await scheduler.run();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  log.debug('Scheduler stopped');
}

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #plugins: readonly SchedulerPlugin[];
  readonly #informers: InformerFactory;
  readonly #events: EventRecorder;
  readonly #writes: ApiWrites;
  readonly #volumes: VolumeWrites;
  readonly #devices: DeviceParts;
  readonly #state = new ClusterState();
  readonly #nominations = new Nominations();
  readonly #queue: SchedulingQueue;
  readonly #watch: ClusterWatch;
  /** Requests to the API server under way. */
  readonly #underWay = new Set<Promise<void>>();
  #whenOneIsOver: () => void = () => undefined;
  /** Pods that wait for volumes: those may take minutes, and hold nobody up. */
  readonly #waiting = new Set<Promise<void>>();
  /** What was found for the last signatures: a pod of the same needs no search of its own as long as that holds. */
  readonly #found = new LastSignatures<Found>();
  /** What is known of nodes, each by itself, for the same signatures. */
  readonly #local = new LastSignatures<LocalVerdicts>();
  /** Where in the list of nodes the next search begins. */
  #startAt = 0;

  constructor(options: SchedulerOptions) {
    const { client, clock, random, log, signal, name = 'default-scheduler' } = options;
    this.#options = options;
    this.#plugins = options.plugins ?? defaultPlugins;
    this.#informers = options.informers ?? createInformerFactory(client, { clock, random, log, signal });
    const { onEventDropped: onDropped } = options;
    this.#events = createEventRecorder({ client, component: name, clock, random, log, signal, onDropped });
    this.#writes = new ApiWrites({ client, clock, name });
    const claims = this.#informers.informer(PersistentVolumeClaims);
    this.#volumes = new VolumeWrites({ client, clock, signal, name, claims });
    const devices = { client, clock, signal, name, claims: this.#informers.informer(ResourceClaims) };
    const writes = new DeviceWrites(devices);
    this.#devices = { devices: this.#state.devices, writes, events: this.#events, random };
    this.#queue = new SchedulingQueue({
      clock,
      mayHelp: (queued, change) => this.#mayHelp(queued, change),
      isGated: (pod) => hasGates(pod) || typeof claimsOfPod(pod, this.#state.devices) === 'string',
    });
    this.#watch = new ClusterWatch({
      informers: this.#informers,
      schedulerName: name,
      state: this.#state,
      queue: this.#queue,
      nominations: this.#nominations,
    });
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const forget = onAbort(signal, () => this.#queue.close());
    try {
      this.#informers.informer(PodDisruptionBudgets);
      await abortable(this.#watch.start(), signal);
      await this.#scheduleAll();
    } finally {
      forget();
      this.#watch.stop();
      this.#queue.close();
      await Promise.allSettled([...this.#underWay, ...this.#waiting]);
    }
  }

  async #scheduleAll(): Promise<void> {
    const { clock } = this.#options;
    let pods = 0;
    let since = clock.monotonic();
    for (;;) {
      const queued = await this.#queue.take();
      if (queued === undefined) return;
      const began = clock.monotonic();
      this.#schedule(queued);
      // One that took long has held everybody up, and a row of such pods must not be all that happens.
      const took = clock.monotonic() - began;
      if (took >= longestRun.withoutRestMs) await clock.sleep(took);
      while (this.#underWay.size >= mostBindings) await new Promise<void>((resolve) => (this.#whenOneIsOver = resolve));
      if (++pods < longestRun.pods && clock.monotonic() - since < longestRun.ms) continue;
      await clock.sleep(0);
      pods = 0;
      since = clock.monotonic();
    }
  }

  /** One scheduling cycle. Nothing else happens during it. */
  #schedule(queued: QueuedPod): void {
    const { log } = this.#options;
    const { pod } = queued;
    try {
      const isAlone = this.#nominations.size > 0 || mayWantDevices(pod, this.#state.devices);
      const signature = isAlone ? undefined : signatureOf(pod);
      const found = signature === undefined ? undefined : this.#found.get(signature);
      if (found === undefined || !this.#repeat(queued, found)) this.#search(queued, signature);
    } catch (error) {
      log.error('Cannot schedule a pod', { pod: pod.key, error });
      this.#fail(queued, error as Error);
    }
  }

  /** Does with the pod as with the last one that was equal; false if that needs a search. */
  #repeat(queued: QueuedPod, found: Found): boolean {
    const { log } = this.#state;
    if (found.kind === 'rejected') {
      if (found.version !== log.version) return false;
      this.#rejectAs(queued, found);
      return true;
    }
    const taken = log.takenSince(found.version);
    // A search may find nothing to remember in its place, so what is too old has to stay so.
    if (taken === undefined) return false;
    found.version = log.version;
    const node = found.ranking.next(queued.pod, taken, this.#options.random);
    if (node !== undefined) this.#bind(queued, node);
    return node !== undefined;
  }

  #search(queued: QueuedPod, signature: string | undefined): void {
    const { random } = this.#options;
    const nominated = this.#nominations.size > 0 ? { nominated: this.#nominations.on } : {};
    const local = signature === undefined ? {} : { local: this.#localVerdicts(signature) };
    const options = { plugins: this.#plugins, random, startAt: this.#startAt, ...nominated, ...local };
    const { placement, looked, ranking } = place(queued.pod, this.#state, options);
    if (this.#state.nodes.length > 0) this.#startAt = (this.#startAt + looked) % this.#state.nodes.length;
    if (!placement.fits) return this.#reject(queued, placement, signature);
    if (ranking !== undefined) this.#remember(signature, { kind: 'placed', version: this.#state.log.version, ranking });
    this.#bind(queued, placement.node);
  }

  #remember(signature: string | undefined, found: Found): void {
    if (signature !== undefined) this.#found.set(signature, found);
  }

  #localVerdicts(signature: string): LocalVerdicts {
    const verdicts = this.#local.get(signature) ?? new LocalVerdicts();
    this.#local.set(signature, verdicts);
    return verdicts;
  }

  #bind(queued: QueuedPod, node: NodeInfo): void {
    const { pod } = queued;
    const { name: nodeName } = node;
    const volumes = this.#planVolumes(pod, node);
    const devices = DeviceBinding.of(this.#devices, pod, node);
    this.#watch.assume(pod, nodeName);
    const work = async (): Promise<void> => {
      try {
        if (volumes !== undefined) await this.#giveVolumes(pod, volumes, nodeName);
        if (devices !== undefined) await giveDevices(devices);
        await this.#writes.bind(pod, nodeName);
      } catch (error) {
        if (devices !== undefined) await this.#undo(devices);
        this.#watch.forget(pod);
        if (isStatus(error, 'NotFound')) return;
        if (!this.#options.signal.aborted)
          this.#fail(queued, error instanceof PreBindError ? error : bindingFailed(error as Error));
        return;
      }
      const { namespace, name } = pod.pod.metadata;
      const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
      this.#events.record(pod.pod, 'Normal', 'Scheduled', message, { action: 'Binding' });
    };
    this.#start(work, volumes === undefined && devices === undefined ? this.#underWay : this.#waiting);
  }

  async #undo(devices: DeviceBinding): Promise<void> {
    try {
      await devices.undo();
    } catch (error) {
      // The claims' own controller takes them back when the pod goes.
      if (!this.#options.signal.aborted) this.#options.log.warn('Cannot take back claims of devices', { error });
    }
  }

  /** What is to be done so that the pod has its volumes; `undefined`: nothing. What it takes is nobody else's from now on. */
  #planVolumes(pod: PodInfo, node: NodeInfo): VolumePlan | undefined {
    if (pod.claims.length === 0) return undefined;
    const { storage } = this.#state;
    const claims = claimsOf(pod, storage);
    const plan = typeof claims === 'string' ? undefined : planVolumes(claims, node, storage);
    if (plan === undefined || !('bind' in plan) || (plan.bind.length === 0 && plan.provision.length === 0))
      return undefined;
    for (const { volume } of plan.bind) storage.promise(volume.metadata.name);
    return plan;
  }

  async #giveVolumes(pod: PodInfo, plan: VolumePlan, nodeName: string): Promise<void> {
    try {
      await this.#volumes.carryOut(pod, plan, nodeName);
    } catch (error) {
      const text = `running PreBind plugin "VolumeBinding": binding volumes: ${(error as Error).message}`;
      throw new PreBindError(text, { cause: error });
    } finally {
      for (const { volume } of plan.bind) this.#state.storage.unpromise(volume.metadata.name);
    }
  }

  #reject(queued: QueuedPod, diagnosis: Diagnosis, signature: string | undefined): void {
    const { random } = this.#options;
    const { pod } = queued;
    const budgets = this.#informers.informer(PodDisruptionBudgets).list();
    const nominations = this.#nominations;
    const options = { plugins: this.#plugins, random, budgets, nominated: nominations.on };
    const preemption = preempt(pod, diagnosis, this.#state, options);
    let nominated: string | undefined;
    if (preemption.helps) {
      nominated = preemption.node.name;
      const lesser = nominations.on(preemption.node).filter((other) => other.priority < pod.priority);
      nominations.set(pod, nominated);
      for (const other of lesser) this.#takeBack(other);
      this.#evict(pod, preemption.victims, nominated);
    } else if (preemption.isWaiting) nominated = pod.pod.status?.nominatedNodeName;
    else this.#watch.withdraw(pod.key);

    const message = preemption.helps
      ? fitMessage(diagnosis)
      : fitMessageWithPreemption(diagnosis, preemption.message, this.#releaseDevices(pod, diagnosis));
    const { rejectedBy } = diagnosis;
    if (nominated === undefined)
      this.#remember(signature, { kind: 'rejected', version: this.#state.log.version, rejectedBy, message });
    this.#rejectAs(queued, { rejectedBy, message }, nominated);
  }

  /** Takes devices from a claim of the pod where they are what keeps it from all nodes; answers what was done. */
  #releaseDevices(pod: PodInfo, { always, byNode }: Diagnosis): string {
    const nothing = 'no new claims to deallocate';
    if (!mayWantDevices(pod, this.#state.devices) || always !== undefined) return nothing;
    const found = podDevices(pod, this.#state.devices);
    if (typeof found === 'string') return nothing;
    const { stale } = found;
    if (stale !== undefined) {
      // Whoever makes claims can make one that looks like this, and have others use it.
      if (!isFreeFor(stale, pod)) return 'still not schedulable';
      this.#start(() => this.#devices.writes.remove(pod, stale));
      return 'deletion of ResourceClaim completed';
    }
    const claim = claimToRelease(pod, found, [...byNode.keys()]);
    if (claim === undefined) return 'still not schedulable';
    this.#start(() => this.#devices.writes.release(pod, claim));
    return 'deallocation of ResourceClaim completed';
  }

  #rejectAs(queued: QueuedPod, { rejectedBy, message }: Rejected, nominated?: string): void {
    this.#queue.rejected(queued, rejectedBy);
    this.#report(queued.pod, 'Unschedulable', message, nominated);
  }

  /** The room that was kept for a pod goes to a more important one. */
  #takeBack(pod: PodInfo): void {
    this.#nominations.delete(pod.key);
    this.#start(() => this.#writes.clearNomination(pod));
  }

  #evict(preemptor: PodInfo, victims: readonly PodInfo[], nodeName: string): void {
    for (const victim of victims)
      this.#start(async () => {
        await this.#writes.evict(victim);
        const message = `Preempted by pod ${preemptor.uid} on node ${nodeName}`;
        this.#events.record(victim.pod, 'Normal', 'Preempted', message, {
          action: 'Preempting',
          related: preemptor.pod,
        });
      });
  }

  /** Something went wrong that is nobody's fit: it is tried again a little later. */
  #fail(queued: QueuedPod, error: Error): void {
    this.#queue.failed(queued);
    this.#report(queued.pod, 'SchedulerError', error.message, queued.pod.pod.status?.nominatedNodeName);
  }

  #report(pod: PodInfo, reason: string, message: string, nominated: string | undefined): void {
    this.#events.record(pod.pod, 'Warning', 'FailedScheduling', message, { action: 'Scheduling' });
    this.#start(() => this.#writes.noteUnscheduled(pod, reason, message, nominated));
  }

  #mayHelp({ pod, rejectedBy }: QueuedPod, change: ClusterChange): boolean {
    if (rejectedBy.size === 0) return true;
    return this.#plugins.some(
      (plugin) =>
        rejectedBy.has(plugin.name) &&
        plugin.retryOn.includes(change.type) &&
        (plugin.mayHelp?.(pod, change, this.#state) ?? true),
    );
  }

  #start(work: () => Promise<void>, among = this.#underWay): void {
    const { log, signal } = this.#options;
    const task = work()
      .catch((error: unknown) => {
        if (!signal.aborted) log.warn('A request of the scheduler failed', { error });
      })
      .finally(() => {
        among.delete(task);
        this.#whenOneIsOver();
      });
    among.add(task);
  }
}

/** The pod could not get what it needs before it is bound. */
class PreBindError extends Error {
  override readonly name = 'PreBindError';
}

async function giveDevices(devices: DeviceBinding): Promise<void> {
  try {
    await devices.carryOut();
  } catch (error) {
    throw new PreBindError(`running PreBind plugin "DynamicResources": ${(error as Error).message}`, { cause: error });
  }
}

function bindingFailed(error: Error): Error {
  return new Error(`binding rejected: running Bind plugin "DefaultBinder": ${error.message}`, { cause: error });
}
