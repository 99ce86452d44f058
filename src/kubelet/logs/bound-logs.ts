import { isAbsolute } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Kubelet } from '../kubelet.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { rotateLog } from './rotate-log.ts';

/** The stock kubelet's defaults (KubeletConfiguration v1beta1). */
const bounds = { mostBytes: 10 * 2 ** 20, mostFiles: 5 };
const lookEveryMs = 10_000;

export interface BoundLogsOptions {
  readonly kubelet: Pick<Kubelet, 'pods' | 'observed'>;
  readonly runtime: Pick<ContainerRuntime, 'reopenLog'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Keeps the logs of running containers bounded until `signal` aborts. */
export async function boundLogs({ kubelet, runtime, clock, log, signal }: BoundLogsOptions): Promise<void> {
  while (!signal.aborted) {
    for (const { metadata } of kubelet.pods())
      for (const { id, name, state, logPath } of kubelet.observed(metadata.uid ?? '').containers) {
        if (state !== 'running' || !isAbsolute(logPath)) continue;
        await rotateLog(logPath, bounds, clock.now(), () => runtime.reopenLog(id)).catch((error: unknown) =>
          log.warn('Log cannot be rotated', { pod: metadata.name, container: name, error: String(error) }),
        );
      }
    await clock.sleep(lookEveryMs, signal).catch(() => {});
  }
}
