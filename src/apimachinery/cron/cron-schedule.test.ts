import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCronSchedule } from './cron-schedule.ts';

/** Texts and what github.com/robfig/cron/v3 v3.0.1 says of them. */
const refused: readonly (readonly [text: string, complaint: string])[] = [
  ['', 'empty spec string'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['*/-5 * * * *', 'negative number (-5) not allowed: -5'],
  [
    '99999999999999999999 * * * *',
    'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
  ],
  ['* * * foo *', 'failed to parse int from foo: strconv.Atoi: parsing "foo": invalid syntax'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['@foo', 'unrecognized descriptor: @foo'],
  ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
  ['@every 5x', 'failed to parse duration @every 5x: time: unknown unit "x" in duration "5x"'],
  ['TZ=UTC', 'invalid schedule format: runtime error: slice bounds out of range [:-1]'],
  ['TZ=Mars/Olympus * * * * *', 'provided bad location Mars/Olympus: unknown time zone Mars/Olympus'],
  ['TZ=../x * * * * *', 'provided bad location ../x: time: invalid location name'],
];

for (const [text, message] of refused)
  test(`"${text}" is no schedule`, () => {
    assert.throws(() => parseCronSchedule(text), { name: 'CronError', message });
  });

/** Schedules, an instant in UTC, and the times that follow by github.com/robfig/cron/v3 v3.0.1. */
const followed: readonly (readonly [text: string, after: string, ...times: string[]])[] = [
  ['*/20 9-17/4 * * mon-FRI', '2026-01-02T17:30:30Z', '2026-01-02T17:40:00Z', '2026-01-05T09:00:00Z'],
  ['5/25 0 * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z', '2026-01-01T00:30:00Z', '2026-01-01T00:55:00Z'],
  ['0 0 10 * 5', '2026-02-06T00:00:00Z', '2026-02-10T00:00:00Z', '2026-02-13T00:00:00Z'],
  ['0 0 */1 * 5', '2026-02-06T00:00:00Z', '2026-02-13T00:00:00Z'],
  ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z'],
  ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z', '2026-01-11T00:00:00Z'],
  ['@every 1h30m10.5s', '2026-01-01T00:00:00.7Z', '2026-01-01T01:30:10Z', '2026-01-01T03:00:20Z'],
  ['@every 10ms', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'],
  ['CRON_TZ=Asia/Kolkata 30 5 * * *', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  // 02:30 is left out when clocks go forward, and comes twice when they go back.
  [
    'TZ=Europe/Berlin 30 2 * * *',
    '2026-03-27T12:00:00Z',
    '2026-03-28T01:30:00Z',
    '2026-03-30T00:30:00Z',
    '2026-03-31T00:30:00Z',
  ],
  [
    'TZ=Europe/Berlin 30 2 * * *',
    '2026-10-24T12:00:00Z',
    '2026-10-25T00:30:00Z',
    '2026-10-25T01:30:00Z',
    '2026-10-26T01:30:00Z',
  ],
  // Clocks go forward at midnight.
  ['TZ=America/Santiago 0 0 * * *', '2026-09-05T12:00:00Z', '2026-09-07T03:00:00Z'],
  ['TZ=Australia/Lord_Howe 15 2 * * *', '2026-10-03T00:00:00Z', '2026-10-04T15:15:00Z', '2026-10-05T15:15:00Z'],
];

for (const [text, after, ...times] of followed)
  test(`"${text}" after ${after}`, () => {
    const schedule = parseCronSchedule(text);
    const got: string[] = [];
    for (let at = Date.parse(after); got.length < times.length;) {
      at = schedule.next(at)!;
      got.push(new Date(at).toISOString().replace('.000', ''));
    }
    assert.deepEqual(got, times);
  });

test('a day that no month has never comes', () => {
  assert.equal(parseCronSchedule('0 0 31 2 *').next(0), undefined);
});
