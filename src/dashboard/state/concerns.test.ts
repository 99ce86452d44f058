import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concernsIn } from './concerns.ts';
import { rowOf } from './testing/row-of.ts';

const named = (name: string) => ({ metadata: { name, namespace: 'default' } });

test('what is in trouble comes before what is under way, and what is well not at all', () => {
  const pods = [
    rowOf(named('starting'), '0/1', 'ContainerCreating'),
    rowOf(named('fine'), '1/1', 'Running'),
    rowOf(named('crashing'), '0/1', 'CrashLoopBackOff'),
  ];
  const nodes = [rowOf(named('lost'), 'NotReady')];
  const observed = [
    { id: 'nodes', rows: nodes },
    { id: 'pods', rows: pods },
  ];
  const concerns = concernsIn(observed, { endpoints: new Map(), patientClasses: new Set() });
  assert.deepEqual(
    concerns.map(({ id, row, text, tone }) => [id, row.metadata.name, text, tone]),
    [
      ['nodes', 'lost', 'NotReady', 'bad'],
      ['pods', 'crashing', 'CrashLoopBackOff, 0/1 ready', 'bad'],
      ['pods', 'starting', 'ContainerCreating, 0/1 ready', 'busy'],
    ],
  );
});
