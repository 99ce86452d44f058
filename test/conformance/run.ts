/**
 * Builds Kubernetes' own end-to-end tests, runs those of conformance against a fresh cluster of three nodes, and writes
 * what came of it to docs/conformance.md. `npm run conformance -- [--only PART]… [--focus REGEXP] [--skip REGEXP]`
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cannotMakeImages } from './images.ts';
import { broughtUpToDate, readLastResults, writeLastResults } from './last-results.ts';
import { focusOf, partNames } from './parts.ts';
import { isUnexpected, reportOf } from './report.ts';
import { runSuite, suiteVersion } from './suite.ts';

const { values } = parseArgs({
  options: {
    /** A part of the suite; see parts.ts. */
    only: { type: 'string', multiple: true, default: [] },
    /** Instead of parts: the tests whose names match, in Go's syntax. */
    focus: { type: 'string' },
    skip: { type: 'string', default: '' },
    /** Tests side by side. */
    procs: { type: 'string', default: '4' },
    /** Where a report of this run alone goes; else that in docs is brought up to date. */
    report: { type: 'string' },
    /** A kubeconfig, to test the cluster that it names instead of a fresh one. */
    kubeconfig: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.list) return void console.log(partNames.join('\n'));
  const { kubeconfig, skip, procs } = values;
  const focus = values.focus ?? focusOf(values.only);
  const reason = cannotMakeImages();
  if (reason !== undefined) throw new Error(`Cannot make the images of the tests: ${reason}`);
  const results = await runSuite({
    focus,
    skip,
    procs: Number(procs),
    ...(kubeconfig && { kubeconfig }),
    output: 'inherit',
  });
  const version = await suiteVersion();
  if (values.report !== undefined) await writeFile(values.report, reportOf(results, version));
  else {
    const isWhole = values.only.length === 0 && values.focus === undefined && skip === '';
    const all = isWhole ? results : broughtUpToDate(await readLastResults(), results);
    await writeLastResults(all);
    await writeFile(join(import.meta.dirname, '../../docs/conformance.md'), reportOf(all, version));
  }
  const passed = results.filter(({ state }) => state === 'passed').length;
  console.log(`${passed} of ${results.length} passed`);
  process.exitCode = results.length > 0 && !results.some((result) => isUnexpected(result)) ? 0 : 1;
}

await main();
