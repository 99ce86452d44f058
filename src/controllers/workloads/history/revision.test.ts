import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { inOrder, planRevision, templateOf, templatePatch, type Revision } from './revision.ts';

const template = (image: string): PodTemplateSpec => ({ spec: { containers: [{ name: 'app', image }] } });
const revision = (image: string, number: number, more: object = {}): Revision => ({
  metadata: { name: `r${number}`, ...more },
  data: templatePatch(template(image)),
  revision: number,
});

const cases: readonly { name: string; known: Revision[]; want: string }[] = [
  { name: 'the first template', known: [], want: 'create 1' },
  { name: 'the template of the newest revision', known: [revision('v1', 1), revision('v3', 2)], want: 'keep r2' },
  { name: 'a new template', known: [revision('v1', 4), revision('v2', 7)], want: 'create 8' },
  { name: 'an earlier template', known: [revision('v3', 1), revision('v2', 2)], want: 'renumber r1 3' },
  { name: 'a number that another one has too', known: [revision('v3', 2), revision('v2', 2)], want: 'renumber r2 3' },
  { name: 'two of the same template', known: [revision('v3', 1), revision('v3', 2)], want: 'keep r2' },
];

for (const { name, known, want } of cases) {
  test(`revisions: ${name}`, () => {
    const plan = planRevision(known, templatePatch(template('v3')));
    const words = plan.kind === 'create' ? [plan.number] : [plan.revision.metadata.name];
    assert.equal([plan.kind, ...words, ...(plan.kind === 'renumber' ? [plan.number] : [])].join(' '), want);
  });
}

test('a revision keeps a patch with sorted fields that puts the template back', () => {
  const given: PodTemplateSpec = {
    spec: { restartPolicy: 'Always', containers: [] },
    metadata: { labels: { a: 'b' } },
  };
  const data = templatePatch(given);
  assert.equal(
    JSON.stringify(data),
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"a":"b"}},"spec":{"containers":[],"restartPolicy":"Always"}}}}',
  );
  assert.deepEqual(templateOf({ metadata: { name: 'a' }, data, revision: 1 }), given);
});

test('revisions of one number are in the order of their age, then of their names', () => {
  const at = (name: string, time: string) => revision('v1', 1, { name, creationTimestamp: time });
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'];
  const sorted = inOrder([revision('v1', 2), at('a', late), at('c', early), at('b', early)]);
  assert.deepEqual(
    sorted.map(({ metadata }) => metadata.name),
    ['b', 'c', 'a', 'r2'],
  );
});
