import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Clock } from '../../../base/clock.ts';
import { systemClock } from '../../../base/system-clock.ts';
import { readLogOptions, type LogOptions } from './log-options.ts';
import { readLog } from './read-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'logs-'));
after(() => rmSync(folder, { recursive: true }));

const all: LogOptions = { follow: false, timestamps: false, stream: 'All' };
const lines = [
  '2026-01-01T00:00:01.5Z stdout F one',
  '2026-01-01T00:00:02.123456789Z stderr F two',
  '2026-01-01T00:00:03Z stdout P thr',
  '2026-01-01T00:00:03Z stdout F ee',
  '2026-01-01T00:00:04Z stdout F four',
];

const rows: { name: string; options: Partial<LogOptions>; want: string }[] = [
  { name: 'joins partial lines', options: {}, want: 'one\ntwo\nthree\nfour\n' },
  { name: 'shows the last lines', options: { tailLines: 2 }, want: 'ee\nfour\n' },
  { name: 'shows none', options: { tailLines: 0 }, want: '' },
  { name: 'shows all when there are fewer', options: { tailLines: 100 }, want: 'one\ntwo\nthree\nfour\n' },
  { name: 'shows one stream', options: { stream: 'Stderr' }, want: 'two\n' },
  { name: 'leaves out what is older', options: { since: Date.parse('2026-01-01T00:00:03Z') }, want: 'three\nfour\n' },
  { name: 'cuts after some bytes', options: { limitBytes: 6 }, want: 'one\ntw' },
  {
    name: 'writes the time once a line, with nine digits',
    options: { timestamps: true, tailLines: 4 },
    want: '2026-01-01T00:00:02.123456789Z two\n2026-01-01T00:00:03.000000000Z three\n2026-01-01T00:00:04.000000000Z four\n',
  },
];

const source = (path: string, isRunning = async () => false) => ({ path, isRunning });

for (const { name, options, want } of rows)
  test(`a log ${name}`, async () => {
    const path = join(folder, 'plain.log');
    writeFileSync(path, `${lines.join('\n')}\n`);
    assert.equal(await shown(path, { ...all, ...options }), want);
  });

test('the last lines of a long log are found across pieces', async () => {
  const path = join(folder, 'long.log');
  const line = (index: number): string => `2026-01-01T00:00:00Z stdout F ${index} ${'x'.repeat(90)}\n`;
  writeFileSync(path, Array.from({ length: 5000 }, (_, index) => line(index)).join(''));
  const text = await shown(path, { ...all, tailLines: 1500 });
  assert.equal(text.split('\n').length, 1501);
  assert.ok(text.startsWith('3500 '));
});

async function shown(path: string, options: LogOptions): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of readLog(source(path), options, systemClock, new AbortController().signal))
    pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test('following goes through a rotation, and ends with the container', async () => {
  const path = join(folder, 'followed.log');
  const line = (text: string): string => `2026-01-01T00:00:00Z stdout F ${text}\n`;
  writeFileSync(path, line('first'));
  const steps = [
    () => appendFileSync(path, line('second')),
    () => renameSync(path, `${path}.1`),
    () => appendFileSync(`${path}.1`, line('late')),
    () => writeFileSync(path, ''),
    () => appendFileSync(path, line('third')),
  ];
  let isRunning = true;
  // Each look for news makes the next thing happen.
  const clock: Clock = {
    ...systemClock,
    async sleep() {
      const step = steps.shift();
      if (step === undefined) isRunning = false;
      else step();
    },
  };
  let text = '';
  const signal = new AbortController().signal;
  for await (const piece of readLog(
    source(path, async () => isRunning),
    { ...all, follow: true },
    clock,
    signal,
  ))
    text += piece.toString();
  assert.equal(text, 'first\nsecond\nlate\nthird\n');
});

test('options are read from the query, or complained about', () => {
  const read = (query: string) => readLogOptions(new URLSearchParams(query), 100_000);
  assert.deepEqual(read('follow=true&timestamps=1&tailLines=3&limitBytes=9&sinceSeconds=10'), {
    follow: true,
    timestamps: true,
    stream: 'All',
    since: 90_000,
    tailLines: 3,
    limitBytes: 9,
  });
  assert.match(read('tailLines=-1') as string, /tailLines: Invalid value: -1: must be greater than or equal to 0/);
  assert.match(read('limitBytes=0') as string, /limitBytes: Invalid value: 0: must be greater than 0/);
  assert.match(read('sinceTime=yesterday') as string, /sinceTime: Invalid value/);
  assert.match(read('sinceTime=2026-01-01T00:00:00Z&sinceSeconds=1') as string, /at most one/);
});
