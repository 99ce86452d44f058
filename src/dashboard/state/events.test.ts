import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastSeen } from './events.ts';

const made = '2026-01-01T00:00:00Z';
const times = { firstTimestamp: '2026-01-01T00:00:01Z', lastTimestamp: '2026-01-01T00:00:03Z' };

for (const [name, fields, want] of [
  ['counted in the old way', times, times.lastTimestamp],
  ['of the new form', { eventTime: '2026-01-01T00:00:02Z' }, '2026-01-01T00:00:02Z'],
  [
    'that is a series',
    { eventTime: '2026-01-01T00:00:02Z', series: { count: 3, lastObservedTime: '2026-01-01T00:00:09Z' } },
    '2026-01-01T00:00:09Z',
  ],
  ['that says nothing', {}, made],
] as const)
  test(`an event ${name} was seen last when it says so`, () => {
    const event = { metadata: { name: 'e', creationTimestamp: made }, involvedObject: {}, ...fields };
    assert.equal(lastSeen(event), want);
  });
