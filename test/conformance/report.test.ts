import assert from 'node:assert/strict';
import { test } from 'node:test';
import { focusOf } from './parts.ts';
import { reportOf, resultsOf } from './report.ts';

const spec = (name: string, State: string, Message?: string) => ({
  LeafNodeType: 'It',
  LeafNodeText: `${name} [Conformance]`,
  ContainerHierarchyTexts: ['[sig-node] Pods'],
  State,
  RunTime: 1.6e9,
  ...(Message === undefined ? {} : { Failure: { Message } }),
});

test('a report counts what ran, and tells what went wrong in a line', () => {
  const results = resultsOf([
    {
      SpecReports: [
        spec('should be submitted', 'passed'),
        spec('should be removed', 'failed', 'timed out\nat pods.go:1'),
        spec('should be resized', 'skipped', 'needs two nodes'),
        { ...spec('should be honored', 'failed', 'no'), ContainerHierarchyTexts: ['[sig-node] Swap'] },
        spec('filtered out', 'skipped'),
        { ...spec('set-up', 'passed'), LeafNodeType: 'BeforeSuite' },
        { ...spec('should be elsewhere', 'panicked', 'x'.repeat(200)), ContainerHierarchyTexts: null },
      ],
    },
  ]);
  const reasonOf = (name: string) => (name.startsWith('Swap ') ? 'there is no swap yet' : undefined);
  const text = reportOf(results, '1.36.3', reasonOf);
  assert.deepEqual(text.split('\n').slice(7), [
    '| group | tests | passed | not yet | failed | skipped |',
    '| --- | --- | --- | --- | --- | --- |',
    '| node | 4 | 1 | 1 | 1 | 1 |',
    '| none | 1 | 0 | 0 | 1 | 0 |',
    '| all | 5 | 1 | 1 | 2 | 1 |',
    '',
    '## Not passed',
    '',
    '- node: Pods should be removed (failed: timed out)',
    '- node: Pods should be resized (skipped: needs two nodes)',
    '- node: Swap should be honored (there is no swap yet)',
    `- none: should be elsewhere (failed: ${'x'.repeat(160)}…)`,
    '',
  ]);
});

test('parts become one pattern, and another word is refused', () => {
  assert.equal(focusOf([]), String.raw`\[Conformance\]`);
  assert.equal(focusOf(['apps']), String.raw`\[sig-apps\].*\[Conformance\]`);
  assert.match(focusOf(['quick', 'cli']), /^\(.*\|\\\[sig-cli\\\]\.\*\\\[Conformance\\\]\)$/);
  assert.throws(() => focusOf(['nodes']), /Cannot run part "nodes": the parts are quick, api-machinery,/);
});
