import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { requireCluster } from '../../src/local/cluster-config.ts';
import { gatewayOf } from '../../src/local/network-plan.ts';
import { nodePaths } from '../../src/local/paths.ts';
import { openCommandLine } from '../e2e/command-line.ts';
import { startImageRegistry } from '../kit/image-registry.ts';
import { writeImages } from './images.ts';
import { buildPrograms, type Programs } from './programs.ts';
import { resultsOf, type TestResult } from './report.ts';

/** What of the suite is run, and how. */
export interface Run {
  /** The tests whose names match, in Go's syntax. */
  readonly focus: string;
  /** Not those that match this, too; none where it is empty. */
  readonly skip?: string;
  /** Tests side by side; four unless it says so. */
  readonly procs?: number;
  /** A kubeconfig, to test the cluster that it names instead of a fresh one of three nodes. */
  readonly kubeconfig?: string;
  /** Ends the build where that takes too long. */
  readonly buildSignal?: AbortSignal;
  /** The runner tells there how it goes on. */
  readonly output: 'inherit' | 'ignore';
}

/** Its name, beside clusters of a user. */
const cluster = 'conformance';
const root = join(import.meta.dirname, '../..');

/** Builds the suite where that was not done, and runs the tests. */
export async function runSuite(run: Run): Promise<TestResult[]> {
  const programs = await buildPrograms(join(root, 'node_modules/.cache/conformance'), run.buildSignal);
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const { kubeconfig } = run;
    return await (kubeconfig === undefined ? onFresh(programs, folder, run) : on(kubeconfig, programs, folder, run));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onFresh(programs: Programs, folder: string, run: Run): Promise<TestResult[]> {
  await using line = openCommandLine();
  const images = join(folder, 'images.tar');
  const names = await writeImages(images, await imagesOf(programs), programs);
  await line.must('up', '--name', cluster, '--nodes', '3', '--allow-external-ips'); // as in a stock Kubernetes
  await line.must('image', 'load', images, '--name', cluster);
  // Some tests pull what is there already.
  const { ranges } = await requireCluster(line.home, cluster);
  await using registry = await startImageRegistry(images, gatewayOf(ranges.nodes));
  const { registries } = nodePaths(line.home, cluster, 'control-plane');
  await registry.mirror(registries, new Set(names.map((name) => name.slice(0, name.indexOf('/')))));
  // Awaited here: the cluster goes when this function returns.
  return await on(line.kubeconfig, programs, folder, run);
}

async function on(kubeconfig: string, programs: Programs, folder: string, run: Run): Promise<TestResult[]> {
  const output = join(folder, 'output');
  await mkdir(output);
  const child = spawn(
    programs.ginkgo,
    [
      'run',
      `--procs=${run.procs ?? 4}`,
      `--focus=${run.focus}`,
      ...(run.skip ? [`--skip=${run.skip}`] : []),
      '--no-color',
      '--timeout=4h',
      '--json-report=report.json',
      `--output-dir=${output}`,
      programs.suite,
      '--',
      '--provider=skeleton',
      `--kubeconfig=${kubeconfig}`,
      '--disable-log-dump',
    ],
    { stdio: ['ignore', run.output, run.output] },
  );
  await once(child, 'close');
  const report = await readFile(join(output, 'report.json'), 'utf8');
  return resultsOf(JSON.parse(report) as Parameters<typeof resultsOf>[0]);
}

/** The names of the images that the suite may run. */
async function imagesOf({ suite }: Programs): Promise<string[]> {
  const child = spawn(suite, ['--list-images'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`Cannot ask ${suite} for its images: it ended with ${code}`);
  return answer.trim().split('\n');
}

/** Of Kubernetes, whose suite it is. */
export async function suiteVersion(): Promise<string> {
  const module = await readFile(join(import.meta.dirname, 'go/go.mod'), 'utf8');
  return /k8s\.io\/kubernetes v(\S+)/.exec(module)![1]!;
}
