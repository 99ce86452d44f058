import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Load {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly clients: number;
  readonly requests: number;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly mean: number;
  readonly max: number;
  readonly failed: number;
}

/**
 * Sends requests as fast as they are answered, from a client in C (h2load) that costs little beside the server. Each
 * client is a connection with one request under way.
 */
export async function load(
  url: string,
  token: string,
  folder: string,
  { path, method, body, contentType = 'application/json', clients, requests }: Load,
): Promise<LoadResult> {
  const headers = [
    `authorization: Bearer ${token}`,
    ...(method === undefined ? [] : [`:method: ${method}`]),
    ...(body === undefined ? [] : [`content-type: ${contentType}`]),
  ];
  const args = [
    '-n',
    String(requests),
    '-c',
    String(clients),
    '-m',
    '1',
    ...headers.flatMap((header) => ['-H', header]),
  ];
  if (body !== undefined) {
    const file = join(folder, 'body');
    await writeFile(file, body);
    args.push('-d', file);
  }
  const text = await output('h2load', [...args, url + path]);
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const [, , max = '', mean = ''] = /time for request:\s+(\S+)\s+(\S+)\s+(\S+)/.exec(text) ?? [];
  const good = number(/status codes: (\d+) 2xx/);
  return {
    perSecond: number(/, ([\d.]+) req\/s/),
    mean: milliseconds(mean),
    max: milliseconds(max),
    failed: requests - good,
  };
}

function milliseconds(text: string): number {
  const [, value = 'NaN', unit = ''] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN);
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) =>
      reject(new Error(`Cannot run ${command}: install the package nghttp2-client`, { cause: error })),
    );
    child.on('close', resolve);
  });
  const text = Buffer.concat(parts).toString();
  if (code !== 0) throw new Error(`Cannot measure: ${command} ended with code ${code}: ${text.slice(-300)}`);
  return text;
}
