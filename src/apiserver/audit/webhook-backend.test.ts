import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { nextTurn } from '../../base/turn.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { AuditTallies } from './audit-tallies.ts';
import type { Event } from './event.ts';
import { usualWebhook, WebhookBackend, type WebhookSettings } from './webhook-backend.ts';

function event(name: string, requestObject?: unknown): Event {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: name,
    stage: 'ResponseComplete',
    requestURI: '/livez',
    verb: 'get',
    user: {},
    requestReceivedTimestamp: '',
    stageTimestamp: '',
    ...(requestObject !== undefined && { requestObject }),
  };
}

/** What the server is sent. */
interface EventList {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: object;
  readonly items: readonly Event[];
}

/** A backend whose server answers what the test says (default 200), and notes which events came together. */
function open(settings: Partial<WebhookSettings> = {}, answers: (number | Error)[] = []) {
  const clock = new VirtualClock();
  const tallies = new AuditTallies();
  const sent: string[] = [];
  const bodies: EventList[] = [];
  const backend = new WebhookBackend(
    { ...usualWebhook, ...settings },
    {
      send: async (body) => {
        const list: EventList = JSON.parse(body);
        bodies.push(list);
        sent.push(list.items.map((item) => item.auditID).join(' '));
        const answer = answers.shift() ?? 200;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      clock,
      random: new SeededRandom(1),
      tallies,
      log: silentLogger,
    },
  );
  const pass = async (ms: number) => {
    await clock.advance(ms);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  };
  return { backend, tallies, sent, bodies, pass };
}

test('large events that wait are lost before they fill the memory, and the others are sent', async () => {
  const { backend, tallies, sent, pass } = open();
  await pass(0);
  for (let i = 0; i < 40; i++) backend.take(event(`e${i}`, 'x'.repeat(1 << 20)));
  await pass(30_000);
  assert.equal(sent.join(' ').split(' ').length, 31);
  assert.equal(tallies.errors.get('webhook'), 9);
  await backend[Symbol.asyncDispose]();
});

test('events are sent together when there are enough, or the first has waited long enough', async () => {
  const { backend, sent, bodies, pass } = open({ maxSize: 2 });
  await pass(0);
  for (const name of ['a', 'b', 'c']) backend.take(event(name));
  await pass(0);
  assert.deepEqual(sent, ['a b']);
  await pass(29_000);
  assert.deepEqual(sent, ['a b']);
  await pass(1000);
  assert.deepEqual(sent, ['a b', 'c']);
  assert.deepEqual([bodies[0]!.kind, bodies[0]!.apiVersion, bodies[0]!.metadata], ['EventList', 'audit.k8s.io/v1', {}]);
  await backend[Symbol.asyncDispose]();
});

test('what fails is tried five times, longer and longer apart, and then lost and counted', async () => {
  const { backend, tallies, sent, pass } = open({ maxSize: 1 }, [500, new Error('gone'), 429, 503, 500]);
  await pass(0);
  backend.take(event('a'));
  await pass(0);
  assert.equal(sent.length, 1);
  for (const seconds of [12, 18, 27, 41]) await pass(seconds * 1000);
  assert.deepEqual(sent, ['a', 'a', 'a', 'a', 'a']);
  assert.equal(tallies.errors.get('webhook'), 1);
  backend.take(event('b'));
  await pass(0);
  assert.equal(sent.at(-1), 'b');
  await backend[Symbol.asyncDispose]();
});

test('what the server does not want it does not get again', async () => {
  const { backend, tallies, sent, pass } = open({ maxSize: 1 }, [400]);
  await pass(0);
  backend.take(event('a'));
  await pass(0);
  assert.deepEqual([sent, tallies.errors.get('webhook')], [['a'], 1]);
  await backend[Symbol.asyncDispose]();
});

test('no more wait than may, and no more are sent in a second than may', async () => {
  const { backend, tallies, sent, pass } = open({
    maxSize: 1,
    bufferSize: 4,
    throttle: { perSecond: 1, burst: 2 },
  });
  await pass(0);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) backend.take(event(name));
  assert.equal(tallies.errors.get('webhook'), 2);
  await pass(0);
  assert.deepEqual(sent, ['a', 'b']);
  await pass(1000);
  await pass(1000);
  assert.deepEqual(sent, ['a', 'b', 'c', 'd']);
  await backend[Symbol.asyncDispose]();
});

test('what is too large goes without its bodies, or not at all, and batches are bounded too', async () => {
  const { backend, tallies, bodies, sent, pass } = open({
    maxSize: 3,
    truncate: { maxEventBytes: 300, maxBatchBytes: 450 },
  });
  await pass(0);
  backend.take(event('large', { data: 'x'.repeat(1000) }));
  backend.take(event('x'.repeat(1000)));
  backend.take(event('b'));
  backend.take(event('c'));
  await pass(0);
  assert.deepEqual(sent.slice(0, 1), ['large'], 'the next would be too much for one sending');
  await pass(30_000);
  assert.deepEqual(sent, ['large', 'b c']);
  assert.deepEqual(bodies[0]!.items[0]!.annotations, { 'audit.k8s.io/truncated': 'true' });
  assert.equal(bodies[0]!.items[0]!.requestObject, undefined);
  assert.equal(tallies.errors.get('webhook'), 1);
  await backend[Symbol.asyncDispose]();
});

test('when the server ends, what waits is sent', async () => {
  const { backend, sent, pass } = open();
  await pass(0);
  backend.take(event('a'));
  await backend[Symbol.asyncDispose]();
  assert.deepEqual(sent, ['a']);
});
