import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drainCost, idleCost, jobCost, rolloutCost, startCost } from './cluster.ts';
import { profileInto, type Cost } from './cost.ts';
import { schedulingCost, type SchedulingCase } from './scheduling.ts';
import { writeFloorMs } from './write-floor.ts';

/**
 * CPU of scheduling and of workloads, all in this process: API server over a store in memory, controllers, scheduler and
 * simulated nodes. Beside each figure stands its floor, which is what encoding, keeping and decoding so many objects as were
 * written takes in the same minute: the ratio of the two is what the baseline holds, for figures alone tell more of the
 * machine than of us. `npm run` gives the process a young generation of 32 to 64 MiB: thousands of nodes that live in it would be
 * copied again and again through a small one.
 */
const baselineFile = join(import.meta.dirname, 'baseline.json');
const { values } = parseArgs({
  options: {
    /** Measures only what has one of these words in its name. */
    only: { type: 'string', multiple: true, default: [] },
    /** Leaves a CPU profile of each there. */
    profile: { type: 'string' },
    /** Makes the ratios of this run the baseline. */
    write: { type: 'boolean', default: false },
  },
});

interface Measurement {
  readonly name: string;
  readonly unit: string;
  /** What it should cost at most. */
  readonly goal?: number;
  measure(): Promise<Cost>;
}

const measurements: readonly Measurement[] = [
  scheduling({ sort: 'basic', nodes: 1000, pods: 3000 }, 0.2),
  scheduling({ sort: 'basic', nodes: 5000, pods: 5000 }, 0.2),
  scheduling({ sort: 'spreading', nodes: 5000, pods: 2000 }, 0.4),
  scheduling({ sort: 'affinity', nodes: 5000, pods: 2000 }, 0.4),
  scheduling({ sort: 'anti-affinity', nodes: 5000, pods: 2000 }, 0.4),
  scheduling({ sort: 'daemonset', nodes: 5000, pods: 5000 }, 0.4),
  scheduling({ sort: 'preemption', nodes: 1000, pods: 500 }),
  ...[100, 1000, 5000].flatMap((nodes): Measurement[] => [
    {
      name: `start of ${nodes} simulated nodes`,
      unit: 'ms',
      ...(nodes === 5000 && { goal: 10_000 }),
      measure: () => startCost(nodes),
    },
    {
      name: `idle, ${nodes} simulated nodes`,
      unit: '% of a core',
      ...(nodes === 5000 && { goal: 20 }),
      measure: () => idleCost(nodes),
    },
  ]),
  ...[200, 1000].map((pods) => ({
    name: `Deployment of ${pods}, 100 nodes, until ready`,
    unit: 'ms/pod',
    goal: 1.5,
    measure: () => rolloutCost(100, pods),
  })),
  { name: 'Job of 1000, 100 nodes, until complete', unit: 'ms/pod', measure: () => jobCost(100, 1000) },
  { name: 'drain of a node with 100 pods', unit: 'ms/pod', measure: () => drainCost(100) },
];

// Timers of the system clock keep no process alive, this does.
new MessageChannel().port1.ref();

const baseline = JSON.parse(await readFile(baselineFile, 'utf8').catch(() => '{}')) as Record<string, number>;
const ratios: Record<string, number> = { ...baseline };
const header = ['CPU OF', 'MEASURED', 'GOAL', 'WRITES', 'FLOOR', 'RATIO', 'BASELINE', ''];
process.stdout.write(line(header));
for (const { name, unit, goal, measure } of measurements) {
  if (values.only.length > 0 && !values.only.some((word) => name.includes(word))) continue;
  if (values.profile !== undefined) profileInto(join(values.profile, `${name.replaceAll(/\W+/g, '-')}.cpuprofile`));
  const before = writeFloorMs();
  const { cpuMs, writes, per } = await measure();
  const floor = (writes * (before + writeFloorMs())) / 2;
  const ratio = Number((cpuMs / floor).toPrecision(3));
  const figures = [cpuMs / per, goal, writes / per, floor / per, ratio, baseline[name]];
  process.stdout.write(line([name, ...figures.map((figure) => figure?.toPrecision(3) ?? '-'), unit]));
  ratios[name] = ratio;
}
if (values.write) await writeFile(baselineFile, `${JSON.stringify(ratios, undefined, 2)}\n`);
process.exit(0);

function line([name, ...figures]: readonly string[]): string {
  const unit = figures.pop();
  return `${[name!.padEnd(46), ...figures.map((text) => text.padStart(9)), unit].join(' ').trimEnd()}\n`;
}

function scheduling(one: SchedulingCase, goal?: number): Measurement {
  const name = `scheduling, ${one.sort}, ${one.nodes} nodes, ${one.pods} pods`;
  return { name, unit: 'ms/pod', ...(goal !== undefined && { goal }), measure: () => schedulingCost(one) };
}
