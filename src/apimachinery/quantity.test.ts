import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addQuantities,
  compareQuantities,
  hasFraction,
  milliValue,
  normalQuantity,
  parseQuantity,
  quantityComplaint,
  quantityOf,
  quantityText,
  quantityToNumber,
  quantityValue,
  subtractQuantities,
} from './quantity.ts';

const wrongForm = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";

for (const [sent, kept] of [
  ['1', '1'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.1', '100m'],
  ['.5', '500m'],
  ['1.', '1.'],
  ['1e3', '1e3'],
  ['1E3', '1E3'],
  ['1e-3', '1e-3'],
  ['1024Ki', '1Mi'],
  ['1000Ki', '1000Ki'],
  ['0.5Gi', '512Mi'],
  ['1.5Gi', '1536Mi'],
  ['1000k', '1M'],
  ['1.5G', '1500M'],
  ['0', '0'],
  ['0Gi', '0'],
  ['00012', '00012'],
  ['+3', '+3'],
  ['e3', '0'],
  [' 1', '1'],
  ['1234567890', '1234567890'],
  ['123456Ki', '123456Ki'],
  ['999999999999999999999999999999', '999999999999999999999999999999'],
  ['1e400', '10e399'],
  ['0.0001m', '100n'],
  ['1e-12', '1n'.replace('n', 'e-9')],
  ['9Ei', String(2n ** 63n - 1n)],
  ['0.25Ki', '256'],
  ['0.0001Ki', '102400u'],
  ['-1500m', '-1500m'],
] as const)
  test(`the quantity ${JSON.stringify(sent)} is stored as ${kept}`, () => assert.equal(normalQuantity(sent), kept));

for (const [sent, complaint] of [
  ['', wrongForm],
  ['1 Gi', wrongForm],
  ['1gi', wrongForm],
  ['1GB', wrongForm],
  ['1..2', wrongForm],
  ['0x10', wrongForm],
  ['Inf', wrongForm],
  ['1e', wrongSuffix],
  ['--1', wrongSuffix],
  ['1Gi1', wrongSuffix],
  ['1i', wrongSuffix],
  ['1mm', wrongSuffix],
  ['1e99999999', wrongSuffix],
] as const)
  test(`${JSON.stringify(sent)} is no quantity`, () => assert.equal(quantityComplaint(sent), complaint));

test('amounts convert to whole units and thousandths, rounded away from zero', () => {
  assert.equal(milliValue(parseQuantity('100m')), 100n);
  assert.equal(milliValue(parseQuantity('1u')), 1n);
  assert.equal(quantityValue(parseQuantity('1500m')), 2n);
  assert.equal(quantityValue(parseQuantity('-1500m')), -2n);
  assert.equal(quantityValue(parseQuantity('1Ki')), 1024n);
  assert.equal(quantityToNumber(parseQuantity('250m')), 0.25);
  assert.equal(hasFraction(parseQuantity('1500m')), true);
  assert.equal(hasFraction(parseQuantity('1000m')), false);
});

test('a sum keeps the format of the first that is not zero', () => {
  const sum = (...texts: string[]) => quantityText(texts.map(parseQuantity).reduce(addQuantities));
  assert.equal(sum('512Mi', '512Mi'), '1Gi');
  assert.equal(sum('0', '1Gi'), '1Gi');
  assert.equal(sum('100m', '0.2'), '300m');
  assert.equal(sum('1G', '1Gi'), '2073741824');
  assert.equal(quantityText(subtractQuantities(parseQuantity('1'), parseQuantity('250m'))), '750m');
});

const quantities = fc
  .tuple(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'Ki', 'Mi', 'e3', 'e-2'))
  .map(([amount, suffix]) => `${amount}${suffix}`);

test('the stored text means the same and is stable', () => {
  fc.assert(
    fc.property(quantities, (text) => {
      const stored = normalQuantity(text);
      assert.equal(compareQuantities(parseQuantity(text), parseQuantity(stored)), 0);
      assert.equal(normalQuantity(stored), stored);
    }),
  );
});

test('comparing agrees with subtracting, and adding with whole numbers', () => {
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      const difference = subtractQuantities(parseQuantity(a), parseQuantity(b)).unscaled;
      const sign = difference < 0n ? -1 : difference > 0n ? 1 : 0;
      assert.equal(compareQuantities(parseQuantity(a), parseQuantity(b)), sign);
    }),
  );
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
      assert.equal(quantityValue(addQuantities(quantityOf(a), quantityOf(b))), BigInt(a) + BigInt(b));
    }),
  );
});

test('a quantity of very many digits is none', () => {
  for (const text of ['1'.repeat(3_000_000), `0.${'1'.repeat(3_000_000)}`, `1e${'1'.repeat(3_000_000)}`])
    assert.match(quantityComplaint(text)!, /^quantities must match the regular expression/);
  assert.equal(normalQuantity('1'.padEnd(1000, '0')), `${'1'.padEnd(982, '0')}E`);
});
