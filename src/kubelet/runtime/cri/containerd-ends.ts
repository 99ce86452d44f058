import { decode } from './codec.ts';
import type { CriConnection } from './connection.ts';
import { subscribe } from './methods.ts';

/**
 * containerd's Kubernetes side deletes a task that has ended, and notes the end right behind that. The event of the exit
 * itself comes earlier by all the time that the deletion takes.
 */
const filter = 'namespace=="k8s.io",topic=="/tasks/delete"';

/**
 * The containers and sandboxes of whose end containerd's own event service tells. CRI has events only in containerd 1.7 and
 * later; these are in all.
 */
export async function* containerdEnds(connection: CriConnection, signal: AbortSignal): AsyncIterable<string> {
  for await (const { event } of connection.stream(subscribe, { filters: [filter] }, { signal })) {
    if (event === null) continue;
    const { containerId, id } = decode('TaskDelete', event.value);
    if (id === '' || id === containerId) yield containerId; // others were executed in a container
  }
}
