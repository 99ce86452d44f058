import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpTransport, type HttpTransport } from '../../src/client/node/http-transport.ts';
import { createClient } from '../../src/client/typed-client.ts';
import type { Client } from '../../src/client/client.ts';
import { systemClock } from '../../src/base/system-clock.ts';

/** A server of its own in a temporary folder, as users start it: another process, the store on disk, HTTPS. */
export interface BenchServer extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** From the start of the process to the first good answer of `/readyz`, in milliseconds. */
  readonly readyMs: number;
  readonly client: Client;
  readonly transport: HttpTransport;
  /** PEM of the administrator, for clients of their own. */
  readonly identity: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Resident memory in MiB. */
  residentMib(): number;
}

const started = 60_000;

export async function startBenchServer(): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeling-bench-'));
  const port = await freePort();
  const pki = join(folder, 'pki');
  const config = join(folder, 'server.json');
  await mkdir(join(folder, 'data'));
  const settings = {
    data: join(folder, 'data'),
    pki,
    host: '127.0.0.1',
    port,
    podCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
  };
  await writeFile(config, JSON.stringify(settings), { mode: 0o600 });
  const began = systemClock.monotonic();
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../src/main/cli.ts'), 'server', '--config', config],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const read = async (name: string) => readFile(join(pki, name), 'utf8');
  try {
    const identity = await ready(child, async () => ({
      ca: await read('ca.crt'),
      cert: await read('admin.crt'),
      key: await read('admin.key'),
    }));
    const url = `https://127.0.0.1:${port}`;
    const transport = createHttpTransport({ server: url, ...identity }, { clock: systemClock, userAgent: 'bench' });
    await ready(child, () => transport.text('/readyz'));
    const readyMs = systemClock.monotonic() - began;
    return {
      url,
      folder,
      readyMs,
      client: createClient(transport),
      transport,
      identity,
      residentMib: () => residentMib(child.pid!),
      async [Symbol.asyncDispose]() {
        await transport[Symbol.asyncDispose]();
        await end(child);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await end(child);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Asks again and again until there is an answer. */
async function ready<T>(child: ChildProcess, ask: () => Promise<T>): Promise<T> {
  const limit = systemClock.monotonic() + started;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (child.exitCode !== null)
        throw new Error(`Cannot measure: the server ended with code ${child.exitCode}`, { cause: error });
      if (systemClock.monotonic() > limit) throw error;
      await keptAlive(5);
    }
  }
}

/** The system clock's timers do not keep a process alive; a benchmark has to. */
function keptAlive(delayMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const channel = new MessageChannel();
  channel.port1.ref();
  channel.port1.on('message', () => {});
  systemClock.setTimer(delayMs, () => {
    channel.port1.close();
    resolve();
  });
  return promise;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await ended;
}

export function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
