import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellTone, conditionTone, nodeTone, podTone, shareTone } from './tone.ts';

const tones: [what: string, got: string, want: string][] = [
  ['a running pod that is ready', podTone('Running', true), 'good'],
  ['a running pod that is not ready', podTone('Running', false), 'busy'],
  ['a pod that has done its work', podTone('Completed', false), 'plain'],
  ['a pod that waits', podTone('Pending', false), 'busy'],
  ['a pod in its first init container', podTone('Init:0/2', false), 'busy'],
  ['a pod whose init container fails', podTone('Init:CrashLoopBackOff', false), 'bad'],
  ['a pod that crashes', podTone('CrashLoopBackOff', false), 'bad'],
  ['a pod without its image', podTone('ImagePullBackOff', false), 'bad'],
  ['a pod that is deleted', podTone('Terminating', true), 'busy'],
  ['a ready node', nodeTone('Ready'), 'good'],
  ['a cordoned node', nodeTone('Ready,SchedulingDisabled'), 'busy'],
  ['a lost node', nodeTone('NotReady'), 'bad'],
  ['a node that nobody knows of', nodeTone('Unknown'), 'bad'],
  ['all of three', shareTone('3/3'), 'good'],
  ['some of three', shareTone('1/3'), 'busy'],
  ['none of three', shareTone('0/3'), 'bad'],
  ['none of none', shareTone('0/0'), 'plain'],
  ['a condition that holds', conditionTone('Ready', 'True'), 'good'],
  ['a condition that does not hold yet', conditionTone('Ready', 'False'), 'busy'],
  ['a condition that nobody knows', conditionTone('Ready', 'Unknown'), 'busy'],
  ['a pressure that is not there', conditionTone('MemoryPressure', 'False'), 'good'],
  ['a pressure that is there', conditionTone('DiskPressure', 'True'), 'bad'],
];

const cells: [column: string, cell: string, want: string | undefined][] = [
  ['Ready', '1/3', 'busy'],
  ['Ready', 'True', 'good'],
  ['Health Status', 'Degraded', 'bad'],
  ['STATUS', 'Bound', 'good'],
  ['Status', 'Valid for a year', undefined],
  ['Completions', '0/3', undefined],
  ['Suspend', 'False', undefined],
  ['Reason', 'Failed', undefined],
];
for (const [column, cell, want] of cells)
  test(`a cell ${cell} below ${column} is ${want ?? 'of no tone'}`, () => assert.equal(cellTone(column, cell), want));

for (const [what, got, want] of tones) test(`The tone of ${what} is ${want}`, () => assert.equal(got, want));
