import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { RotatingFile, type Rotation } from './rotating-file.ts';

const start = Date.UTC(2026, 0, 31, 12);
const usual: Rotation = { mostBytes: 10, mostBackups: 2, longestMs: 0, compress: false };

/** Writes each group of lines an hour after the one before, and answers what the folder holds then. */
async function written(rotation: Partial<Rotation>, ...groups: string[][]): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  try {
    let now = start;
    await using file = new RotatingFile(join(folder, 'audit.log'), { ...usual, ...rotation }, { now: () => now });
    for (const lines of groups) {
      await file.append(lines);
      now += 3_600_000;
    }
    const names = (await readdir(folder)).sort();
    for (const name of names) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
    const textOf = async (name: string) => {
      const bytes = await readFile(join(folder, name));
      return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    };
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await textOf(name)] as const)));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a full file is put aside under the time of that, and lines are never cut', async () => {
  assert.deepEqual(await written({}, ['one\n', 'two\n'], ['three\n'], ['a very long line\n']), {
    'audit-2026-01-31T13-00-00.000.log': 'one\ntwo\n',
    'audit-2026-01-31T14-00-00.000.log': 'three\n',
    'audit.log': 'a very long line\n',
  });
});

test('so many files of before are kept, and for so long', async () => {
  const lines = ['1234567\n', '2234567\n', '3234567\n', '4234567\n'].map((line) => [line]);
  assert.deepEqual(Object.keys(await written({}, ...lines)), [
    'audit-2026-01-31T14-00-00.000.log',
    'audit-2026-01-31T15-00-00.000.log',
    'audit.log',
  ]);
  const all = { mostBackups: 0 };
  assert.equal(Object.keys(await written(all, ...lines)).length, 4);
  assert.deepEqual(Object.keys(await written({ ...all, longestMs: 3_600_000 }, ...lines)).length, 3);
});

test('files of before may be packed, and a file need not end', async () => {
  assert.deepEqual(await written({ compress: true }, ['1234567\n'], ['2234567\n']), {
    'audit-2026-01-31T13-00-00.000.log.gz': '1234567\n',
    'audit.log': '2234567\n',
  });
  assert.deepEqual(Object.keys(await written({ mostBytes: 0 }, ['1234567\n'], ['2234567\n'])), ['audit.log']);
});
