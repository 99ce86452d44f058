/**
 * Builds Kubernetes' own end-to-end tests, runs those of conformance against a fresh cluster of three nodes, and writes
 * what came of it to docs/conformance.md. `npm run conformance -- [--only PART]… [--focus REGEXP] [--skip REGEXP]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { openCommandLine } from '../e2e/command-line.ts';
import { cannotMakeImages, writeImages } from './images.ts';
import { focusOf, partNames } from './parts.ts';
import { buildPrograms, type Programs } from './programs.ts';
import { reportOf, resultsOf } from './report.ts';

/** Its name, beside clusters of a user. */
const cluster = 'conformance';
const root = join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    /** A part of the suite; see parts.ts. */
    only: { type: 'string', multiple: true, default: [] },
    /** Instead of parts: the tests whose names match, in Go's syntax. */
    focus: { type: 'string' },
    skip: { type: 'string', default: '' },
    /** Tests side by side. */
    procs: { type: 'string', default: '4' },
    /** Where the report goes; all tests were to run for the one in docs. */
    report: { type: 'string' },
    /** A kubeconfig, to test the cluster that it names instead of a fresh one. */
    kubeconfig: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.list) return void console.log(partNames.join('\n'));
  const focus = values.focus ?? focusOf(values.only);
  const reason = cannotMakeImages();
  if (reason !== undefined) throw new Error(`Cannot make the images of the tests: ${reason}`);
  const programs = await buildPrograms(join(root, 'node_modules/.cache/conformance'));
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const kubeconfig = values.kubeconfig;
    const results =
      kubeconfig === undefined
        ? await onFresh(programs, folder, focus)
        : await test(programs, folder, focus, kubeconfig);
    const isWhole = values.only.length === 0 && values.focus === undefined && values.skip === '';
    const report = values.report ?? (isWhole ? join(root, 'docs/conformance.md') : undefined);
    const document = reportOf(results, await suiteVersion());
    if (report === undefined) console.log(document);
    else await writeFile(report, document);
    const passed = results.filter(({ state }) => state === 'passed').length;
    console.log(`${passed} of ${results.length} passed`);
    process.exitCode = results.length > 0 && passed === results.length ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onFresh(programs: Programs, folder: string, focus: string) {
  await using line = openCommandLine();
  const images = join(folder, 'images.tar');
  await writeImages(images, await imagesOf(programs), programs);
  await line.must('up', '--name', cluster, '--nodes', '3', '--allow-external-ips'); // as in a stock Kubernetes
  await line.must('image', 'load', images, '--name', cluster);
  // Awaited here: the cluster goes when this function returns.
  return await test(programs, folder, focus, line.kubeconfig);
}

async function test(programs: Programs, folder: string, focus: string, kubeconfig: string) {
  const output = join(folder, 'output');
  await mkdir(output);
  const child = spawn(
    programs.ginkgo,
    [
      'run',
      `--procs=${values.procs}`,
      `--focus=${focus}`,
      ...(values.skip === '' ? [] : [`--skip=${values.skip}`]),
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
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  await once(child, 'close');
  const report = await readFile(join(output, 'report.json'), 'utf8');
  return resultsOf(JSON.parse(report) as Parameters<typeof resultsOf>[0]);
}

/** The names of the images that the suite may run. */
async function imagesOf({ suite }: Programs): Promise<string[]> {
  return (await output(suite, '--list-images')).trim().split('\n');
}

/** Of Kubernetes, whose suite it is. */
async function suiteVersion(): Promise<string> {
  const module = await readFile(join(import.meta.dirname, 'go/go.mod'), 'utf8');
  return /k8s\.io\/kubernetes v(\S+)/.exec(module)![1]!;
}

async function output(program: string, ...args: string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`Cannot ask ${program} ${args.join(' ')}: it ended with ${code}`);
  return answer;
}

await main();
