import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

/**
 * What a program makes of the processes when it has only so many descriptors left: whether it finds its parent, or an
 * error.
 */
async function foundWith(descriptors: number): Promise<string> {
  const script = `
    import { closeSync, openSync } from 'node:fs';
    import { listProcesses } from ${JSON.stringify(join(import.meta.dirname, 'processes.ts'))};
    await listProcesses(); // what is loaded late is loaded now
    const held = [];
    try { for (;;) held.push(openSync('/dev/null')); } catch {}
    held.splice(0, ${descriptors}).forEach((one) => closeSync(one));
    const lists = await Promise.all([1, 2].map(() => listProcesses().catch((error) => error.code)));
    held.splice(0, 10).forEach((one) => closeSync(one));
    console.log(lists.map((list) => Array.isArray(list) ? list.some(({ pid }) => pid === process.ppid) : list).join());
  `;
  const command = 'ulimit -n 200; exec "$0" --input-type=module -e "$1"';
  const child = spawn('bash', ['-c', command, process.execPath, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  return (await text(child.stdout)).trim();
}

test('with few descriptors every process is found all the same', { skip }, async () => {
  assert.equal(await foundWith(40), 'true,true');
});

test('without descriptors it is an error, not an absence', { skip }, async () => {
  assert.equal(await foundWith(2), 'EMFILE,EMFILE');
});
