import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { usualWindow } from '../src/apiserver/cache/window-bounds.ts';
import { testContext } from '../src/apiserver/testing/context.ts';
import { FlowControl } from '../src/apiserver/flow-control/flow-control.ts';
import { defaultLimits } from '../src/http/limits.ts';

const security = readFileSync(join(import.meta.dirname, '../docs/security.md'), 'utf8');

/** The cells of the tables, a row each. */
const rows = security
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

test('each row of the tables about security names the test that shows it', () => {
  const without = rows.filter((cells) => !/`[^`]+\.test\.ts`/.test(cells.at(-2) ?? '')).map(([, what]) => what);
  assert.deepEqual(without, ['who', 'root on the host', 'bound']);
});

const limits = defaultLimits;
const flow = new FlowControl(testContext().context, () => 0).limits;
const count = (value: number) => value.toLocaleString('en');
const seconds = (...ms: readonly number[]) => ms.map((one) => `${one / 1000} s`).join(', ');
const mebibytes = (bytes: number) => `${bytes / 1024 / 1024} MiB`;
const kibibytes = (bytes: number) => `${bytes / 1024} KiB`;

const told: readonly (readonly [bound: string, ...values: string[]])[] = [
  ['connections', count(limits.connections)],
  ['TLS handshake, head, idle', seconds(limits.handshakeMs, limits.headMs, limits.idleMs, limits.stallMs)],
  ['head of a request', kibibytes(limits.headerBytes), `${limits.headers} headers`],
  ['requests at once on an HTTP/2', count(limits.streams)],
  ['frames that do no work', `${count(limits.controlBurst)} at once`, `${limits.controlPerSecond} in each second`],
  ['a slow body', seconds(limits.bodyGraceMs), `${kibibytes(limits.bodyBytesPerSecond)}/s`],
  ['all bodies being read', mebibytes(limits.bodyBytes)],
  ['answers waiting', mebibytes(limits.connectionBytes), mebibytes(limits.writeBytes)],
  ['requests in flight', `${flow.readOnly + flow.mutating} seats`],
  ['watches', count(flow.watches.all), `of one user ${count(flow.watches.ofOneUser)}`],
  ['logs, exec', count(flow.streams.all), `of one user ${count(flow.streams.ofOneUser)}`],
  ['changes kept', mebibytes(usualWindow.kindBytes), mebibytes(usualWindow.totalBytes), '5 minutes'],
];

test('the numbers in the table of bounds are those of the program', () => {
  for (const [bound, ...values] of told) {
    const row = rows.find(([, what]) => what!.startsWith(bound));
    for (const value of values) assert.ok(row?.[2]?.includes(value), `${bound}: ${value} is not in "${row?.[2]}"`);
  }
});
