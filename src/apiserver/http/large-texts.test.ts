import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn } from '../../base/turn.ts';
import { LargeTexts } from './large-texts.ts';

const line = `  - {a: ${'x'.repeat(92)}}\n`;
const yamlOf = (bytes: number) => Buffer.from(`data:\n${line.repeat(bytes / line.length)}`);

test('YAML of more than 128 KiB is read by a thread, and others have their turns meanwhile', async () => {
  await using yaml = new LargeTexts();
  let turns = 0;
  let isRead = false;
  const reading = yaml.prepared(yamlOf(1024 * 1024), 'application/yaml').then((body) => {
    isRead = true;
    return body;
  });
  while (!isRead) {
    await nextTurn();
    turns++;
  }
  const body = await reading;
  assert.ok('yaml' in body && body.yaml !== undefined && 'json' in body.yaml);
  assert.equal(
    (JSON.parse(body.yaml.json) as { data: unknown[] }).data.length,
    Math.floor((1024 * 1024) / line.length),
  );
  // In this thread there would have been no turn but the last.
  assert.ok(turns > 10, `${turns} turns`);
});

test('less of it, and JSON of any size, is left to whoever needs it', async () => {
  await using yaml = new LargeTexts();
  assert.deepEqual(Object.keys(await yaml.prepared(yamlOf(64 * 1024), 'application/yaml')), ['bytes', 'mediaType']);
  const json = await yaml.prepared(Buffer.alloc(1024 * 1024), 'application/json');
  assert.deepEqual(Object.keys(json), ['bytes', 'mediaType']);
});

test('what the thread cannot read is refused, and what comes next is read', async () => {
  await using yaml = new LargeTexts();
  const broken = await yaml.prepared(Buffer.concat([yamlOf(200 * 1024), Buffer.from('x: "open')]), 'application/yaml');
  assert.ok('yaml' in broken && broken.yaml !== undefined && 'refusal' in broken.yaml);
  const good = await yaml.prepared(yamlOf(200 * 1024), 'application/yaml');
  assert.ok('yaml' in good && good.yaml !== undefined && 'json' in good.yaml);
});

test('texts are written one after the other, and their JSON is made when it is their turn', async () => {
  await using texts = new LargeTexts();
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
  await using texts = new LargeTexts();
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
