import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Remains } from './remains.ts';

/** Sees to it that what a test makes is removed. Disposed: the test has done so itself. */
export type Guard = AsyncDisposable;

const program = join(import.meta.dirname, 'guard-process.ts');

/**
 * Starts a process that removes the remains when this one is gone without having disposed the guard: killed, crashed, or
 * out of time. It learns that from a pipe, which the kernel closes however a process ends. Start it before anything else.
 */
export function guard(remains: Remains): Guard {
  // In a session of its own: whoever kills a test kills its whole group. The folder goes over the pipe, for commands that
  // take clusters down end what names a folder of theirs.
  const child = spawn(process.execPath, [program], { detached: true, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
  const pipe = child.stdin as unknown as Socket;
  child.unref();
  pipe.unref();
  pipe.on('error', () => {}); // it was ended by somebody; what it guards is still removed by its owner
  pipe.write(`${JSON.stringify(remains)}\n`);
  return {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      const exit = once(child, 'exit');
      pipe.end('done\n');
      await exit;
    },
  };
}
