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
    score(pod, { cpu, memory }) {
      const cores = share(cpu.allocatable, cpu.requested + pod.cpu);
      const bytes = share(memory.allocatable, memory.requested + pod.memory);
      const difference = cores === undefined || bytes === undefined ? 0 : Math.abs(cores - bytes) / 2;
      return Math.floor((1 - difference) * bestScore);
    },
  } satisfies ScoreStage<{ readonly cpu: number; readonly memory: number }>,
};

function share(allocatable: number, requested: number): number | undefined {
  return allocatable === 0 ? undefined : Math.min(1, requested / allocatable);
}
