import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandProtocols, readMessage } from './channels.ts';

const [v5, v4, base64] = commandProtocols;

const rows = [
  {
    name: 'data of a channel',
    protocol: v4!,
    bytes: [0, 0x61, 0x62],
    want: { kind: 'data', channel: 0, payload: Buffer.from('ab') },
  },
  { name: 'the end of a channel in version 5', protocol: v5!, bytes: [255, 0], want: { kind: 'close', channel: 0 } },
  { name: 'a close without a channel', protocol: v5!, bytes: [255], want: undefined },
  {
    name: 'no end of a channel in version 4',
    protocol: v4!,
    bytes: [255, 0],
    want: { kind: 'data', channel: 255, payload: Buffer.from([0]) },
  },
  {
    name: 'base64',
    protocol: base64!,
    bytes: [...Buffer.from('4YWI=')],
    want: { kind: 'data', channel: 4, payload: Buffer.from('ab') },
  },
  { name: 'nothing', protocol: v5!, bytes: [], want: undefined },
];
for (const { name, protocol, bytes, want } of rows)
  test(`a message with ${name}`, () => assert.deepEqual(readMessage(Buffer.from(bytes), protocol), want));
