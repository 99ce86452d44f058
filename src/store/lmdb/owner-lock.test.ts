import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nextTurn } from '../../base/turn.ts';
import { OwnerLock, ownerOf } from './owner-lock.ts';
import { temporaryFolder } from './temporary-folder.ts';

const program = `
import { OwnerLock } from ${JSON.stringify(fileURLToPath(new URL('./owner-lock.ts', import.meta.url)))};
const lock = OwnerLock.take(process.argv[1]);
console.log(lock === undefined ? 'refused' : 'has it');
if (lock !== undefined) process.stdin.resume();
`;

/** Runs a process that takes the lock and keeps it until it is killed. */
async function locker(path: string, command: readonly string[] = []) {
  const [file, ...args] = [...command, process.execPath, '--input-type=module-typescript', '-e', program, path];
  const child = spawn(file!, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const said = await Promise.race([once(child.stdout, 'data').then(String), exited.then(() => 'nothing')]);
  return {
    said: said.trim(),
    pid: child.pid!,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

test('a store has one owner: the lock is refused to others in this process and in another, until its process is dead', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'owner');
  const other = await locker(path);
  assert.equal(other.said, 'has it');
  assert.equal(OwnerLock.take(path), undefined);
  assert.equal(OwnerLock.take(path), undefined, 'a refusal lets go of nothing');
  assert.equal(ownerOf(path), other.pid);
  await other.kill();
  using lock = OwnerLock.take(path);
  assert.ok(lock !== undefined);
  assert.equal(OwnerLock.take(path), undefined);
  const late = await locker(path);
  assert.equal(late.said, 'refused', 'a refusal in the process of the owner lets go of nothing');
  await late.kill();
});

test('the lock holds between process namespaces, whatever numbers the processes have', async (context: TestContext) => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'owner');
  const contained = await locker(path, ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']);
  if (contained.said === 'nothing') return context.skip('namespaces can only be made by root');
  assert.equal(contained.said, 'has it');
  assert.equal(OwnerLock.take(path), undefined);
  const other = await locker(path, ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']);
  assert.equal(other.said, 'refused');
  await other.kill();
  await contained.kill();
  while (OwnerLock.take(path) === undefined) await nextTurn();
});

test('what was said of the store is known to the next owner', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'owner');
  {
    using lock = OwnerLock.take(path)!;
    assert.equal(lock.isMade, false);
    lock.markAsMade();
    lock.markAsMade();
    assert.equal(OwnerLock.take(path), undefined, 'the lock outlasts the note');
  }
  using lock = OwnerLock.take(path)!;
  assert.equal(lock.isMade, true);
});
