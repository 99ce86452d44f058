import { execFile } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/base/system-clock.ts';
import { load, type LoadResult } from './load.ts';

/** How many 4 KiB blocks a second this machine makes durable, one after the other. */
export function durableBlocksPerSecond(folder: string): number {
  const file = openSync(join(folder, 'floor'), 'w', 0o600);
  const block = Buffer.alloc(4096, 1);
  const rounds = 500;
  const began = systemClock.monotonic();
  for (let i = 0; i < rounds; i++) {
    writeSync(file, block, 0, block.length, (i % 64) * block.length);
    fdatasyncSync(file);
  }
  const seconds = (systemClock.monotonic() - began) / 1000;
  closeSync(file);
  return rounds / seconds;
}

/** The same load against an HTTPS server that only sends bytes it has ready: what HTTP, TLS and the client cost here. */
export async function bareHttps(
  identity: { cert: string; key: string },
  folder: string,
  answer: Uint8Array,
  clients: number,
  requests: number,
): Promise<LoadResult> {
  const server = createSecureServer({ ...identity, allowHTTP1: true }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await load(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, 'none', folder, {
      path: '/',
      clients,
      requests,
    });
  } finally {
    server.close();
  }
}

/** A Node process that does nothing, from its start to its end; the middle one of five. */
export async function bareNodeStart(): Promise<{ ms: number; residentMib: number }> {
  const runs: { ms: number; residentMib: number }[] = [];
  for (let run = 0; run < 5; run++) {
    const began = systemClock.monotonic();
    const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.memoryUsage.rss()']);
    runs.push({ ms: systemClock.monotonic() - began, residentMib: Math.round(Number(stdout) / 1024 / 1024) });
  }
  return runs.toSorted((a, b) => a.ms - b.ms)[2]!;
}
