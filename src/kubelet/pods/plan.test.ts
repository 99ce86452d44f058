import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ended, makeAttempt, makeContainer, makePod, makeSandbox, observe, situation } from '../testing/pods.ts';
import { planPod } from './plan.ts';
import { planText } from '../testing/plan-text.ts';
import type { PodSituation } from './situation.ts';

const sidecar = (name: string) => makeContainer(name, { restartPolicy: 'Always' });
const init = makePod({ initContainers: [makeContainer('first'), makeContainer('second')] });
const meshed = makePod({ initContainers: [sidecar('logs'), sidecar('proxy')] });
const two = makePod({ containers: [makeContainer('app'), makeContainer('other')] });
const never = makePod({ restartPolicy: 'Never' });
const onFailure = makePod({ restartPolicy: 'OnFailure' });
const dead = makeSandbox({ ready: false });
const unhealthy = (failed: 'liveness' | 'startup') => () => ({ started: true, ready: false, failed });
const deleted = (seconds: number) => ({ why: 'deleted', deadline: 100_000 + seconds * 1000 }) as const;
const failure = { reason: 'ErrImagePull', message: 'no', at: 99_000, retryAt: 110_000 };
const backoff = (delayMs: number) => new Map([['app', { delayMs, restartedAt: 60_000 }]]);

const rows: { name: string; given: Partial<PodSituation>; want: string[] }[] = [
  // The way in.
  {
    name: 'a new pod is prepared',
    given: { prepared: false, mayHaveSandbox: false, observed: observe([], []) },
    want: ['prepare'],
  },
  {
    name: 'its sandbox need not wait for volumes that surely come',
    given: { prepared: false, observed: observe([], []) },
    want: ['prepare', 'create-sandbox 0'],
  },
  { name: 'its containers wait for them', given: { prepared: false }, want: ['prepare'] },
  { name: 'preparing that failed waits', given: { prepared: false, prepareAgainAt: 101_000 }, want: ['wake at 101'] },
  { name: 'then it gets a sandbox', given: { observed: observe([], []) }, want: ['create-sandbox 0'] },
  {
    name: 'a sandbox that failed waits',
    given: { observed: observe([], []), sandboxAgainAt: 102_000 },
    want: ['wake at 102'],
  },
  { name: 'then its container', given: {}, want: ['start app 0'] },
  { name: 'a pod that runs is left alone', given: { observed: observe([makeAttempt('app')]) }, want: [] },
  { name: 'containers start one after the other', given: { pod: two }, want: ['start app 0'] },
  {
    name: 'the second follows the first',
    given: { pod: two, observed: observe([makeAttempt('app')]) },
    want: ['start other 0'],
  },
  {
    name: 'the second does not wait for a first that cannot start',
    given: { pod: two, failures: new Map([['app', failure]]) },
    want: ['start other 0', 'wake at 110'],
  },
  { name: 'a start that failed waits', given: { failures: new Map([['app', failure]]) }, want: ['wake at 110'] },
  // Init containers.
  { name: 'init containers come first', given: { pod: init }, want: ['start first 0'] },
  { name: 'the next waits while one runs', given: { pod: init, observed: observe([makeAttempt('first')]) }, want: [] },
  {
    name: 'the next follows one that is done',
    given: { pod: init, observed: observe([ended('first', 0, 99_000)]) },
    want: ['start second 0'],
  },
  {
    name: 'main containers follow all of them',
    given: { pod: init, observed: observe([ended('first', 0, 1), ended('second', 0, 2)]) },
    want: ['start app 0'],
  },
  {
    name: 'one that failed is tried again',
    given: { pod: init, observed: observe([ended('first', 1, 99_000)]) },
    want: ['start first 1'],
  },
  {
    name: 'one that failed and may not be tried again ends the pod',
    given: { pod: makePod({ ...init.spec, restartPolicy: 'Never' }), observed: observe([ended('first', 1, 99_000)]) },
    want: ['completed'],
  },
  {
    name: 'init containers run again in a new sandbox',
    given: {
      pod: init,
      observed: observe(
        [
          ended('first', 0, 1, { sandboxId: 'old' }),
          ended('second', 0, 2, { sandboxId: 'old' }),
          ended('app', 137, 3, { sandboxId: 'old' }),
        ],
        [makeSandbox({ pod: { ...makeSandbox().pod, attempt: 1 } })],
      ),
    },
    want: ['start first 1'],
  },
  // Sidecars.
  { name: 'a sidecar starts before the app', given: { pod: meshed }, want: ['start logs 0'] },
  {
    name: 'the next sidecar follows',
    given: { pod: meshed, observed: observe([makeAttempt('logs')]) },
    want: ['start proxy 0'],
  },
  {
    name: 'the app waits for a sidecar that is not up',
    given: {
      pod: meshed,
      observed: observe([makeAttempt('logs'), makeAttempt('proxy')]),
      health: (id) => ({ started: id !== 'proxy-0', ready: true }),
    },
    want: [],
  },
  {
    name: 'the app follows',
    given: { pod: meshed, observed: observe([makeAttempt('logs'), makeAttempt('proxy')]) },
    want: ['start app 0'],
  },
  {
    name: 'a sidecar that ended is started again beside the app',
    given: { pod: meshed, observed: observe([ended('logs', 0, 99_000), makeAttempt('proxy'), makeAttempt('app')]) },
    want: ['start logs 1'],
  },
  // Restarts.
  {
    name: 'the first restart comes at once',
    given: { observed: observe([ended('app', 1, 100_000)]) },
    want: ['start app 1'],
  },
  {
    name: 'a restart that has begun is no back-off, however long it takes',
    given: { observed: observe([ended('app', 1, 59_000)]), backoffs: backoff(10_000), busy: new Set(['start']) },
    want: ['start app 1'],
  },
  {
    name: 'after the back-off it is restarted',
    given: { observed: observe([ended('app', 1, 90_000, { attempt: 1 })]), backoffs: backoff(10_000) },
    want: ['start app 2'],
  },
  {
    name: 'a container that is done stays so on failure only',
    given: { pod: onFailure, observed: observe([ended('app', 0, 1)]) },
    want: ['completed'],
  },
  {
    name: 'one that failed is restarted on failure',
    given: { pod: onFailure, observed: observe([ended('app', 1, 1)]) },
    want: ['start app 1'],
  },
  {
    name: 'a pod that never restarts ends with its container',
    given: { pod: never, observed: observe([ended('app', 1, 1)]) },
    want: ['completed'],
  },
  {
    name: 'a rule for its exit code restarts a container all the same',
    given: {
      pod: makePod({
        restartPolicy: 'Never',
        containers: [
          makeContainer('app', {
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
          }),
        ],
      }),
      observed: observe([ended('app', 42, 1)]),
    },
    want: ['start app 1'],
  },
  {
    name: 'attempts beyond the last two are removed',
    given: {
      observed: observe([ended('app', 1, 1), ended('app', 1, 2, { attempt: 1 }), makeAttempt('app', { attempt: 2 })]),
    },
    want: ['remove-container app-0'],
  },
  // Probes and changes.
  {
    name: 'a failed liveness probe ends the container',
    given: { observed: observe([makeAttempt('app')]), health: unhealthy('liveness') },
    want: ['kill app: Container app failed liveness probe, will be restarted, by 130'],
  },
  {
    name: 'the probe may set a grace period of its own',
    given: {
      pod: makePod({ containers: [makeContainer('app', { startupProbe: { terminationGracePeriodSeconds: 3 } })] }),
      observed: observe([makeAttempt('app')]),
      health: unhealthy('startup'),
    },
    want: ['kill app: Container app failed startup probe, will be restarted, by 103'],
  },
  {
    name: 'of a sidecar it is told that it is an init container',
    given: {
      pod: meshed,
      observed: observe([makeAttempt('logs')]),
      health: unhealthy('startup'),
    },
    want: ['kill logs: Init container logs failed startup probe, by 130', 'start proxy 0'],
  },
  {
    name: 'a pod that never restarts says so',
    given: { pod: never, observed: observe([makeAttempt('app')]), health: unhealthy('liveness') },
    want: ['kill app: Container app failed liveness probe, by 130'],
  },
  {
    name: 'after its hook the container is stopped',
    given: {
      observed: observe([makeAttempt('app')]),
      kills: new Map([['app-0', { phase: 'waiting', deadline: 130_000 }]]),
    },
    want: ['stop app by 130'],
  },
  {
    name: 'a new image calls for a new container',
    given: {
      pod: makePod({ containers: [makeContainer('app', { image: 'image:v2' })] }),
      observed: observe([makeAttempt('app')]),
    },
    want: ['kill app: Container app definition changed, will be restarted, by 130'],
  },
  // Sandboxes.
  {
    name: 'what runs in a dead sandbox is ended',
    given: { observed: observe([makeAttempt('app')], [dead]) },
    want: ['kill app: Stopping container app, by 130'],
  },
  {
    name: 'a dead sandbox is replaced',
    given: { observed: observe([ended('app', 137, 1)], [dead]) },
    want: ['create-sandbox 1'],
  },
  {
    name: 'a sandbox without an address is replaced',
    given: { observed: observe([], [makeSandbox({ ips: [] })]) },
    want: ['stop-sandbox s0'],
  },
  {
    name: "on the node's network it needs none",
    given: { pod: makePod({ hostNetwork: true }), observed: observe([], [makeSandbox({ ips: [] })]) },
    want: ['start app 0'],
  },
  {
    name: 'a sandbox that nothing is left of is removed',
    given: { observed: observe([makeAttempt('app', { sandboxId: 's1' })], [makeSandbox({ id: 's1' }), dead]) },
    want: ['remove-sandbox s0'],
  },
  // The way out.
  {
    name: 'a deleted pod tells its containers',
    given: { end: deleted(20), observed: observe([makeAttempt('app')]) },
    want: ['kill app: Stopping container app, by 120', 'wake at 120'],
  },
  {
    name: 'sidecars wait for the app',
    given: {
      pod: meshed,
      end: deleted(20),
      observed: observe([makeAttempt('logs'), makeAttempt('proxy'), makeAttempt('app')]),
      kills: new Map(['logs-0', 'proxy-0', 'app-0'].map((id) => [id, { phase: 'waiting', deadline: 120_000 }])),
    },
    want: ['stop app by 120', 'wake at 120'],
  },
  {
    name: 'sidecars go in the reverse of their order',
    given: {
      pod: meshed,
      end: deleted(20),
      observed: observe([makeAttempt('logs'), makeAttempt('proxy'), ended('app', 0, 99_000)]),
      kills: new Map(['logs-0', 'proxy-0'].map((id) => [id, { phase: 'waiting', deadline: 120_000 }])),
    },
    want: ['stop proxy by 120', 'wake at 120'],
  },
  {
    name: 'when the grace is over nobody waits',
    given: {
      pod: meshed,
      end: deleted(0),
      observed: observe([makeAttempt('logs'), makeAttempt('proxy')]),
      kills: new Map([
        ['logs-0', { phase: 'hook', deadline: 100_000 }],
        ['proxy-0', { phase: 'waiting', deadline: 100_000 }],
      ]),
    },
    want: ['stop logs by 100', 'stop proxy by 100'],
  },
  {
    name: 'a shorter grace is passed on',
    given: {
      end: deleted(1),
      observed: observe([makeAttempt('app')]),
      kills: new Map([['app-0', { phase: 'stopping', deadline: 130_000 }]]),
    },
    want: ['stop app by 101', 'wake at 101'],
  },
  {
    name: 'a longer one is not',
    given: {
      end: deleted(60),
      observed: observe([makeAttempt('app')]),
      kills: new Map([['app-0', { phase: 'stopping', deadline: 130_000 }]]),
    },
    want: ['wake at 160'],
  },
  {
    name: 'then the sandbox goes',
    given: { end: deleted(20), observed: observe([ended('app', 0, 1)]) },
    want: ['stop-sandbox s0'],
  },
  { name: 'a start under way is waited for', given: { end: deleted(20), busy: new Set(['start']) }, want: [] },
  {
    name: 'then all is over',
    given: { end: deleted(20), observed: observe([ended('app', 0, 1)], [dead]) },
    want: ['ended'],
  },
];
for (const { name, given, want } of rows)
  test(`plan: ${name}`, () => assert.deepEqual(planText(planPod(situation(given))).toSorted(), want.toSorted()));
