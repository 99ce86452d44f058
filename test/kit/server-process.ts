import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../../src/base/system-clock.ts';
import type { Client } from '../../src/client/client.ts';
import { createHttpTransport, type HttpTransport } from '../../src/client/node/http-transport.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { memoryGroup } from './memory-group.ts';
import { standstillFile, type Standstill } from './observed-process.ts';

/** A server of its own in a temporary folder, as users start it: another process, the store on disk, HTTPS. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** From the start of the process to the first good answer of `/readyz`, in milliseconds; of the first start. */
  readonly readyMs: number;
  readonly client: Client;
  readonly transport: HttpTransport;
  /** PEM of the administrator, for clients of their own. */
  readonly identity: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Of the process that was started last. */
  readonly pid: number;
  /** Resident memory in MiB. */
  residentMib(): number;
  /** The most that it has ever been, of this process, in MiB. */
  highestMib(): number;
  /** CPU that the process has taken so far, in all of its threads, in milliseconds. */
  cpuMs(): number;
  /** Has garbage collected, and its memory given back, of a server that `isObserved`. */
  collectGarbage(): Promise<void>;
  /** The longest that the event loop stood still of its own work since garbage was collected, of a server that `isObserved`. */
  longestStandstill(): Standstill;
  /** Ends the process with a signal and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again over the same folder and waits until it is ready. */
  restart(): Promise<void>;
}

export interface ServerProcessOptions {
  /** The kernel ends the server when it takes more, where this process may bound it. */
  readonly limitMib?: number;
  /** Whether garbage is collected on demand, and standstills of the event loop are noted. */
  readonly isObserved?: boolean;
  /** The root of the checkout whose server it is; this one by default. */
  readonly checkout?: string;
}

const startLimitMs = 60_000;
const observer = join(import.meta.dirname, 'observed-process.ts');
const thisCheckout = join(import.meta.dirname, '../..');

export async function startServerProcess({
  limitMib,
  isObserved = false,
  checkout = thisCheckout,
}: ServerProcessOptions = {}): Promise<ServerProcess> {
  const launcher = join(checkout, 'kubeling');
  const folder = await mkdtemp(join(tmpdir(), 'kubeling-server-'));
  const port = await freePort();
  const pki = join(folder, 'pki');
  const config = join(folder, 'server.json');
  const settings = {
    data: join(folder, 'data'),
    pki,
    host: '127.0.0.1',
    port,
    podCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
  };
  await writeFile(config, JSON.stringify(settings), { mode: 0o600 });
  const log = openSync(join(folder, 'log'), 'a', 0o600);
  const group = limitMib === undefined ? undefined : memoryGroup(`kubeling-test-${process.pid}-${port}`, limitMib);
  const standstills = join(folder, 'standstill');
  const observed = { NODE_OPTIONS: `--import ${pathToFileURL(observer)}`, [standstillFile]: standstills };
  const env = isObserved ? { ...process.env, ...observed } : process.env;
  const start = (): ChildProcess => {
    // However this process ends, its server ends with it.
    const started = spawn('setpriv', ['--pdeathsig', 'SIGKILL', launcher, 'server', '--config', config], {
      stdio: ['ignore', log, log],
      env,
    });
    if (started.pid !== undefined) group?.add(started.pid);
    return started;
  };
  const read = (name: string): Promise<string> => readFile(join(pki, name), 'utf8');
  const began = systemClock.monotonic();
  let child = start();
  try {
    const identity = await ready(child, async () => ({
      ca: await read('ca.crt'),
      cert: await read('admin.crt'),
      key: await read('admin.key'),
    }));
    const url = `https://127.0.0.1:${port}`;
    const transport = createHttpTransport({ server: url, ...identity }, { clock: systemClock, userAgent: 'test' });
    await ready(child, () => transport.text('/readyz'));
    const kill = async (signal: NodeJS.Signals): Promise<void> => end(child, signal);
    return {
      url,
      folder,
      readyMs: systemClock.monotonic() - began,
      client: createClient(transport),
      transport,
      identity,
      get pid() {
        return child.pid!;
      },
      residentMib: () => residentMib(child.pid!),
      highestMib: () => memoryMib(child.pid!, 'VmHWM'),
      cpuMs: () => cpuMs(child.pid!),
      async collectGarbage() {
        if (!isObserved) throw new Error('Cannot collect garbage: the server is not observed');
        // Twice: what finalizers let go of is garbage too.
        for (let left = 2; left > 0; left--) {
          child.kill('SIGUSR2');
          await pause(500);
        }
      },
      longestStandstill() {
        if (!existsSync(standstills)) return { wallMs: 0, cpuMs: 0 };
        return JSON.parse(readFileSync(standstills, 'utf8')) as Standstill;
      },
      kill,
      async restart() {
        child = start();
        await ready(child, () => transport.text('/readyz'));
      },
      async [Symbol.asyncDispose]() {
        await transport[Symbol.asyncDispose]();
        await kill('SIGTERM');
        group?.[Symbol.dispose]();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await end(child, 'SIGKILL');
    group?.[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Asks again and again until there is an answer. */
async function ready<T>(child: ChildProcess, ask: () => Promise<T>): Promise<T> {
  const limit = systemClock.monotonic() + startLimitMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (child.exitCode !== null)
        throw new Error(`Cannot go on: the server ended with code ${child.exitCode}`, { cause: error });
      if (systemClock.monotonic() > limit) throw error;
      await pause(5);
    }
  }
}

/** The system clock's timers do not keep a process alive; a test has to. */
export async function pause(delayMs: number): Promise<void> {
  const channel = new MessageChannel();
  channel.port1.ref();
  channel.port1.on('message', () => {});
  await systemClock.sleep(delayMs);
  channel.port1.close();
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await ended;
}

/** Resident memory of a process in MiB. */
export function residentMib(pid: number): number {
  return memoryMib(pid, 'VmRSS');
}

/** A tick of the fields in `/proc/PID/stat`; it is 10 ms on every Linux that Node runs on. */
const tickMs = 10;

function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * tickMs;
}

function memoryMib(pid: number, line: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
