import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { abortable } from '../base/abort.ts';
import { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { readTextIfThere, writeFileAtomically } from '../base/node/files.ts';
import { Serial } from '../base/serial.ts';
import { pathWithSystem } from '../base/node/command.ts';
import {
  isRunning,
  listProcesses,
  readIdentity,
  type ProcessIdentity,
  type RunningProcess,
} from '../base/node/processes.ts';
import { boundProgram } from './program-bounds.ts';
import { boundLogs, withLog } from './program-logs.ts';
import { mallocSettings, startCommand, type SupervisedProgram } from './programs.ts';

/** What the supervisor notes of a program that it runs. */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
  /** When it was started or found, RFC 3339. */
  readonly since: string;
  /** How often it has ended and been started again. */
  readonly restarts: number;
}

export interface SupervisorOptions {
  readonly programs: readonly SupervisedProgram[];
  /** File that tells others what runs. */
  readonly records: string;
  /** Further logs to be kept short, as those of the programs are. */
  readonly logs: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const restartPolicy = { initialMs: 200, maximumMs: 10_000 };
/** A program that ran this long was healthy: its next start is not delayed. */
const healthyMs = 30_000;
/** How often is looked whether a program has ended that an earlier supervisor started: nobody tells of its end. */
const lookEveryMs = 1_000;
/** How long is waited between looks for what a program needs: little at first, when it is about to come. */
const needsPolicy = { initialMs: 25, maximumMs: 500 };

/**
 * Keeps programs running until `signal` aborts, and leaves them running then. Those that run already, of an earlier
 * supervisor, are adopted: each program is in a session of its own and outlives its supervisor.
 */
export async function supervise(options: SupervisorOptions): Promise<void> {
  const records = new Map<string, ProcessRecord>();
  const running = await listProcesses();
  const noted = await readRecords(options.records);
  const writes = new Serial();
  const note = (record: ProcessRecord): Promise<void> => {
    records.set(record.name, record);
    const write = (): Promise<void> =>
      writeFileAtomically(options.records, `${JSON.stringify([...records.values()], null, 2)}\n`, { mode: 0o644 });
    return writes.run(write).catch((error) => options.log.warn('What runs cannot be noted', { error: String(error) }));
  };
  mkdirSync(dirname(options.records), { recursive: true });
  const logs = [...options.logs, ...options.programs.map(({ log }) => log)];
  await Promise.all([
    boundLogs(logs, options),
    ...options.programs.map((program) => {
      const earlier = noted.find(({ name }) => name === program.name);
      const found = running.find((process) => runs(process, program) || isSame(process, earlier));
      return keepRunning(program, found && adopt(found, options), earlier, note, options);
    }),
  ]);
}

/** A program that runs. */
interface Running extends ProcessIdentity {
  readonly isAdopted: boolean;
  /** Resolves when it has ended. May reject when the supervisor is told to end. */
  ended(): Promise<unknown>;
}

function adopt({ pid, startTime }: ProcessIdentity, { clock, signal }: SupervisorOptions): Running {
  const ended = async (): Promise<void> => {
    while (await isRunning({ pid, startTime })) await clock.sleep(lookEveryMs, signal);
  };
  return { pid, startTime, isAdopted: true, ended };
}

/** What the last supervisor noted; nothing if it noted nothing. */
export async function readRecords(file: string): Promise<ProcessRecord[]> {
  const text = await readTextIfThere(file);
  return text === undefined ? [] : (JSON.parse(text) as ProcessRecord[]);
}

function runs(process: RunningProcess, program: SupervisedProgram): boolean {
  const { command } = program;
  return process.commandLine.length === command.length && command.every((word, at) => word === process.commandLine[at]);
}

function isSame(process: ProcessIdentity, record: ProcessRecord | undefined): boolean {
  return process.pid === record?.pid && process.startTime === record.startTime;
}

async function keepRunning(
  program: SupervisedProgram,
  found: Running | undefined,
  earlier: ProcessRecord | undefined,
  note: (record: ProcessRecord) => Promise<void>,
  { clock, log, signal }: SupervisorOptions,
): Promise<void> {
  const backoff = new Backoff(restartPolicy);
  let current = found;
  let restarts = earlier?.restarts ?? 0;
  let isFirst = earlier === undefined;
  while (!signal.aborted) {
    if (current === undefined) {
      const looks = new Backoff(needsPolicy);
      while (!signal.aborted && !program.needs.every(existsSync))
        await clock.sleep(looks.next(), signal).catch(() => {});
      if (signal.aborted) return;
      current = await start(program, log);
      if (!isFirst) restarts++;
    }
    isFirst = false;
    const began = clock.monotonic();
    if (current !== undefined) {
      const { pid, startTime } = current;
      log.info('Program runs', { program: program.name, pid, adopted: current.isAdopted });
      await note({ name: program.name, pid, startTime, since: new Date(clock.now()).toISOString(), restarts });
      await abortable(current.ended(), signal).catch(() => {});
    }
    if (signal.aborted) return;
    if (clock.monotonic() - began > healthyMs) backoff.reset();
    const delayMs = backoff.next();
    log.warn('Program ended', { program: program.name, startAgainMs: delayMs });
    current = undefined;
    await clock.sleep(delayMs, signal).catch(() => {});
  }
}

/** `undefined`: it could not be started, or ended at once. */
async function start(program: SupervisedProgram, log: Logger): Promise<Running | undefined> {
  const [command, args] = startCommand(program);
  const child = withLog(program.log, (output) =>
    spawn(command, args, {
      detached: true,
      cwd: '/',
      stdio: ['ignore', output, output],
      env: { ...process.env, ...mallocSettings, PATH: pathWithSystem() },
    }),
  );
  child.on('error', (error) => log.error('Program cannot be started', { program: program.name, error }));
  child.unref();
  const { pid } = child;
  if (pid === undefined) return undefined;
  const exit = once(child, 'exit');
  await boundProgram(pid, program.bounds).catch((error: Error) =>
    log.warn('Program runs without some of its bounds', { program: program.name, error: error.message }),
  );
  const identity = await readIdentity(pid);
  return identity && { pid, startTime: identity.startTime, isAdopted: false, ended: () => exit };
}
