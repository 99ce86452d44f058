import type { Pod } from '../../api/core/v1/types.ts';
import { abortable, deadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { podText } from './pod-containers.ts';

/**
 * Asks whether a deleted pod is out of everybody's routes; resolves when it is, or when `timeoutMs` is over. What the
 * answer says is for the log. Rejects when nobody can be asked.
 */
export type AskEndpointsRemoved = (
  pod: Readonly<Pod>,
  timeoutMs: number,
  signal: AbortSignal,
) => Promise<{ readonly outcome: string }>;

const longestMs = 2000;
/**
 * How long clients that connected at the last moment have to send their request: servers that end close connections on
 * which nothing has come.
 */
const firstRequestMs = 200;
/** What of its time the question spends on its way. */
const wayMs = 100;
const stillUsed = 'a pod ends whose endpoints may still be in use';

/** How long the containers of a pod may be left without SIGTERM after its deletion: never more than half of their time. */
export function removalBoundMs(graceMs: number): number {
  return Math.min(longestMs, graceMs / 2);
}

/**
 * Resolves when the containers of a deleted pod may get SIGTERM: nobody sends new connections to it any more, and the last
 * ones have had a moment; or the time for that is over. A failure to learn it is no reason to wait.
 */
export async function endpointsRemoved(
  { ask, clock, log }: { ask: AskEndpointsRemoved; clock: Clock; log: Logger },
  pod: Readonly<Pod>,
  boundMs: number,
  signal: AbortSignal,
): Promise<void> {
  using limit = deadline(clock, boundMs, signal);
  try {
    const answer = await abortable(ask(pod, Math.max(0, boundMs - wayMs), limit.signal), limit.signal);
    if (answer.outcome === 'timed out') log.info(stillUsed, { pod: podText(pod), ...answer });
    if (answer.outcome === 'removed') await clock.sleep(firstRequestMs, limit.signal).catch(() => undefined);
  } catch (error) {
    if (!signal.aborted) log.info(stillUsed, { pod: podText(pod), error: String(error) });
  }
}

/** Asks an API server. `read` GETs a path that is no resource. */
export function askApiServer(read: (path: string, signal: AbortSignal) => Promise<string>): AskEndpointsRemoved {
  return async ({ metadata: { namespace = '', name, uid = '' } }, timeoutMs, signal) => {
    const query = new URLSearchParams({ uid, timeoutSeconds: String(timeoutMs / 1000) });
    const path = `/kubeling/v1/namespaces/${namespace}/pods/${name}/endpoints-removed?${query}`;
    return JSON.parse(await read(path, signal)) as { outcome: string };
  };
}
