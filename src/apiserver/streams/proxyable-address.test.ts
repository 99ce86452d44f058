import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyableAddress } from './proxyable-address.ts';

const allowed: Record<string, string> = {
  '10.244.0.9': '10.244.0.9',
  '010.244.000.9': '10.244.0.9',
  '::ffff:10.244.0.9': '10.244.0.9',
  '2001:DB8:0:0::1': '2001:db8::1',
  'fd00::7': 'fd00::7',
  '240.0.0.1': '240.0.0.1',
};
for (const [text, want] of Object.entries(allowed))
  test(`requests may be proxied to ${text}, which is ${want}`, () => assert.equal(proxyableAddress(text), want));

for (const text of [
  '127.0.0.1',
  '127.9.9.9',
  '0127.0.0.1',
  '0.0.0.0',
  '0.0.0.1',
  '169.254.169.254',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:a9fe:a9fe',
  '::127.0.0.1',
  'fe80::1',
  'FEBF::1',
  'ff02::1',
  'localhost',
  'localtest.example.com',
  '2130706433',
  '0x7f.0.0.1',
  '127.1',
  '10.244.0.9%eth0',
  '',
])
  test(`no request is proxied to "${text}"`, () => assert.equal(proxyableAddress(text), undefined));
