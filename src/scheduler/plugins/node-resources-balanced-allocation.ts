import { bestScore, type SchedulerPlugin, type ScoreStage } from '../framework/plugin.ts';

/** Prefers nodes whose cpu and memory would be used to a like share, so that neither is left over without the other. */
export const nodeResourcesBalancedAllocation: SchedulerPlugin = {
  name: 'NodeResourcesBalancedAllocation',
  retryOn: [],
  score: {
    weight: 1,
    prepare({ requests }) {
      const cpu = requests.get('cpu') ?? 0;
      const memory = requests.get('memory') ?? 0;
      return cpu === 0 && memory === 0 ? undefined : { cpu, memory };
    },
    score({ cpu, memory }, { allocatable, requested }) {
      const cores = share(allocatable.get('cpu') ?? 0, (requested.get('cpu') ?? 0) + cpu);
      const bytes = share(allocatable.get('memory') ?? 0, (requested.get('memory') ?? 0) + memory);
      const difference = cores === undefined || bytes === undefined ? 0 : Math.abs(cores - bytes) / 2;
      return Math.floor((1 - difference) * bestScore);
    },
  } satisfies ScoreStage<{ readonly cpu: number; readonly memory: number }>,
};

function share(allocatable: number, requested: number): number | undefined {
  return allocatable === 0 ? undefined : Math.min(1, requested / allocatable);
}
