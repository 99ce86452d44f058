import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/core/v1/types.ts';
import { Zones } from './zones.ts';

function node(name: string, zone: string, ready: string): Node {
  return {
    metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: ready }] },
  } as unknown as Node;
}

function zonesOf(states: Record<string, string>): Zones {
  const zones = new Zones();
  for (const [zone, letters] of Object.entries(states))
    [...letters].forEach((letter, i) => zones.set(node(`${zone}-${i}`, zone, letter === '+' ? 'True' : 'Unknown')));
  return zones;
}

for (const { name, states, pause, allIsLost } of [
  { name: 'a zone that has lost one of three', states: { a: '++-' }, pause: 10_000, allIsLost: false },
  { name: 'a small zone that has lost most', states: { a: '+---' }, pause: undefined, allIsLost: false },
  { name: 'a zone that has lost two', states: { a: '+--' }, pause: 10_000, allIsLost: false },
  { name: 'a large zone that has lost most', states: { a: `${'+'.repeat(20)}${'-'.repeat(40)}` }, pause: 100_000 },
  { name: 'a zone that is lost beside one that is not', states: { a: '---', b: '+' }, pause: 10_000 },
  { name: 'a cluster that is lost', states: { a: '---', b: '-' }, pause: 10_000, allIsLost: true },
  { name: 'a cluster without nodes', states: {}, pause: 10_000, allIsLost: false },
])
  test(`pods are driven off at the pace of ${name}`, () => {
    const zones = zonesOf(states as Record<string, string>);
    assert.equal(zones.evictionPauseMs(':a'), pause);
    assert.equal(zones.allIsLost, allIsLost ?? false);
  });

test('a node that comes back, moves or goes is counted where it is', () => {
  const zones = zonesOf({ a: '----' });
  zones.set(node('a-0', 'a', 'True'));
  assert.equal(zones.allIsLost, false);
  assert.equal(zones.evictionPauseMs(':a'), undefined);
  zones.set(node('a-1', 'b', 'Unknown'));
  zones.set(node('a-1', 'b', 'Unknown'));
  assert.equal(zones.evictionPauseMs(':a'), 10_000);
  zones.delete('a-0');
  zones.delete('a-0');
  assert.equal(zones.allIsLost, true);
});
