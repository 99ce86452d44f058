import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../base/system-clock.ts';
import { nextTurn } from '../../base/turn.ts';
import { LargeTexts } from './large-texts.ts';

const line = `  - {a: ${'x'.repeat(92)}}\n`;
const yamlOf = (bytes: number) => Buffer.from(`data:\n${line.repeat(bytes / line.length)}`);

test('YAML is read by a thread, and others have their turns meanwhile', async () => {
  await using yaml = new LargeTexts(systemClock);
  let turns = 0;
  let isRead = false;
  const reading = yaml.read(yamlOf(1024 * 1024)).then((text) => {
    isRead = true;
    return text;
  });
  while (!isRead) {
    await nextTurn();
    turns++;
  }
  const { json } = await reading;
  const { data } = JSON.parse(Buffer.from(json).toString()) as { data: unknown[] };
  assert.equal(data.length, Math.floor((1024 * 1024) / line.length));
  // In this thread there would have been no turn but the last.
  assert.ok(turns > 10, `${turns} turns`);
});

test('what the thread cannot read is refused, and what comes next is read', async () => {
  await using yaml = new LargeTexts(systemClock);
  const broken = await yaml.read(Buffer.from('x: "open'));
  assert.match(broken.refusal ?? '', /^yaml: /);
  const good = await yaml.read(Buffer.from('x: "closed"'));
  assert.deepEqual([Buffer.from(good.json).toString(), good.refusal], ['{"x":"closed"}', undefined]);
});

test('texts are written one after the other, and their JSON is made when it is their turn', async () => {
  await using texts = new LargeTexts(systemClock);
  let waiting = 0;
  let most = 0;
  const write = async (at: number) => {
    const text = await texts.written(
      () => {
        most = Math.max(most, ++waiting);
        return Buffer.from(JSON.stringify({ at }));
      },
      'yaml',
      false,
    );
    waiting--;
    return Buffer.from(text).toString();
  };
  const written = await Promise.all(Array.from({ length: 20 }, (_, at) => write(at)));
  assert.deepEqual(
    written,
    Array.from({ length: 20 }, (_, at) => `at: ${at}\n`),
  );
  assert.ok(most <= 2, `${most} at once`);
});

test('a text whose JSON cannot be made is refused alone', async () => {
  await using texts = new LargeTexts(systemClock);
  const failed = texts.written(
    () => {
      throw new Error('Cannot read "x"');
    },
    'yaml',
    false,
  );
  await assert.rejects(failed, { message: 'Cannot read "x"' });
  assert.equal(Buffer.from(await texts.written(() => Buffer.from('[1]'), 'pretty', false)).toString(), '[\n  1\n]\n');
});

test('what still waits at the end is refused, and starts no other thread', async () => {
  const texts = new LargeTexts(systemClock);
  const waiting = Array.from({ length: 3 }, () => texts.written(() => Buffer.from('[1]'), 'yaml', false));
  const refusals = Promise.allSettled(waiting);
  await texts[Symbol.asyncDispose]();
  assert.deepEqual(
    (await refusals).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  await assert.rejects(texts.read(Buffer.from('a: b')), { message: /the server stops$/ });
});

test('a thread that has nothing to do is ended, and what comes then gets another', async () => {
  let idle: (() => void) | undefined;
  const clock = {
    ...systemClock,
    setTimer(_delayMs: number, callback: () => void) {
      idle = callback;
      return { cancel: () => (idle = undefined), [Symbol.dispose]() {} };
    },
  };
  await using texts = new LargeTexts(clock);
  const read = async (text: string) => Buffer.from((await texts.read(Buffer.from(text))).json).toString();
  assert.equal(await read('a: 1'), '{"a":1}');
  const reading = read('b: 1');
  assert.equal(idle, undefined, 'it has work again');
  await reading;
  idle!();
  assert.equal(await read('c: 1'), '{"c":1}');
});
