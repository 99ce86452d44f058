import assert from 'node:assert/strict';
import { test } from 'node:test';
import { h } from 'preact';
import { mounted } from './testing/mounted.ts';
import { kindOf, row, servedKind, sessionOf } from './testing/session-of.ts';

const { columnsOf } = await import('./columns.tsx');
const session = sessionOf();
const own = { name: 'Rollout', show: () => 'complete' };

const tables: [what: string, id: string, names: string[], options: Parameters<typeof columnsOf>[3], want: string[]][] =
  [
    [
      'a namespace after the name, and the age last',
      'jobs.batch',
      ['Name', 'Age', 'Status'],
      { wide: [], own: [] },
      ['Name', 'Namespace', 'Status', 'Age'],
    ],
    ['no namespace for a kind without one', 'nodes', ['Name', 'Status'], { wide: [], own: [] }, ['Name', 'Status']],
    [
      'of the wide columns those that are named',
      'pods',
      ['Name', 'IP+', 'Node+'],
      { wide: ['Node'], own: [] },
      ['Name', 'Namespace', 'Node'],
    ],
    [
      'our own before the age',
      'deployments.apps',
      ['Name', 'Age'],
      { wide: [], own: [own] },
      ['Name', 'Namespace', 'Rollout', 'Age'],
    ],
    [
      'our own in the place of the server’s',
      'x',
      ['Name', 'Rollout', 'More'],
      { wide: [], own: [own] },
      ['Name', 'Namespace', 'Rollout', 'More'],
    ],
  ];
for (const [what, id, names, options, want] of tables)
  test(`a table has ${what}`, () => {
    const kind = kindOf(servedKind(id, 'Any', id !== 'nodes'), [], ...names).kind;
    const columns = columnsOf(session, kind, kind.columns.value, options);
    assert.deepEqual(
      columns.map(({ name }) => name),
      want,
    );
  });

for (const [what, name, cell, want] of [
  ['a word that tells how it is', 'Phase', 'Failed', 'pill bad'],
  ['a word that tells nothing', 'Reason', 'Failed', undefined],
  ['nothing', 'Reason', '<none>', 'muted'],
] as const)
  test(`a cell with ${what} looks like that`, async () => {
    const { kind } = kindOf(servedKind('orders.shop.example', 'Order'), [], 'Name', name);
    const [, , column] = columnsOf(session, kind, kind.columns.value, { wide: [], own: [] });
    using cellShown = await mounted(() => h('td', null, column!.show(row('shop/one', [cell]))), {});
    assert.equal(cellShown.root.named('span')[0]?.getAttribute('class'), want);
  });
