import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { deadline, DeadlineError } from '../../../src/base/abort.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { cannotRunClusters } from '../../e2e/command-line.ts';
import { cannotMakeImages } from '../images.ts';
import { focusOf } from '../parts.ts';
import { runSuite } from '../suite.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
/** Building needs Kubernetes' modules, which are fetched where they are not there yet. */
const skip = hasGo ? (await cannotRunClusters()) || (cannotMakeImages() ?? false) : 'Go is not installed';

/** Where Go's cache has nothing of the suite, it is built by `npm run conformance`. */
const buildLimitMs = 420_000;

test('the quick part of Kubernetes’ own conformance tests passes', { skip }, async (t) => {
  using limit = deadline(systemClock, buildLimitMs);
  const run = runSuite({ focus: focusOf(['quick']), output: 'ignore', buildSignal: limit.signal });
  const results = await run.catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
  });
  if (results === undefined) return t.skip(`building the suite takes longer than ${buildLimitMs / 1000} s here`);
  assert.deepEqual(
    results.filter(({ state }) => state !== 'passed'),
    [],
  );
  assert.equal(results.length, 25);
});
