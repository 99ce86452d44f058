import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from './codec.ts';
import { messages } from './messages.ts';

test('a message comes back as it was, with what was left out as its empty value', () => {
  const bytes = encode('PodSandboxStatusResponse', {
    status: { id: 'a', state: 1, createdAt: 1_700_000_000_000_000_000, labels: { app: 'web' } },
  });
  const { status, info } = decode('PodSandboxStatusResponse', bytes);
  assert.deepEqual(info, {});
  assert.deepEqual(status, {
    id: 'a',
    metadata: null,
    state: 1,
    createdAt: 1_700_000_000_000_000_000,
    network: null,
    labels: { app: 'web' },
    annotations: {},
  });
});

test('the wire form is that of the protocol', () => {
  assert.equal(encode('StopContainerRequest', { containerId: 'c', timeout: 30 }).toString('hex'), '0a0163101e');
  assert.equal(encode('LinuxContainerResources', { oomScoreAdj: -1 }).toString('hex'), '28ffffffffffffffffff01');
});

test('fields of newer runtimes are skipped', () => {
  const known = encode('VersionResponse', { runtimeName: 'containerd' });
  const unknown = Buffer.from([0xfa, 0x01, 0x02, 0x68, 0x69]);
  assert.equal(decode('VersionResponse', Buffer.concat([known, unknown])).runtimeName, 'containerd');
});

test('every field has a number of its own and a kind that exists', () => {
  const scalars = ['string', 'bool', 'int32', 'uint32', 'int64', 'uint64', 'bytes', 'texts'];
  for (const [name, fields] of Object.entries(messages)) {
    const rows: [number, string, string?][] = Object.values(fields);
    assert.equal(new Set(rows.map(([number]) => number)).size, rows.length, name);
    for (const [, kind] of rows) assert.ok(scalars.includes(kind) || kind in messages, `${name}: ${kind}`);
  }
});
