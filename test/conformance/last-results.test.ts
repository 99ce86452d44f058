import assert from 'node:assert/strict';
import { test } from 'node:test';
import { broughtUpToDate, readLastResults } from './last-results.ts';
import { reportOf, type TestResult } from './report.ts';

const result = (owner: string, name: string, state: TestResult['state']): TestResult => ({
  owner,
  name,
  state,
  seconds: 1,
});

test('a run of some tests leaves the others as they were, and adds none that are not of the suite', () => {
  const last = [result('apps', 'a', 'passed'), result('apps', 'b', 'failed'), result('node', 'a', 'failed')];
  const run = [result('apps', 'b', 'passed'), result('apps', 'another', 'failed'), result('node', 'a', 'skipped')];
  assert.deepEqual(
    broughtUpToDate(last, run).map(({ owner, name, state }) => [owner, name, state]),
    [
      ['apps', 'a', 'passed'],
      ['apps', 'b', 'passed'],
      ['node', 'a', 'skipped'],
    ],
  );
});

test('all tests of conformance have a result, none twice', async () => {
  const results = await readLastResults();
  assert.equal(new Set(results.map(({ owner, name }) => `${owner} ${name}`)).size, 446);
  assert.match(reportOf(results, '1.36.3'), /^\| all \| 446 \|/m);
});
