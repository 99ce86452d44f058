import assert from 'node:assert/strict';
import { test } from 'node:test';
import packets, { type Answer } from 'dns-packet';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { questionBytes } from '../wire/question.ts';
import { parseRelayed, type RelayedResponse } from '../wire/relay.ts';
import { ResponseCache } from './response-cache.ts';

const name = 'www.example.com';

function response(parts: { answers?: Answer[]; authorities?: Answer[]; flags?: number }): RelayedResponse {
  const bytes = packets.encode({ type: 'response', id: 1, questions: [{ type: 'A', name }], ...parts });
  const parsed = parseRelayed(bytes, 1, questionBytes(name, 1));
  assert.ok(parsed !== undefined);
  return parsed;
}

const address = (ttl: number, data = '192.0.2.1'): Answer => ({ type: 'A', name, ttl, data });
const soa = (ttl: number, minimum: number): Answer => ({
  type: 'SOA',
  name: 'example.com',
  ttl,
  data: { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum },
});
const nameError = 3;

const rows: readonly (readonly [what: string, parts: Parameters<typeof response>[0], seconds: number])[] = [
  ['an answer is kept for as long as it says', { answers: [address(12)] }, 12],
  ['by the record that says least', { answers: [address(25), address(8)] }, 8],
  ['but not longer than half a minute', { answers: [address(3600)] }, 30],
  ['and not shorter than five seconds', { answers: [address(0)] }, 5],
  ['a denial for as long as the zone says', { flags: nameError, authorities: [soa(600, 20)] }, 20],
  ['or its record', { flags: nameError, authorities: [soa(9, 600)] }, 9],
  ['an empty answer too', { authorities: [soa(600, 20)] }, 20],
  ['a denial that does not say is not kept', { flags: nameError }, 0],
  ['nor is a failure', { flags: 2, authorities: [soa(600, 20)] }, 0],
  ['nor half an answer', { flags: packets.TRUNCATED_RESPONSE, answers: [address(60)] }, 0],
];

for (const [what, parts, seconds] of rows)
  test(what, async () => {
    const clock = new VirtualClock();
    const cache = new ResponseCache(clock);
    cache.add('key', response(parts));
    assert.equal(cache.get('key') !== undefined, seconds > 0);
    if (seconds === 0) return;
    await clock.advance(seconds * 1000 - 1);
    assert.equal(cache.get('key')?.ageSeconds, seconds - 1);
    await clock.advance(1);
    assert.equal(cache.get('key'), undefined);
  });

test('the oldest make room for new ones', () => {
  const cache = new ResponseCache(new VirtualClock());
  const large = response({ answers: Array.from({ length: 2000 }, () => address(60)) });
  const most = Math.floor((8 * 1024 * 1024) / large.bytes.length);
  for (let key = 0; key <= most; key++) cache.add(String(key), large);
  assert.equal(cache.get('0'), undefined);
  assert.notEqual(cache.get(String(most)), undefined);
  assert.notEqual(cache.get('5'), undefined);
});
