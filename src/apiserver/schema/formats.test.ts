import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasFormat } from './formats.ts';

const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'email',
    [
      'a@b.c',
      'a.b+c@d',
      ' a@b ',
      'Ann <a@b>',
      'Ann B. <a@b>',
      '"A, <B>" <a@b>',
      '<a@b>',
      'ö`@b',
      '😀@b',
      '"a b"@c',
      'a@[::1]',
    ],
    [
      '',
      'a',
      '@b',
      'a@',
      'a..b@c',
      'a@b@c',
      'A@B <a@b>',
      'Ann <>',
      'Ann <a@b',
      'a@b>',
      '"A <a@b>',
      `${'a'.repeat(5000)}@b`,
    ],
  ],
  ['ipv4', ['1.2.3.4', '010.000.1.2'], ['1.2.3', '256.1.1.1', `${'0'.repeat(100)}1.2.3.4`]],
  ['ipv6', ['::1', '::ffff:1.2.3.4'], ['1.2.3.4', 'g::']],
  ['cidr', ['10.0.0.0/8', '010.0.0.0/08', 'fd00::/8'], ['10.0.0.0', '10.0.0.0/33']],
  ['duration', ['1h', '3 days', '2weeks and more', '12 34m', '-1 d'], ['3', 'day', '1 2 3', '1 fortnight']],
];

for (const [format, right, wrong] of rows)
  test(`format ${format}`, () => {
    for (const text of right) assert.equal(hasFormat(format, text), true, text);
    for (const text of wrong) assert.equal(hasFormat(format, text), false, text);
  });

/** Texts about which a pattern that tries all ways would think for hours; what counts is that there is an answer. */
const million = 1_000_000;
const hostile: readonly (readonly [string, string])[] = [
  ['duration', '1'.repeat(million)],
  ['duration', `1${' '.repeat(million)}`],
  ['ipv4', `${'0'.repeat(million)}x.`],
  ['cidr', `${'0'.repeat(million)}x/1`],
  ['email', ' '.repeat(million)],
  ['email', `${' '.repeat(4000)}x`],
  ['email', `"${'\\"'.repeat(1000)}<${'a.'.repeat(500)}>`],
  ['uri', `a:${'/'.repeat(million)}\u0000`],
  ['byte', 'a'.repeat(million + 1)],
  ['isbn', '- '.repeat(million)],
  ['datetime', `2020-01-01t00:00:00.${'1'.repeat(million)}`],
  ['rgbcolor', `rgb(${' '.repeat(million)}`],
];

for (const [format, text] of hostile)
  test(`format ${format} of ${JSON.stringify(text.slice(0, 6))}… is none, and that is soon said`, () => {
    assert.equal(hasFormat(format, text), false);
  });
