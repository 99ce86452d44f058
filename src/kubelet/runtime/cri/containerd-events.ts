import { AsyncQueue } from '../../../base/async-queue.ts';
import type { Clock } from '../../../base/clock.ts';
import type { ContainerRuntime, LifecycleEvent } from '../runtime.ts';
import { decode } from './codec.ts';
import type { CriConnection } from './connection.ts';
import type { Received } from './messages.ts';
import { subscribe } from './methods.ts';

const namespace = 'k8s.io';
const topics = { start: '/tasks/start', exit: '/tasks/exit' } as const;
/** containerd's Kubernetes side hears of an end at the same time as we do, and notes it a little later. */
const settleMs = 10;
const mostLooks = 200;

/** The parts of a runtime that tell how a container or sandbox is. */
type Statuses = Pick<ContainerRuntime, 'containerStatus' | 'sandboxStatus'>;

/**
 * What containerd's own event service tells of the tasks of containers and sandboxes. CRI has events only in containerd
 * 1.7 and later; these are in all. Each is passed on when CRI shows it too.
 */
export async function* containerdEvents(
  connection: CriConnection,
  statuses: Statuses,
  clock: Clock,
  signal: AbortSignal,
): AsyncIterable<LifecycleEvent> {
  const filters = Object.values(topics).map((topic) => `namespace=="${namespace}",topic=="${topic}"`);
  const events = new AsyncQueue<LifecycleEvent>();
  const follow = async (): Promise<void> => {
    for await (const envelope of connection.stream(subscribe, { filters }, { signal })) {
      const found = taskOf(envelope);
      if (found === undefined) continue;
      const told = describe(statuses, clock, signal, found).then((event) => event !== undefined && events.push(event));
      told.catch((error: unknown) => events.close(error));
    }
  };
  follow().then(
    () => events.close(),
    (error: unknown) => events.close(error),
  );
  yield* events;
}

/** Whose start or end an event is; `undefined` for processes that were executed in a container. */
function taskOf({
  topic,
  event,
}: Received<'Envelope'>): { readonly id: string; readonly kind: 'started' | 'stopped' } | undefined {
  if (event === null) return undefined;
  if (topic === topics.start) return { id: decode('TaskStart', event.value).containerId, kind: 'started' };
  const { containerId, id } = decode('TaskExit', event.value);
  return topic === topics.exit && id === containerId ? { id, kind: 'stopped' } : undefined;
}

/** The event, once CRI shows what it says; `undefined` when what it is about is gone already. */
async function describe(
  statuses: Statuses,
  clock: Clock,
  signal: AbortSignal,
  { id, kind }: { readonly id: string; readonly kind: 'started' | 'stopped' },
): Promise<LifecycleEvent | undefined> {
  for (let look = 0; look < mostLooks && !signal.aborted; look++) {
    const container = await statuses.containerStatus(id);
    const sandbox = container === undefined ? await statuses.sandboxStatus(id) : undefined;
    const runs = container === undefined ? sandbox?.ready : container.state === 'running';
    const isPast = container?.state !== 'created';
    if (isPast && (kind === 'stopped' ? runs === false : runs !== undefined))
      return { containerId: id, kind, ...(sandbox === undefined ? {} : { isSandbox: true }) };
    // A new sandbox is not shown before it is ready; one that was removed never again.
    if (runs === undefined && kind === 'stopped') return undefined;
    await clock.sleep(settleMs, signal).catch(() => {});
  }
  return undefined;
}
