import { spawn } from 'node:child_process';
import { close, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
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
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const restartPolicy = { initialMs: 200, maximumMs: 10_000 };
/** A program that ran this long was healthy: its next start is not delayed. */
const healthyMs = 30_000;
const lookEveryMs = 250;
const longestLogBytes = 32 * 1024 * 1024;

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
    return writes.run(write);
  };
  mkdirSync(dirname(options.records), { recursive: true });
  await Promise.all(
    options.programs.map((program) => {
      const earlier = noted.find(({ name }) => name === program.name);
      const found = running.find((process) => runs(process, program) || isSame(process, earlier));
      return keepRunning(program, found, earlier, note, options);
    }),
  );
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
  found: ProcessIdentity | undefined,
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
      await sleepUntil(() => program.needs.every(existsSync), clock, signal);
      if (signal.aborted) return;
      current = await start(program, log);
      if (!isFirst) restarts++;
    }
    isFirst = false;
    const began = clock.monotonic();
    if (current !== undefined) {
      const { pid, startTime } = current;
      log.info('Program runs', { program: program.name, pid, adopted: current === found });
      await note({ name: program.name, pid, startTime, since: new Date(clock.now()).toISOString(), restarts });
      await sleepWhile(current, clock, signal);
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
async function start(program: SupervisedProgram, log: Logger): Promise<ProcessIdentity | undefined> {
  const output = openLog(program.log);
  try {
    const [command, args] = startCommand(program);
    const child = spawn(command, args, {
      detached: true,
      cwd: '/',
      stdio: ['ignore', output, output],
      env: { ...process.env, ...mallocSettings, PATH: pathWithSystem() },
    });
    child.on('error', (error) => log.error('Program cannot be started', { program: program.name, error }));
    child.unref();
    if (child.pid !== undefined)
      await boundProgram(child.pid, program.bounds).catch((error: Error) =>
        log.warn('Program runs without some of its bounds', { program: program.name, error: error.message }),
      );
    return child.pid === undefined ? undefined : await readIdentity(child.pid);
  } finally {
    close(output);
  }
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > longestLogBytes) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

async function sleepWhile(process: ProcessIdentity, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await isRunning(process))) await clock.sleep(lookEveryMs, signal).catch(() => {});
}

async function sleepUntil(holds: () => boolean, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !holds()) await clock.sleep(lookEveryMs / 5, signal).catch(() => {});
}
