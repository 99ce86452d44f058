import { parseArgs } from 'node:util';
import { profileInto } from './cost.ts';
import { schedulingCost, type SchedulingCase } from './scheduling.ts';
import { drainCost, idleShare, rolloutCost, startCost } from './cluster.ts';

/**
 * CPU of scheduling and of workloads, all in this process: API server over a store in memory, controllers, scheduler and
 * simulated nodes. `node test/bench/workloads/run.ts [--only WORD]… [--profile FOLDER]`: the latter leaves a CPU profile of each there
 */
const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [] }, profile: { type: 'string' } },
});

interface Measurement {
  readonly name: string;
  readonly unit: string;
  /** What it should cost at most. */
  readonly goal: number | undefined;
  measure(): Promise<number>;
}

const measurements: readonly Measurement[] = [
  scheduling({ sort: 'basic', nodes: 1000, pods: 3000 }, 0.2),
  scheduling({ sort: 'basic', nodes: 5000, pods: 5000 }, 0.2),
  scheduling({ sort: 'spreading', nodes: 5000, pods: 2000 }, 0.4),
  scheduling({ sort: 'affinity', nodes: 5000, pods: 2000 }, 0.4),
  scheduling({ sort: 'anti-affinity', nodes: 5000, pods: 2000 }, 0.4),
  scheduling({ sort: 'daemonset', nodes: 5000, pods: 5000 }, 0.4),
  scheduling({ sort: 'preemption', nodes: 1000, pods: 500 }, undefined),
  ...[100, 1000, 5000].map((nodes) => ({
    name: `start of ${nodes} simulated nodes`,
    unit: 'ms',
    goal: nodes === 5000 ? 10_000 : undefined,
    measure: () => startCost(nodes),
  })),
  ...[100, 1000, 5000].map((nodes) => ({
    name: `idle, ${nodes} simulated nodes`,
    unit: '% of a core',
    goal: nodes === 5000 ? 20 : undefined,
    measure: () => idleShare(nodes),
  })),
  ...[200, 1000].map((pods) => ({
    name: `Deployment of ${pods}, 100 nodes, until ready`,
    unit: 'ms/pod',
    goal: 1.5,
    measure: () => rolloutCost(100, pods),
  })),
  {
    name: 'drain of a node with 100 pods',
    unit: 'ms/pod',
    goal: undefined,
    measure: () => drainCost(100),
  },
];

// Timers of the system clock keep no process alive, this does.
new MessageChannel().port1.ref();

const width = 52;
process.stdout.write(`${'CPU OF'.padEnd(width)}${'MEASURED'.padStart(10)}  ${'GOAL'.padStart(8)}\n`);
for (const { name, unit, goal, measure } of measurements) {
  if (values.only.length > 0 && !values.only.some((word) => name.includes(word))) continue;
  if (values.profile !== undefined) profileInto(`${values.profile}/${name.replaceAll(/\W+/g, '-')}.cpuprofile`);
  const figure = (await measure()).toPrecision(3);
  process.stdout.write(`${name.padEnd(width)}${figure.padStart(10)}  ${String(goal ?? '-').padStart(8)}  ${unit}\n`);
}
process.exit(0);

function scheduling(one: SchedulingCase, goal: number | undefined): Measurement {
  const name = `scheduling, ${one.sort}, ${one.nodes} nodes, ${one.pods} pods`;
  return { name, unit: 'ms/pod', goal, measure: () => schedulingCost(one) };
}
