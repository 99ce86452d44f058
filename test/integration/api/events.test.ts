import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
before(async () => {
  api = await startHttpsApi();
});
after(() => api[Symbol.asyncDispose]());

const core = '/api/v1/namespaces/default/events';
const events = '/apis/events.k8s.io/v1/namespaces/default/events';
const time = '2026-01-01T00:00:00.123456Z';

const newer = (name: string, more: object = {}) => ({
  kind: 'Event',
  apiVersion: 'events.k8s.io/v1',
  metadata: { name },
  eventTime: time,
  reportingController: 'example.com/tests',
  reportingInstance: 'tests-1',
  action: 'Testing',
  reason: 'Tested',
  type: 'Normal',
  note: 'all is well',
  regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
  ...more,
});
const older = (name: string, more: object = {}) => ({
  kind: 'Event',
  apiVersion: 'v1',
  metadata: { name },
  involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
  reason: 'Tested',
  message: 'all is well',
  type: 'Odd',
  source: { component: 'tests' },
  firstTimestamp: '2026-01-01T00:00:00Z',
  count: 1,
  ...more,
});

const send = (method: string, path: string, body: object, type = 'application/json') =>
  api.ask(path, { method, body, headers: { 'content-type': type } });
const patch = (path: string, body: object) => send('PATCH', path, body, 'application/strategic-merge-patch+json');
/** `field: message` of each cause, in order. */
const causes = (body: any): string[] => body.details.causes.map((one: any) => `${one.field}: ${one.message}`);

test('an event of either group is one and the same object in both', async () => {
  assert.equal((await send('POST', events, newer('new'))).code, 201);
  const asCore = (await api.ask(`${core}/new`)).body;
  assert.equal(asCore.apiVersion, 'v1');
  assert.deepEqual(asCore.involvedObject, newer('').regarding);
  assert.deepEqual(
    [asCore.message, asCore.reportingComponent, asCore.eventTime, asCore.source],
    ['all is well', 'example.com/tests', time, {}],
  );
  assert.equal((await send('POST', core, older('old'))).code, 201);
  const asNew = (await api.ask(`${events}/old`)).body;
  assert.equal(asNew.apiVersion, 'events.k8s.io/v1');
  assert.deepEqual(
    [asNew.note, asNew.regarding.name, asNew.deprecatedSource, asNew.deprecatedCount, asNew.deprecatedFirstTimestamp],
    ['all is well', 'p', { component: 'tests' }, 1, '2026-01-01T00:00:00Z'],
  );
  const both = await Promise.all([core, events].map((path) => api.ask(path)));
  const names = both.map(({ body }) => body.items.map((one: any) => one.metadata.name));
  assert.deepEqual(names, [
    ['new', 'old'],
    ['new', 'old'],
  ]);
});

test('a series goes on through either group', async () => {
  await send('POST', events, newer('series'));
  const series = (count: number) => ({ series: { count, lastObservedTime: '2026-01-01T00:01:00.000000Z' } });
  const first = await patch(`${events}/series`, series(2));
  assert.deepEqual([first.code, first.body.series.count], [200, 2]);
  const second = await patch(`${core}/series`, series(3));
  assert.deepEqual([second.code, second.body.series.count, second.body.apiVersion], [200, 3, 'v1']);
  assert.equal((await api.ask(`${events}/series`)).body.series.count, 3);
});

test('the newer group wants all that upstream wants of a new event', async () => {
  const wrong = newer('wrong', {
    eventTime: null,
    type: 'Odd',
    series: { count: 1, lastObservedTime: null },
    deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
    deprecatedLastTimestamp: '2026-01-01T00:00:00Z',
    deprecatedCount: 2,
    deprecatedSource: { component: 'tests' },
  });
  const { code, body } = await send('POST', events, wrong);
  assert.equal(code, 422);
  assert.deepEqual(causes(body), [
    'series.count: Invalid value: "": should be at least 2',
    'series.lastObservedTime: Required value',
    'eventTime: Required value',
    'type: Invalid value: "": has invalid value: Odd',
    'firstTimestamp: Invalid value: "": needs to be unset',
    'lastTimestamp: Invalid value: "": needs to be unset',
    'count: Invalid value: "": needs to be unset',
    'source: Invalid value: "": needs to be unset',
  ]);
  // The older group takes the like.
  const same = older('right', { series: { count: 1 }, lastTimestamp: '2026-01-01T00:00:00Z', count: 2 });
  assert.equal((await send('POST', core, same)).code, 201);
});

test('with a time of its own an event has more duties in both groups, each in its own words', async () => {
  const bare = { reportingController: '', reportingInstance: '', action: 'é'.repeat(65), reason: '' };
  const rest = [
    'reportingInstance: Required value',
    'action: Invalid value: "": can have at most 128 characters',
    'reason: Required value',
  ];
  const name = /^name part must be non-empty/;
  for (const [path, body, field] of [
    [events, newer('bare', bare), 'reportingController'],
    [core, older('bare', { ...bare, reportingController: undefined, eventTime: time }), 'reportingComponent'],
  ] as const) {
    const answer = await send('POST', path, body);
    const told = causes(answer.body);
    assert.equal(answer.code, 422);
    assert.equal(told[0], `${field}: Required value`);
    const about = told.filter((one) => one.startsWith(`${field}: Invalid value: "": `));
    assert.match(about[0]!.slice(`${field}: Invalid value: "": `.length), name);
    assert.deepEqual(told.slice(-3), rest);
  }
});

test('only the newer group keeps an event from being changed', async () => {
  await send('POST', events, newer('fixed'));
  const wrong = await patch(`${events}/fixed`, { reason: 'Other', note: 'other', type: 'Warning', action: 'Other' });
  assert.equal(wrong.code, 422);
  const immutable = (field: string, value: string) =>
    `${field}: Invalid value: ${JSON.stringify(value)}: field is immutable`;
  assert.deepEqual(causes(wrong.body), [
    immutable('reason', 'Other'),
    immutable('message', 'other'),
    immutable('reason', 'Other'),
    immutable('type', 'Warning'),
    immutable('action', 'Other'),
  ]);
  const right = await patch(`${core}/fixed`, { reason: 'Other', message: 'other', count: 7 });
  assert.deepEqual([right.code, right.body.reason, right.body.count], [200, 'Other', 7]);
  const seen = (await api.ask(`${events}/fixed`)).body;
  assert.deepEqual([seen.reason, seen.note, seen.deprecatedCount], ['Other', 'other', 7]);
});

test('an event is made by a PUT, with the name that its group allows', async () => {
  assert.equal((await send('PUT', `${core}/Put.1`, older('Put.1'))).code, 201);
  const refused = await send('PUT', `${events}/Put.2`, newer('Put.2'));
  assert.equal(refused.code, 422);
  assert.match(refused.body.message, /metadata.name: Invalid value: "Put.2": a lowercase RFC 1123 subdomain/);
  assert.equal((await send('PUT', `${events}/put.3`, newer('put.3'))).code, 201);
});

test('an event says which namespace it is about', async () => {
  for (const [path, body] of [
    [core, older('stray', { involvedObject: { kind: 'Pod', name: 'p', namespace: 'other' } })],
    [core, older('stray', { involvedObject: { kind: 'Pod', name: 'p', namespace: 'other' }, eventTime: null })],
  ] as const) {
    const answer = await send('POST', path, body);
    assert.deepEqual(causes(answer.body), [
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
  }
});

test('what is wrong with a newer event is told of the older kind, as whose it is checked', async () => {
  const { code, body } = await send('POST', events, newer('odd', { type: 'Odd' }));
  assert.equal(code, 422);
  assert.equal(body.message, 'Event "odd" is invalid: type: Invalid value: "": has invalid value: Odd');
  assert.deepEqual([body.details.group, body.details.kind], [undefined, 'Event']);
});
