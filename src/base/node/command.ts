import { spawn } from 'node:child_process';

/** A program that Kubeling ran did not do its work. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly program: string;
  /** Exit code, or -1 when it could not be started or was killed. */
  readonly exitCode: number;
  readonly stderr: string;
  constructor(program: string, args: readonly string[], exitCode: number, stderr: string, options?: ErrorOptions) {
    const said = stderr.trim() === '' ? 'it said nothing' : stderr.trim();
    super(`Cannot run "${[program, ...args].join(' ')}": exit code ${exitCode}: ${said}`, options);
    this.program = program;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

export interface CommandOptions {
  /** Written to standard input, which is empty otherwise. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Kills the program. */
  readonly signal?: AbortSignal;
}

/** What a program says beyond these bytes is not kept. */
const mostSaid = 64 * 1024;

/** Folders where system programs are, also where the caller's PATH lacks them. */
const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** PATH with the folders of system programs at its end. */
export function pathWithSystem(path = process.env.PATH ?? ''): string {
  const folders = path.split(':').filter((folder) => folder !== '');
  return [...folders, ...systemPath.filter((folder) => !folders.includes(folder))].join(':');
}

/**
 * Runs a program to its end and resolves to its standard output. Rejects with {@link CommandError}. No shell is
 * involved.
 */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, PATH: pathWithSystem(), LC_ALL: 'C', ...options.env },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    let said = 0;
    child.stderr.on('data', (chunk: Buffer) => {
      if ((said += chunk.length) <= mostSaid) stderr.push(chunk);
    });
    child.on('error', (cause) => reject(new CommandError(program, args, -1, cause.message, { cause })));
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(stdout).toString());
      else reject(new CommandError(program, args, code ?? -1, Buffer.concat(stderr).toString()));
    });
    child.stdin.on('error', () => {}); // a program may end without reading its input
    child.stdin.end(options.input ?? '');
  });
}
