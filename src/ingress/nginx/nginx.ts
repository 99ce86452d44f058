import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { CommandError, pathWithSystem, run } from '../../base/node/command.ts';
import { writeFileAtomically } from '../../base/node/files.ts';
import {
  isRunning,
  listProcesses,
  readIdentity,
  signal,
  type ProcessIdentity,
  type RunningProcess,
} from '../../base/node/processes.ts';
import type { Configuration } from './configuration.ts';
import { controlOf, endpointLines, type Control } from './control.ts';
import type { NginxFolder } from './folder.ts';

/** What nginx has against a configuration. */
export interface Refusal {
  readonly message: string;
  /** Where, if it says. */
  readonly line?: number;
}

const startMs = 10_000;
const pollMs = 10;
const longestLogBytes = 16 * 1024 * 1024;

/**
 * The nginx of one folder: started in a session of its own, so that it outlives this process, and found again by its
 * working directory. Calls must not overlap.
 */
export class Nginx {
  readonly control: Control;
  readonly #folder: NginxFolder;
  readonly #clock: Clock;
  readonly #log: Logger;
  #process: ProcessIdentity | undefined;
  #onEnd: () => void = () => {};
  /** Workers that go on with what they had begun before a reload, by the configuration that they work by. */
  readonly #draining = new Map<string, ProcessIdentity[]>();
  /** Whether the process is a child of this one, whose end the kernel tells. */
  tellsItsEnd = false;

  constructor(folder: NginxFolder, { clock, log }: { clock: Clock; log: Logger }) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
    this.control = controlOf(folder.controlSocket, clock);
  }

  /**
   * Looks for one that an earlier process of ours has started; answers what configuration it works by, nothing while it is
   * changing it.
   */
  async adopt(): Promise<string | undefined> {
    const named = (await this.#processes()).filter(({ commandLine }) => commandLine[0]!.startsWith('nginx: master'));
    // A worker that was just forked has its master's name for a moment.
    const master = named.find(({ parent }) => !named.some(({ pid }) => pid === parent));
    if (master === undefined) return undefined;
    try {
      const generation = await this.control.generation();
      this.#process = master;
      this.tellsItsEnd = false;
      this.#log.info('nginx was found running', { pid: master.pid });
      return (await this.#hasSettled(generation)) ? generation : undefined;
    } catch (error) {
      this.#log.warn('nginx was found, but does not answer', { pid: master.pid, error: String(error) });
      return undefined;
    }
  }

  /** Called when a process that {@link tellsItsEnd} has ended. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  /** How many configurations of before still have workers. One that was adopted is known from then on. */
  async generationsDraining(): Promise<number> {
    for (const [generation, workers] of this.#draining)
      if (!(await Promise.all(workers.map(isRunning))).includes(true)) this.#draining.delete(generation);
    return this.#draining.size;
  }

  async isRunning(): Promise<boolean> {
    return this.#process !== undefined && (await isRunning(this.#process));
  }

  /** What nginx has against the configuration; nothing if it takes it. Certificates must be there already. */
  async test({ text }: Configuration): Promise<Refusal | undefined> {
    const { prefix, candidate } = this.#folder;
    await writeFileAtomically(candidate, text);
    try {
      await run('nginx', ['-t', '-q', '-p', prefix, '-c', candidate]);
      return undefined;
    } catch (error) {
      if (error instanceof CommandError && error.exitCode > 0) return refusalOf(error.stderr, candidate);
      throw error;
    } finally {
      await rm(candidate, { force: true });
    }
  }

  /** Starts nginx with endpoints to begin with; whatever is left of an earlier one is ended first. */
  async start(configuration: Configuration, endpoints: ReadonlyMap<string, string>): Promise<void> {
    const { prefix, configuration: file, controlSocket, endpoints: seed, output } = this.#folder;
    const { nobodySocket, nobodyTlsSocket } = this.#folder;
    await this.end();
    for (const socket of [controlSocket, nobodySocket, nobodyTlsSocket]) await rm(socket, { force: true });
    await writeFileAtomically(seed, endpointLines(endpoints));
    await writeFileAtomically(file, configuration.text);
    const sink = openSync(output, 'w', 0o600);
    const child = spawn('nginx', ['-p', prefix, '-c', file], {
      detached: true,
      cwd: prefix,
      stdio: ['ignore', sink, sink],
      env: { PATH: pathWithSystem() },
    });
    closeSync(sink);
    let failure: Error | undefined;
    child.on('error', (error) => (failure = error));
    child.on('exit', () => {
      if (this.#process?.pid === child.pid) this.#onEnd();
    });
    child.unref();
    const limit = this.#clock.monotonic() + startMs;
    for (;;) {
      if (failure !== undefined || child.exitCode !== null) throw await this.#startError(failure);
      const answer = await this.control.generation().catch(() => undefined);
      if (answer === configuration.generation) break;
      if (this.#clock.monotonic() > limit) throw await this.#startError(new Error('it does not answer'));
      await this.#clock.sleep(pollMs);
    }
    this.#process = await readIdentity(child.pid!);
    this.tellsItsEnd = true;
    this.#log.info('nginx was started', { pid: child.pid });
  }

  /**
   * Lets nginx take the configuration while requests under way go on. Resolves when all of its new workers run, and none of
   * before accepts connections any more.
   */
  async reload(configuration: Configuration): Promise<void> {
    await writeFileAtomically(this.#folder.configuration, configuration.text);
    await this.#noteWorkers();
    await signal(this.#process!, 'SIGHUP');
    const limit = this.#clock.monotonic() + startMs;
    while (!(await this.#hasSettled(configuration.generation).catch(() => false))) {
      if (!(await this.isRunning()) || this.#clock.monotonic() > limit)
        throw new Error(`Cannot reload nginx: it does not take the configuration: ${await this.#lastWords()}`);
      await this.#clock.sleep(pollMs);
    }
  }

  /** Those that accept connections now drain when the reload is over. */
  async #noteWorkers(): Promise<void> {
    const { accepting } = await this.control.workers();
    for (const [pid, generation] of accepting) {
      const worker = await readIdentity(pid);
      if (worker?.parent !== this.#process!.pid) continue;
      const known = this.#draining.get(generation) ?? [];
      if (!known.some((one) => one.pid === pid)) this.#draining.set(generation, [...known, worker]);
    }
  }

  /** Whether all connections from now on meet this configuration. */
  async #hasSettled(generation: string): Promise<boolean> {
    if ((await this.control.generation()) !== generation) return false;
    const { wanted, accepting } = await this.control.workers();
    let count = 0;
    for (const [pid, its] of accepting) {
      if (its === generation) count++;
      else if ((await readIdentity(pid))?.parent === this.#process!.pid) return false;
    }
    return count >= wanted;
  }

  /** Ends what runs in the folder at once, workers that have lost their master among them. */
  async end(): Promise<void> {
    this.#process = undefined;
    this.#draining.clear();
    for (;;) {
      const left = await this.#processes();
      if (left.length === 0) return;
      for (const process of left) await signal(process, 'SIGKILL');
      await this.#clock.sleep(pollMs);
    }
  }

  /** Begins a new log when the present one is long; the one before is kept. */
  async rotateLog(): Promise<void> {
    const { errorLog } = this.#folder;
    const size = (await stat(errorLog).catch(() => undefined))?.size ?? 0;
    if (size < longestLogBytes || this.#process === undefined) return;
    await rename(errorLog, `${errorLog}.1`);
    await signal(this.#process, 'SIGUSR1');
  }

  async #processes(): Promise<readonly RunningProcess[]> {
    const { prefix } = this.#folder;
    return (await listProcesses()).filter(
      ({ folder, commandLine }) => folder === prefix && /^(nginx: |(.*\/)?nginx$)/.test(commandLine[0] ?? ''),
    );
  }

  async #startError(cause: Error | undefined): Promise<Error> {
    const said = await this.#lastWords();
    return new Error(`Cannot start nginx: ${said === '' ? (cause?.message ?? 'it ended at once') : said}`, { cause });
  }

  /** nginx logs to standard error until it has opened its log. */
  async #lastWords(): Promise<string> {
    const texts = [this.#folder.output, this.#folder.errorLog].map((file) => readFile(file, 'utf8').catch(() => ''));
    for (const text of await Promise.all(texts)) {
      const last = text.split('\n').filter((line) => /\[(emerg|alert|crit)\]/.test(line));
      if (last.length > 0) return withoutTime(last.at(-1)!);
    }
    return '';
  }
}

/** A line of nginx' log without the time and the process, so that the same trouble has the same words. */
function withoutTime(line: string): string {
  return line.replace(/^.*\[(emerg|alert|crit)\] (\d+#\d+: )?/, '');
}

/** nginx ends with `[emerg] … in FILE:LINE`. */
function refusalOf(said: string, file: string): Refusal {
  const last = said.split('\n').findLast((line) => line.includes('[emerg]')) ?? said.trim();
  const message = withoutTime(last);
  const at = message.lastIndexOf(` in ${file}:`);
  if (at < 0) return { message };
  return { message: message.slice(0, at), line: Number(message.slice(at + file.length + 5)) };
}
