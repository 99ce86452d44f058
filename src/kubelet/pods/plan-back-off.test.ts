import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ended, observe, situation } from '../testing/pods.ts';
import { planText } from '../testing/plan-text.ts';
import { planPod } from './plan.ts';
import type { PodSituation } from './situation.ts';

const failure = { message: 'no', at: 99_000 };
const backoff = (delayMs: number) => new Map([['app', { delayMs, restartedAt: 60_000 }]]);

const rows: { name: string; given: Partial<PodSituation>; want: string[] }[] = [
  {
    name: 'a back-off is told at once, and shown when it is all but over',
    given: { observed: observe([ended('app', 1, 99_000, { attempt: 1 })]), backoffs: backoff(10_000) },
    want: ['announce app', 'wake at 108'],
  },
  {
    name: 'then the back-off is shown',
    given: {
      observed: observe([ended('app', 1, 91_000, { attempt: 1 })]),
      backoffs: backoff(10_000),
      toldBackOffs: new Map([['app', { containerId: 'app-1', at: 91_000 }]]),
    },
    want: ['show app 10', 'wake at 101'],
  },
  {
    name: 'a long back-off is shown after a minute',
    given: {
      observed: observe([ended('app', 1, 40_000, { attempt: 1 })]),
      backoffs: new Map([['app', { delayMs: 160_000, restartedAt: 30_000 }]]),
    },
    want: ['announce app', 'show app 160', 'wake at 200'],
  },
  {
    name: 'behind a start that failed it is shown soon',
    given: {
      observed: observe([ended('app', 128, 99_000, { attempt: 1 })]),
      backoffs: backoff(10_000),
      failures: new Map([['app', { ...failure, reason: 'RunContainerError', retryAt: 0, containerId: 'app-1' }]]),
    },
    want: ['announce app', 'show app 10', 'wake at 109'],
  },
  // What was killed to be started again.
  {
    name: 'the first that was killed comes back at once',
    given: { observed: observe([ended('app', 137, 100_000)]), replaced: new Set(['app-0']) },
    want: ['start app 1'],
  },
  {
    name: 'the second, too, for the first end had no back-off',
    given: {
      observed: observe([ended('app', 137, 95_000), ended('app', 137, 100_000, { attempt: 1 })]),
      replaced: new Set(['app-0', 'app-1']),
    },
    want: ['start app 2'],
  },
  {
    name: 'the third waits for its own end if the one before was a short while ago',
    given: {
      observed: observe([ended('app', 137, 95_000, { attempt: 1 }), ended('app', 137, 100_000, { attempt: 2 })]),
      replaced: new Set(['app-2']),
      backoffs: new Map([['app', { delayMs: 10_000, restartedAt: 95_100 }]]),
    },
    want: ['announce app', 'wake at 101'],
  },
  {
    name: 'it does not if the end before was longer ago than the back-off',
    given: {
      observed: observe([ended('app', 137, 89_000, { attempt: 1 }), ended('app', 137, 100_000, { attempt: 2 })]),
      replaced: new Set(['app-2']),
      backoffs: new Map([['app', { delayMs: 10_000, restartedAt: 89_100 }]]),
    },
    want: ['start app 3'],
  },
];
for (const { name, given, want } of rows)
  test(`plan: ${name}`, () => assert.deepEqual(planText(planPod(situation(given))).toSorted(), want.toSorted()));
