import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column } from './columns.tsx';
import { mounted, settled } from './testing/mounted.ts';
import { kindOf, row, servedKind, sessionOf } from './testing/session-of.ts';

const { KindTable } = await import('./kind-table.tsx');
const jobs = servedKind('jobs.batch', 'Job');

test('an empty table says why it is empty', async () => {
  const session = sessionOf();
  const { kind, synced, problem, progress } = kindOf(jobs);
  synced.value = false;
  using table = await mounted(KindTable, { session, kind });
  assert.match(table.text(), /Loading…$/);
  progress.value = '500 of 5000';
  await settled();
  assert.match(table.text(), /Loading… 500 of 5000$/);
  problem.value = 'jobs.batch is forbidden';
  await settled();
  assert.match(table.text(), /jobs\.batch is forbidden$/);
  synced.value = true;
  await settled();
  assert.match(table.text(), /^Jobs 0There are no jobs\.$/);
  session.filter.value = { namespace: 'shop', text: '' };
  await settled();
  assert.match(table.text(), /No jobs match the filter\.$/);
});

test('of many rows a window is drawn, with the room of the others', async () => {
  const rows = Array.from({ length: 5000 }, (_, at) => row(`shop/job-${at}`, ['Complete']));
  using table = await mounted(KindTable, { session: sessionOf(), kind: kindOf(jobs, rows, 'Name', 'Status').kind });
  const [body] = table.root.named('tbody');
  const drawn = body!.named('tr').filter((one) => one.getAttribute('data-name') !== undefined);
  assert.ok(drawn.length > 20 && drawn.length <= 110, `${drawn.length} rows`);
  const [gap] = body!.named('tr').filter((one) => one.getAttribute('aria-hidden') === 'true');
  assert.equal(Number.parseInt(gap!.style['height']!), (5000 - drawn.length) * 38);
  assert.equal(table.root.named('table')[0]!.getAttribute('aria-rowcount'), '5001');
});

test('when one of many rows changes, one is drawn', async () => {
  let draws = 0;
  const columns: readonly Column[] = [{ name: 'Status', show: (_, cell) => (draws++, cell) }];
  const rows = Array.from({ length: 5000 }, (_, at) => row(`shop/job-${at}`, ['Running']));
  const { kind, items } = kindOf(jobs, rows, 'Name', 'Status');
  using table = await mounted(KindTable, { session: sessionOf(), kind, columns });
  draws = 0;
  items.value = rows.with(3, row('shop/job-3', ['Complete']));
  await settled();
  assert.equal(draws, 1);
  assert.match(table.root.named('tr', /job-3/)[0]!.textContent, /Complete/);
  items.value = items.value.with(4000, row('shop/job-4000', ['Complete']));
  await settled();
  assert.equal(draws, 1, 'a row that is not seen is not drawn');
});

test('a filter shows what matches, and how much that is of all', async () => {
  const session = sessionOf();
  const rows = [row('shop/import', ['Complete']), row('shop/export', ['Running'])];
  using table = await mounted(KindTable, { session, kind: kindOf(jobs, rows, 'Name', 'Status').kind });
  session.filter.value = { namespace: '', text: 'imp' };
  await settled();
  assert.match(table.text(), /^Jobs 1 of 2/);
  assert.equal(table.root.named('a').length, 1);
});

test('wide columns make room for open details, and the opened row is marked', async () => {
  const session = sessionOf({}, { view: 'workloads' });
  const { kind } = kindOf(jobs, [row('shop/import', ['10.0.0.1'])], 'Name', 'IP+');
  using table = await mounted(KindTable, { session, kind, wide: ['IP'] });
  const heads = () => table.root.named('thead')[0]!.textContent;
  assert.equal(heads(), 'NameNamespaceIP');
  session.route.value = { view: 'workloads', open: { id: 'jobs.batch', namespace: 'shop', name: 'import' } };
  await settled();
  assert.equal(heads(), 'NameNamespace');
  assert.equal(table.root.named('tr', /import/)[0]!.getAttribute('class'), 'opened');
});
