import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathWithSystem } from '../base/node/command.ts';

/** Where nft finds the commands: the third file that it was given, which has no name. */
const include = 'include "/dev/fd/3"\n';
/** Asked behind the commands: its answer tells that they have been carried out, or not. */
const question = 'describe ipv4_addr\n';
const answer = /^datatype .*\n/m;
const mostSaid = 64 * 1024;
/** nft remembers each line that it was told. */
const mostTransactions = 1000;
/** nft keeps no commands of the machine's user, and reads none. */
const settings = { HOME: '/nonexistent', LC_ALL: 'C' };

interface Nft {
  readonly input: Writable;
  readonly output: Readable;
  readonly ended: Promise<unknown>;
  readonly commands: FileHandle;
  transactions: number;
}

/** How a program is started with its arguments, in the network namespace that is meant. */
export type Within = (program: string, args: readonly string[]) => readonly [string, readonly string[]];

/**
 * One nft that stays, since its start takes forty times as long as a small change. It ends with this process, at the latest.
 * One transaction at a time.
 */
export class NftSession implements AsyncDisposable {
  readonly #within: Within;
  #nft: Nft | undefined;

  constructor(within: Within) {
    this.#within = within;
  }

  /**
   * Carries out commands, all or none. Rejects when nft says anything to them, or ends before it has answered: whether they
   * were carried out is then not known.
   */
  async transact(commands: string): Promise<void> {
    try {
      const nft = (this.#nft ??= await this.#start());
      await nft.commands.truncate();
      const { bytesWritten } = await nft.commands.write(commands, 0);
      // A part of them would be another change, and maybe one that nft takes.
      if (bytesWritten < Buffer.byteLength(commands)) throw new Error('There is no room for the commands of nft');
      const said = answered(nft);
      nft.input.write(include + question);
      const text = await said;
      if (text !== '') throw new Error(text);
      if (++nft.transactions === mostTransactions) await this[Symbol.asyncDispose]();
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Ends nft; the next transaction starts another one. */
  async [Symbol.asyncDispose](): Promise<void> {
    const nft = this.#nft;
    this.#nft = undefined;
    if (nft === undefined) return;
    nft.input.end();
    nft.output.resume();
    await nft.ended;
    await nft.commands.close();
  }

  async #start(): Promise<Nft> {
    const commands = await namelessFile();
    // One stream for all that it says, so that nothing of it comes behind the answer.
    const [program, args] = this.#within('sh', ['-c', 'exec nft -i 2>&1']);
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'ignore', commands.fd],
      env: { ...process.env, PATH: pathWithSystem(), ...settings },
    });
    child.stdin!.on('error', () => {}); // the end of the program tells
    const ended = once(child, 'close').catch(() => undefined);
    return { input: child.stdin!, output: child.stdout!, ended, commands, transactions: 0 };
  }
}

/** What nft says before its answer. Rejects when it ends without one, or says too much. */
async function answered({ output, ended }: Nft): Promise<string> {
  let text = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const take = (chunk: Buffer): void => {
    text += chunk.toString();
    const found = answer.exec(text);
    if (found !== null) resolve(text.slice(0, found.index));
    else if (text.length > mostSaid) reject(new Error('nft said too much'));
  };
  output.on('data', take);
  void ended.then(() => reject(new Error(`nft ended: ${text}`)));
  try {
    return await promise;
  } finally {
    output.off('data', take);
  }
}

async function namelessFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `kubeling-nft-${process.pid}`);
  await unlink(path).catch(() => undefined); // of a process that was killed in the middle of this
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
