import { controllerOf, keyFromText, keyText, type KubeObject, type ObjectKey } from '../apimachinery/object.ts';
import { groupResourceOf, type ResourceType } from '../apimachinery/resource-type.ts';
import { isStatus } from '../apimachinery/status.ts';
import { abortable, onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import { CacheReader, ClusterView, refersTo, type Kind, type Surroundings } from './cluster-view.ts';
import { ChangingKinds } from './changing-kinds.ts';
import { TerminalError, type Controller, type Watch } from './controller.ts';
import { createEventRecorder } from './event-writer.ts';
import { OwnWrites } from './own-writes.ts';
import { Pace } from './pace.ts';
import { WorkQueue } from './work-queue.ts';

export interface ControllersOptions {
  /** The client of each controller, by the service account whose rights it needs. */
  readonly client: Client | ((identity: string) => Client);
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Stops all controllers. */
  readonly signal: AbortSignal;
  /** Name in managed fields (default `kube-controller-manager`). */
  readonly fieldManager?: string;
  /** Hears of each event that a component could not write. */
  readonly onEventDropped?: (component: string) => void;
  /** The node that a controller runs on; stands in the source of its events. */
  readonly host?: string;
}

export interface RunningControllers {
  /** All caches have their first list and work has begun. Never resolves if stopped before. */
  readonly started: Promise<void>;
  /** No reconcile call is under way any more. */
  readonly stopped: Promise<void>;
}

/**
 * Runs controllers until the signal aborts; the informers, which others may share, go on. A key that wrote something is held back until the caches show it, so a
 * reconcile call never sees a state older than its predecessor's writes.
 */
export function startControllers(controllers: readonly Controller[], options: ControllersOptions): RunningControllers {
  const running = controllers.map((controller) => startOne(controller, options));
  return {
    started: Promise.all(running.map(({ started }) => started)).then(() => undefined),
    stopped: Promise.all(running.map(({ stopped }) => stopped)).then(() => undefined),
  };
}

function startOne(controller: Controller, options: ControllersOptions): RunningControllers {
  const { informers, clock, random, signal, fieldManager = 'kube-controller-manager', host } = options;
  const log = options.log.with({ controller: controller.name });
  const client =
    typeof options.client === 'function' ? options.client(controller.identity ?? controller.name) : options.client;
  const kinds = new Map<string, Kind>();
  const queue = new WorkQueue(clock, { pace: controller.paced === true ? new Pace(clock) : undefined });
  const started = Promise.withResolvers<void>();
  const { onEventDropped: onDropped } = options;
  const sources = { clock, random, log, signal };
  const events = createEventRecorder({ ...sources, client, component: controller.name, host, onDropped });
  const failures = new Map<string, string>();
  const around: Surroundings = {
    controller,
    client,
    clock,
    random,
    log,
    signal,
    events,
    fieldManager,
    kinds,
    failures,
  };

  for (const type of kindsOf(controller)) {
    const informer = informers.informer(type);
    const resource = groupResourceOf(type);
    kinds.set(resource, { informer, writes: new OwnWrites({ informer, resource, clock, log, signal }) });
  }
  const subscribeTo = subscribe(around, queue);
  const changing =
    controller.changingWatches && new ChangingKinds(controller.changingWatches, around, kinds, informers, subscribeTo);
  onAbort(signal, () => queue.close());

  const run = async (): Promise<void> => {
    try {
      await abortable(Promise.all(Array.from(kinds.values(), ({ informer }) => informer.synced())), signal);
    } catch {
      return;
    }
    started.resolve();
    await Promise.all(Array.from({ length: controller.concurrency ?? 1 }, () => work(around, queue, changing)));
    await events.flushed();
  };
  return { started: started.promise, stopped: run() };
}

function kindsOf({ for: own, owns = [], watches = [], reads = [] }: Controller): ResourceType[] {
  const types = [...(own ? [own] : []), ...owns, ...watches.map(({ type }) => type as ResourceType), ...reads];
  return [...new Map(types.map((type) => [groupResourceOf(type), type])).values()];
}

/** Lets every change of a declared kind wake the keys that it concerns. The answer does so for another kind. */
function subscribe(around: Surroundings, queue: WorkQueue): (watch: Watch, kind: Kind) => () => void {
  const { controller, kinds, log, signal } = around;
  const reader = new CacheReader(around);
  const wake = (keys: readonly ObjectKey[]): void => keys.forEach((key) => queue.add(keyText(key)));
  const whileRunning = (unsubscribe: () => void): void => void onAbort(signal, unsubscribe);
  const kindOf = (type: ResourceType): Kind => kinds.get(groupResourceOf(type))!;

  wake(controller.initially ?? []);
  controller.wokenBy?.(wake);
  const own = controller.for;
  if (own !== undefined) {
    whileRunning(kindOf(own).informer.onChange(({ object }) => wake([object.metadata])));
    for (const type of controller.owns ?? [])
      whileRunning(
        kindOf(type).informer.onChange((change) => {
          wake(ownerKeys(change.object, own));
          if (change.type === 'updated') wake(ownerKeys(change.old, own));
        }),
      );
  }
  const subscribeTo = ({ type, wakes }: Watch, { informer }: Kind): (() => void) =>
    informer.onChange((change) => {
      try {
        wake(wakes(change.object, reader, change.type === 'updated' ? change.old : undefined));
      } catch (error) {
        log.error('watch failed to say what it wakes', { resource: groupResourceOf(type), error: String(error) });
      }
    });
  for (const watch of controller.watches ?? []) whileRunning(subscribeTo(watch, kindOf(watch.type)));
  return subscribeTo;
}

function ownerKeys(object: Readonly<KubeObject>, type: ResourceType): ObjectKey[] {
  const owner = controllerOf(object);
  if (owner === undefined || !refersTo(owner, type)) return [];
  const { namespace } = object.metadata;
  return [type.namespaced && namespace !== undefined ? { namespace, name: owner.name } : { name: owner.name }];
}

/** One worker: takes keys until the queue closes. */
async function work(around: Surroundings, queue: WorkQueue, changing: ChangingKinds | undefined): Promise<void> {
  for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
    const syncing = changing?.synced();
    if (syncing !== undefined) await syncing;
    const cluster = new ClusterView(around, keyFromText(key));
    await reconcile(around, queue, key, cluster);
    // The worker goes on to other keys meanwhile.
    void cluster.caughtUp().then(() => queue.done(key!));
  }
}

async function reconcile(
  { controller, log, signal, failures }: Surroundings,
  queue: WorkQueue,
  key: string,
  cluster: ClusterView,
): Promise<void> {
  try {
    const outcome = await controller.reconcile(keyFromText(key), cluster);
    queue.forget(key);
    failures.delete(key);
    if (outcome.kind === 'again') queue.addAfter(key, outcome.afterMs);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof TerminalError) {
      queue.forget(key);
      failures.delete(key);
      log.error('reconcile failed for good', { key, error: String(error) });
      return;
    }
    const retryMs = queue.addFailed(key);
    // Losing a race is everyday business: the next attempt sees what won.
    if (isStatus(error, 'Conflict')) {
      log.debug('reconcile lost a race', { key, error: String(error), retryMs });
      return;
    }
    const text = String(error);
    log[failures.get(key) === text ? 'debug' : 'warn']('reconcile failed', { key, error: text, retryMs });
    failures.set(key, text);
  }
}
