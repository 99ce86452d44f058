import type { Random } from '../../src/base/random.ts';

/** A whole number of 0 up to, but not including, `below`. */
export function below(random: Random, limit: number): number {
  return Math.floor(random.next() * limit);
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)]!;
}

export function chance(random: Random, share: number): boolean {
  return random.next() < share;
}

/** Texts that parsers, validators and encoders stumble over. */
const oddTexts = [
  '',
  ' ',
  'a',
  'default',
  'Not_A_Name',
  '-x-',
  '..',
  '../../etc/passwd',
  '%2e%2e',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'true',
  'NaN',
  '1e999',
  '9007199254740993',
  '0x10',
  '1.5Gi',
  '100m',
  `${'9'.repeat(400)}Ei`,
  '2030-01-01T00:00:00Z',
  '2030-13-99T99:99:99Z',
  '10.96.0.1',
  '::ffff:127.0.0.1',
  'a=b,c!=d',
  'a in (b,c),!d',
  'metadata.name=x',
  'x'.repeat(300),
  'é\u0000\u{1f600}\ud800',
  '\r\nX-Injected: yes',
  '"\\u0000"',
  '{"a":1}',
  '$(HOME)',
];

/** A value where it does not belong, of a few letters up to some thousand members. */
export function oddValue(random: Random, depth = 0): unknown {
  const kind = below(random, depth > 3 ? 8 : 14);
  if (kind < 4) return pick(random, oddTexts);
  if (kind === 4) return null;
  if (kind === 5) return chance(random, 0.5);
  if (kind === 6) return pick(random, [0, -1, 1, 1.5, 65536, 2 ** 31, 2 ** 53, -(2 ** 63), 1e300]);
  if (kind === 7) return below(random, 1000);
  if (kind === 8) return [];
  if (kind === 9) return {};
  if (kind === 10) return Array.from({ length: below(random, 6) }, () => oddValue(random, depth + 1));
  if (kind === 11) return nested(1 + below(random, 3000), chance(random, 0.5));
  if (kind === 12) return Array.from({ length: below(random, 2000) }, (_, at) => ({ name: `n${at}`, value: 'x' }));
  const members: [string, unknown][] = Array.from({ length: below(random, 6) }, () => [
    pick(random, oddTexts),
    oddValue(random, depth + 1),
  ]);
  return Object.fromEntries(members);
}

function nested(depth: number, inLists: boolean): unknown {
  let value: unknown = 'deep';
  for (let at = 0; at < depth; at++) value = inLists ? [value] : { a: value };
  return value;
}

/** A text of a query or path. */
export function oddText(random: Random): string {
  return pick(random, oddTexts);
}
