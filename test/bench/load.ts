import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Load {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly clients: number;
  readonly requests: number;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** A load that takes longer than this is given up, in milliseconds. */
const limitMs = 60_000;

/**
 * Sends requests as fast as they are answered, from a client in C (h2load) that costs little beside the server. Each
 * client is a connection with one request under way.
 */
export async function load(
  url: string,
  token: string,
  folder: string,
  { path, method, body, clients, requests }: Load,
): Promise<LoadResult> {
  const log = join(folder, 'load.log');
  const headers = [
    `authorization: Bearer ${token}`,
    ...(method === undefined ? [] : [`:method: ${method}`]),
    ...(body === undefined ? [] : ['content-type: application/json']),
  ];
  const sizes = ['-n', String(requests), '-c', String(clients), '-m', '1', '-w', '24', '-W', '26'];
  const args = [...sizes, `--log-file=${log}`, ...headers.flatMap((header) => ['-H', header])];
  if (body !== undefined) {
    const file = join(folder, 'body');
    await writeFile(file, body);
    args.push('-d', file);
  }
  await writeFile(log, '');
  const text = await output('h2load', [...args, url + path]);
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  // One line per request: when it began, its status code, how long it took, both in microseconds.
  const delays = (await readFile(log, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split('\t')[2]) / 1000);
  return {
    perSecond: number(/, ([\d.]+) req\/s/),
    ...percentiles(delays),
    failed: requests - number(/status codes: (\d+) 2xx/),
  };
}

/** The middle one and the one that 1 of 100 exceeds. */
export function percentiles(delays: readonly number[]): { p50: number; p99: number } {
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL' });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) =>
      reject(new Error(`Cannot run ${command}: install the package nghttp2-client`, { cause: error })),
    );
    child.on('close', resolve);
  });
  process.off('exit', end);
  const text = Buffer.concat(parts).toString();
  if (code !== 0) throw new Error(`Cannot measure: ${command} ended with ${code ?? 'a signal'}: ${text.slice(-300)}`);
  return text;
}
