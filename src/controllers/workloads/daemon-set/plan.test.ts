import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daemonStatus } from './daemon-status.ts';
import { planNodes } from './plan-nodes.ts';
import { planUpdate } from './plan-update.ts';
import { daemonSetOf, viewWith } from './testing.ts';

const rolling = (rollingUpdate: object, minReadySeconds = 0) =>
  daemonSetOf({}, { updateStrategy: { type: 'RollingUpdate', rollingUpdate }, minReadySeconds });
const plain = daemonSetOf();
const surging = rolling({ maxSurge: 1, maxUnavailable: 0 });

/** What is made and deleted: `+a` a pod for node a, `-b1` the pod b1. */
function text({ create, delete: remove }: ReturnType<typeof planNodes>): string {
  return [...create.map((node) => `+${node}`), ...remove.map(({ metadata }) => `-${metadata.name}`)].join(' ');
}

interface Row {
  readonly name: string;
  readonly set?: typeof plain;
  readonly nodes?: string[];
  readonly pods: string[];
  readonly want: string;
}

const onNodes: Row[] = [
  { name: 'one for each', pods: ['b new'], want: '+a +c' },
  { name: 'the younger of two goes', pods: ['a new', 'a new', 'b new', 'c new'], want: '-a1' },
  {
    name: 'one that has no node yet goes before others',
    pods: ['a new unscheduled', 'a new', 'b new', 'c new'],
    want: '-a0',
  },
  { name: 'one that is going is waited for', pods: ['a new going', 'b new', 'c new'], want: '' },
  { name: 'one that has ended and is going is not', pods: ['a failed going', 'b new', 'c new'], want: '+a' },
  { name: 'failed and succeeded ones go', pods: ['a failed', 'b succeeded', 'c new'], want: '-a0 -b1' },
  { name: 'a node that does not fit keeps what is there', nodes: ['x'], pods: ['x new'], want: '' },
  { name: 'and gets none', nodes: ['x'], pods: [], want: '' },
  { name: 'a node that is gone', nodes: ['a'], pods: ['a new', 'b new unscheduled', 'c new'], want: '-b1' },
  { name: 'surging: an old and a new one', set: surging, pods: ['a old ready', 'a new', 'b new', 'c new'], want: '' },
  {
    name: 'surging: the old one goes when it is not ready',
    set: surging,
    pods: ['a old', 'a new', 'b new', 'c new'],
    want: '-a0',
  },
  {
    name: 'surging: or when the new one is available',
    set: surging,
    pods: ['a old ready', 'a new ready', 'b new', 'c new'],
    want: '-a0',
  },
  {
    name: 'surging: the place of one that is going is taken',
    set: surging,
    pods: ['a new going', 'b new', 'c new'],
    want: '+a',
  },
];

for (const { name, set = plain, nodes, pods, want } of onNodes) {
  test(`pods on nodes: ${name}`, () => {
    assert.equal(text(planNodes(viewWith(set, pods, nodes), () => true)), want);
  });
}

test('a failed pod stays as long as it may not be replaced', () => {
  assert.equal(text(planNodes(viewWith(plain, ['a failed', 'b new', 'c new']), () => false)), '');
});

const updates: Row[] = [
  { name: 'one after the other', pods: ['a old ready', 'b old ready', 'c old ready'], want: '-a0' },
  {
    name: 'a share, rounded up',
    set: rolling({ maxUnavailable: '34%' }),
    pods: ['a old ready', 'b old ready', 'c old ready'],
    want: '-a0 -b1',
  },
  { name: 'waits for the new one', pods: ['a new', 'b old ready', 'c old ready'], want: '' },
  {
    name: 'what has not been ready for long enough is not available',
    set: rolling({ maxUnavailable: 1 }, 11),
    pods: ['a new ready', 'b old ready', 'c old ready'],
    want: '-b1 -c2',
  },
  { name: 'goes on', pods: ['a new ready', 'b old ready', 'c old ready'], want: '-b1' },
  { name: 'an old one that is not available goes at once', pods: ['a new', 'b old', 'c old ready'], want: '-b1' },
  { name: 'a node without any counts', pods: ['a old ready', 'b old ready'], want: '' },
  { name: 'done', pods: ['a new ready', 'b new ready', 'c new ready'], want: '' },
  {
    name: 'on delete',
    set: daemonSetOf({}, { updateStrategy: { type: 'OnDelete' } }),
    pods: ['a old ready'],
    want: '',
  },
  {
    name: 'surging: one more at a time',
    set: surging,
    pods: ['a old ready', 'b old ready', 'c old ready'],
    want: '+a',
  },
  { name: 'surging: waits', set: surging, pods: ['a old ready', 'a new', 'b old ready', 'c old ready'], want: '' },
  {
    name: 'surging: then the old one goes',
    set: surging,
    pods: ['a old ready', 'a new ready', 'b old ready', 'c old ready'],
    want: '+b -a0',
  },
  {
    name: 'surging: an old one that is not available does not count',
    set: surging,
    pods: ['a old', 'b old ready', 'c old ready'],
    want: '+a +b',
  },
  {
    name: 'surging: away from a node that no longer fits, when another has one',
    set: surging,
    nodes: ['a', 'x'],
    pods: ['x old ready', 'a new ready'],
    want: '-x0',
  },
  { name: 'surging: not before', set: surging, nodes: ['a', 'x'], pods: ['x old ready', 'a new'], want: '' },
];

for (const { name, set = plain, nodes, pods, want } of updates) {
  test(`rolling update: ${name}`, () => {
    assert.equal(text(planUpdate(viewWith(set, pods, nodes))), want);
  });
}

test('the status counts nodes, by the oldest pod of each', () => {
  const view = viewWith(plain, ['a old ready', 'a new', 'b new ready', 'x new'], ['a', 'b', 'c', 'x']);
  assert.deepEqual(daemonStatus(view, 0), {
    currentNumberScheduled: 2,
    desiredNumberScheduled: 3,
    numberMisscheduled: 1,
    numberReady: 2,
    numberAvailable: 2,
    numberUnavailable: 1,
    updatedNumberScheduled: 1,
  });
});
