import type { Pod } from '../../api/core/v1/types.ts';

/** When a container of the pod last ended and was started again: what RESTARTS says "ago" of. */
export function lastRestart({ status = {} }: Readonly<Pod>): string | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = status;
  const times = [...initContainerStatuses, ...containerStatuses].flatMap(
    ({ lastState }) => lastState?.terminated?.finishedAt ?? [],
  );
  return times.sort().at(-1);
}
