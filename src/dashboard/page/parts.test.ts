import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { mounted, settled } from './testing/mounted.ts';
import { sessionOf } from './testing/session-of.ts';

const { Age, Facts, Meter } = await import('./parts.tsx');

test('an age goes on by itself', async () => {
  const now = signal(Date.parse('2026-01-01T00:00:30Z'));
  using age = await mounted(Age, { session: { ...sessionOf(), now }, since: '2026-01-01T00:00:00Z' });
  assert.equal(age.text(), '30s');
  now.value += 270_000;
  await settled();
  assert.equal(age.text(), '5m');
});

test('an age that nobody knows is not made up', async () => {
  using age = await mounted(Age, { session: sessionOf(), since: undefined });
  assert.equal(age.text(), '<unknown>');
});

for (const [used, of, level] of [
  [1, 4, 'good'],
  [3, 4, 'busy'],
  [4, 4, 'bad'],
  [9, 4, 'bad'],
  [0, 0, 'good'],
] as const)
  test(`a meter of ${used} of ${of} looks ${level}, and says it in words`, async () => {
    using meter = await mounted(Meter, { label: 'Pods of one', share: { used, of }, text: String });
    const [, , , track] = [...meter.root.all()];
    assert.equal(track!.getAttribute('aria-valuetext'), `${used} of ${of}`);
    assert.equal(track!.named('span')[0]!.getAttribute('class'), `fill ${level}`);
  });

test('facts without a value are left out', async () => {
  const facts = [
    ['Node', 'one'],
    ['Message', undefined],
    ['Nominated', '<none>'],
    ['Empty', ''],
  ] as const;
  using shown = await mounted(Facts, { facts });
  assert.equal(shown.text(), 'Nodeone');
});
