import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cidrContains, cidrText, ipText, parseCidr, parseIp, validateCidr, validateIp, validateOldIp } from './ip.ts';
import { fieldErrorText } from './validation.ts';

for (const [text, canonical] of [
  ['10.0.0.1', '10.0.0.1'],
  ['010.0.0.1', '10.0.0.1'],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['1::', '1::'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
] as const)
  test(`${text} is the address ${canonical}`, () => assert.equal(ipText(parseIp(text)!), canonical));

for (const text of [
  '',
  '1.2.3',
  '1.2.3.256',
  '1.2.3.4.5',
  'x',
  ':',
  '1:2',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  '1.2.3.4::',
])
  test(`${JSON.stringify(text)} is no address`, () => assert.equal(parseIp(text), undefined));

test('networks are canonical, contain addresses, and are checked', () => {
  assert.equal(cidrText(parseCidr('10.1.2.3/12')!), '10.0.0.0/12');
  assert.equal(cidrText(parseCidr('2001:db8::1/64')!), '2001:db8::/64');
  assert.equal(cidrText(parseCidr('10.1.2.3/0')!), '0.0.0.0/0');
  assert.equal(parseCidr('10.0.0.0/33'), undefined);
  assert.equal(cidrContains(parseCidr('10.96.0.0/16')!, parseIp('10.96.3.4')!), true);
  assert.equal(cidrContains(parseCidr('10.96.0.0/16')!, parseIp('10.97.0.0')!), false);
  const texts = (errors: readonly Parameters<typeof fieldErrorText>[0][]) => errors.map(fieldErrorText);
  assert.deepEqual(texts(validateCidr('x', '10.0.0.1/8')), [
    'x: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
  ]);
  assert.deepEqual(texts(validateCidr('x', '10.0.0.0')), [
    'x: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ]);
  assert.deepEqual(texts(validateIp('x', '1::0')), ['x: Invalid value: "1::0": must be in canonical form ("1::")']);
  assert.deepEqual(texts(validateIp('x', '01.2.3.4')), ['x: Invalid value: "01.2.3.4": must not have leading 0s']);
  assert.deepEqual(texts(validateIp('x', '::ffff:1.2.3.4')), [
    'x: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
  ]);
  assert.deepEqual(validateOldIp('x', '01.2.3.4', false), []);
});
