import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { cannotRunClusters } from '../../e2e/command-line.ts';
import { cannotMakeImages } from '../images.ts';
import { focusOf } from '../parts.ts';
import { runSuite } from '../suite.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
/** Building needs Kubernetes' modules, which are fetched where they are not there yet. */
const skip = hasGo ? (await cannotRunClusters()) || (cannotMakeImages() ?? false) : 'Go is not installed';

test('the quick part of Kubernetes’ own conformance tests passes', { skip }, async () => {
  const results = await runSuite({ focus: focusOf(['quick']), output: 'ignore' });
  assert.deepEqual(
    results.filter(({ state }) => state !== 'passed'),
    [],
  );
  assert.equal(results.length, 25);
});
