import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { isRunning, listProcesses, parseStat, readIdentity, signal } from './processes.ts';

const skip = process.platform !== 'linux';

test('the name of a program cannot confuse what is read of a process', () => {
  const fields = ['S', '7', ...Array.from({ length: 17 }, (_, index) => `${index}`), '4711'];
  assert.deepEqual(parseStat(9, `9 (a ) S 1 (b) ${fields.join(' ')} 0 0`), { pid: 9, parent: 7, startTime: 4711 });
  assert.equal(parseStat(9, `9 (gone) Z ${fields.slice(1).join(' ')}`), undefined);
});

test('a process is known by pid and start time, and hears signals', { skip }, async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const exit = once(child, 'exit');
  const identity = (await readIdentity(child.pid!))!;
  assert.equal(identity.parent, process.pid);
  assert.equal(await isRunning(identity), true);
  assert.equal(await isRunning({ ...identity, startTime: identity.startTime - 1 }), false);
  const listed = (await listProcesses()).find(({ pid }) => pid === child.pid);
  assert.equal(listed?.startTime, identity.startTime);
  assert.equal(listed?.folder, process.cwd());
  await signal({ ...identity, startTime: 0 }, 'SIGKILL');
  assert.equal(await isRunning(identity), true);
  await signal(identity, 'SIGKILL');
  assert.deepEqual(await exit, [null, 'SIGKILL']);
});
