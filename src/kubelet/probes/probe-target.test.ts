import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portNumber } from './probe-target.ts';

const container = { ports: [{ name: 'web', containerPort: 8080 }] };
const rows: { port: number | string; want: number | string }[] = [
  { port: 80, want: 80 },
  { port: 'web', want: 8080 },
  { port: '81', want: 81 },
  { port: 'none', want: 'strconv.Atoi: parsing "none": invalid syntax' },
  { port: '70000', want: 'invalid port number: 70000' },
];

for (const { port, want } of rows)
  test(`the port ${port} of a probe`, () => {
    if (typeof want === 'number') assert.equal(portNumber(port, container), want);
    else assert.throws(() => portNumber(port, container), { message: want });
  });
