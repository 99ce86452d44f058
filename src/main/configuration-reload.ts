import { jsonEqual } from '../apimachinery/equality.ts';
import type { Reconfigured } from '../apiserver/reload/reconfiguration.ts';
import { reloadableParts, type ReloadableName } from '../apiserver/reload/reconfiguration.ts';
import type { ReloadTallies } from '../apiserver/reload/reload-tallies.ts';
import { Bell } from '../base/bell.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ReadConfiguration } from './api-configuration.ts';

/** As often as Kubernetes looks; kubeconfigs that the file names are seen then too. */
const lookEveryMs = 60_000;
/** Who writes a file in steps has done so by then. */
const settleMs = 200;

export interface ReloadedFile {
  readonly name: string;
  /** What the server was started with. */
  readonly first: ReadConfiguration;
  /** Reads the file, and kubeconfigs that it names. Rejects with all that is wrong. */
  read(): Promise<ReadConfiguration>;
  /** Calls back when the file may have changed. */
  watch(onChange: () => void): Disposable;
  /** Tells the server. */
  apply(read: ReadConfiguration): Promise<readonly Reconfigured[]>;
}

/** Tells a server its configuration whenever that changes, until `signal` aborts. What is bad is told in the log, and changes nothing. */
export async function keepConfigurationCurrent(
  file: ReloadedFile,
  tallies: ReloadTallies,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  const reload = new Reload(file, tallies, log);
  const change = new Bell(clock, signal, settleMs);
  using watching = file.watch(() => change.ring());
  void watching;
  while (!signal.aborted) {
    await change.rung(lookEveryMs);
    if (!signal.aborted) await reload.look();
  }
}

/** Looks at a file again and again, and does something about it when it is another. */
class Reload {
  readonly #file: ReloadedFile;
  readonly #tallies: ReloadTallies;
  readonly #log: Logger;
  #before: ReadConfiguration;
  /** What was wrong at the last look. */
  #problem: string | undefined;
  #isPending = false;

  constructor(file: ReloadedFile, tallies: ReloadTallies, log: Logger) {
    this.#file = file;
    this.#tallies = tallies;
    this.#log = log;
    this.#before = file.first;
    for (const name of reloadableParts) if (isTold(name, file.first)) tallies.begins(name, file.first.text);
  }

  async look(): Promise<void> {
    let read: ReadConfiguration;
    try {
      read = await this.#file.read();
    } catch (error) {
      this.#fail((error as Error).message, reloadableParts);
      return;
    }
    if (isSame(read, this.#before) && !this.#isPending) {
      this.#problem = undefined;
      return;
    }
    const results = await this.#file.apply(read);
    for (const { name, problem } of results) if (problem === undefined) this.#tallies.succeeded(name, read.text);
    const taken = results.flatMap(({ name, problem }) => (problem === undefined ? [name] : []));
    if (taken.length > 0) this.#log.info('API configuration read again', { file: this.#file.name, taken });
    if (isAuditChanged(read, this.#before) && !isSame(read, this.#before))
      this.#log.warn('What is recorded changes when the server is started again', { file: this.#file.name });
    this.#before = read;
    const failed = results.filter(({ problem }) => problem !== undefined);
    this.#isPending = failed.length > 0;
    if (!this.#isPending) this.#problem = undefined;
    else
      this.#fail(
        failed.map(({ name, problem }) => `${name}: ${problem}`).join('\n'),
        failed.map(({ name }) => name),
      );
  }

  /** The same is told once. */
  #fail(problem: string, parts: readonly ReloadableName[]): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    for (const name of parts) this.#tallies.failed(name);
    this.#log.error('API configuration is not used, the one of before is', { file: this.#file.name, error: problem });
  }
}

function isTold(name: ReloadableName, { configuration }: ReadConfiguration): boolean {
  return configuration[name] !== undefined;
}

function isSame(a: ReadConfiguration, b: ReadConfiguration): boolean {
  return a.text === b.text && jsonEqual(Object.fromEntries(a.reviewServers), Object.fromEntries(b.reviewServers));
}

function isAuditChanged({ configuration: a }: ReadConfiguration, { configuration: b }: ReadConfiguration): boolean {
  return !jsonEqual([a.auditPolicy, a.auditOutput], [b.auditPolicy, b.auditOutput]);
}
