import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalMicroTime, normalTime, parseTime, rfc3339, rfc3339Micro, timeComplaint } from './time.ts';

test('times are written in UTC, whole seconds or six digits', () => {
  assert.equal(rfc3339(1_136_214_245_999), '2006-01-02T15:04:05Z');
  assert.equal(rfc3339Micro(1_136_214_245_678.25), '2006-01-02T15:04:05.678250Z');
  assert.equal(normalTime('2006-01-02T17:04:05.9+02:00'), '2006-01-02T15:04:05Z');
  assert.equal(normalMicroTime('2006-01-02T17:04:05.123456+02:00'), '2006-01-02T15:04:05.123456Z');
  assert.equal(normalMicroTime('2006-01-02T17:04:05Z'), undefined);
});

test('a time that has no year of four digits is shown as the last or first that has', () => {
  assert.equal(rfc3339(9e18), '9999-12-31T23:59:59Z');
  assert.equal(rfc3339(-9e18), '0000-01-01T00:00:00Z');
});

for (const [text, complaint] of [
  ['', 'parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"'],
  ['soon', 'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"'],
  ['2006-01-02', 'parsing time "2006-01-02" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
  ['2006-13-02T00:00:00Z', 'parsing time "2006-13-02T00:00:00Z": month out of range'],
  ['2006-02-30T00:00:00Z', 'parsing time "2006-02-30T00:00:00Z": day out of range'],
  ['2006-01-02T00:00:00Zulu', 'parsing time "2006-01-02T00:00:00Zulu": extra text: "ulu"'],
] as const)
  test(`${JSON.stringify(text)} is no time`, () => {
    assert.equal(parseTime(text), undefined);
    assert.equal(timeComplaint(text), complaint);
  });

for (const [text, complaint] of [
  ['x', 'as "2006-01-02T15:04:05.000000Z07:00": cannot parse "x" as "2006"'],
  ['2030-01-01T00:00:00Z', 'as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"'],
] as const)
  test(`${JSON.stringify(text)} is no time with microseconds`, () => {
    assert.equal(normalMicroTime(text), undefined);
    assert.equal(timeComplaint(text, true), `parsing time ${JSON.stringify(text)} ${complaint}`);
  });

test('a time that was written is read back to the second', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 2e14 }), (at) => {
      assert.equal(parseTime(rfc3339(at)), Math.floor(at / 1000) * 1000);
      assert.equal(normalTime(rfc3339(at)), rfc3339(at));
    }),
  );
});

test('each day of a year is normal, and no other', () => {
  for (const year of [2023, 2024])
    for (let month = 0; month <= 13; month++)
      for (let day = 0; day <= 32; day++) {
        const two = (number: number) => String(number).padStart(2, '0');
        const text = `${year}-${two(month)}-${two(day)}T23:59:59Z`;
        assert.equal(normalTime(text), parseTime(text) === undefined ? undefined : text);
      }
});
