import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/base/system-clock.ts';
import { cannotRunNginx, servicePort, startIngressCluster, type IngressCluster } from '../e2e/ingress-cluster.ts';
import { get } from '../e2e/ingress-client.ts';
import type { Row } from './rows.ts';

const seconds = 4;
const connections = 32;
const host = 'bench.example.com';

/** nginx through our configuration beside nginx that is written by hand for one server; before and behind both the same. */
export async function ingressRows(say: (text: string) => void): Promise<Row[]> {
  const missing = cannotRunNginx() ?? (spawnSync('wrk', ['-v']).error && 'wrk is not installed');
  if (missing !== undefined) {
    say(`ingress is not measured: ${missing}`);
    return [];
  }
  await using cluster = await startIngressCluster();
  await using bare = await startBare(cluster);
  await cluster.createService('bench', [{ address: '192.0.2.250' }]);
  say('creating an Ingress');
  const began = systemClock.monotonic();
  const backend = { service: { name: 'bench', port: { number: servicePort } } };
  const http = { paths: [{ path: '/', pathType: 'Prefix' as const, backend }] };
  await cluster.createIngress('bench', { rules: [{ host, http }] });
  const isServed = async () => (await get(cluster, `http://${host}/`).catch(() => undefined))?.status === 200;
  while (!(await isServed())) await systemClock.sleep(2);
  const served = systemClock.monotonic() - began;

  say('asking through nginx');
  // In turns, so that a moment in which the machine is busy with something else meets both.
  const rates = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < 3; round++) {
    rates.bare.push(await requestsPerSecond(bare.port));
    rates.ours.push(await requestsPerSecond(cluster.httpPort));
  }
  const best = (all: readonly number[]) => Math.max(...all);
  return [
    {
      name: 'requests through the Ingress',
      value: best(rates.ours),
      unit: '/s',
      floor: best(rates.bare),
      floorName: 'nginx written by hand',
      more: `${connections} connections, kept`,
    },
    {
      name: 'Ingress to its first answer',
      value: served,
      unit: 'ms',
      floor: await reloadMs(bare),
      floorName: 'test and reload of nginx',
    },
  ];
}

interface Bare extends AsyncDisposable {
  readonly port: number;
  readonly command: readonly string[];
  reload(): void;
}

/** The server behind both, and a proxy that nobody has to configure. */
async function startBare({ folder, httpPort }: IngressCluster): Promise<Bare> {
  const prefix = join(folder, '..', 'bare');
  await mkdir(prefix, { mode: 0o755 });
  const port = httpPort > 40_000 ? httpPort - 1 : httpPort + 1;
  const file = join(prefix, 'nginx.conf');
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  await writeFile(
    file,
    `
daemon off; worker_processes auto; pid ${prefix}/pid; error_log ${prefix}/error.log; working_directory ${prefix};
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000;
  ${kinds.map((kind) => `${kind}_temp_path ${prefix}/${kind};`).join(' ')}
  upstream behind { server 127.0.0.250:${servicePort}; keepalive 320; keepalive_requests 1000000; }
  server { listen 127.0.0.250:${servicePort}; location / { return 200 "${'x'.repeat(1000)}"; } }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
  }
}`,
  );
  const command = ['-p', prefix, '-c', file];
  const child = spawn('nginx', command, { stdio: 'inherit', cwd: prefix });
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  const answers = async () =>
    await get({ httpPort: port, httpsPort: 0 }, `http://${host}/`).then(
      () => true,
      () => false,
    );
  while (!(await answers())) await systemClock.sleep(10);
  return {
    port,
    command,
    reload: () => void child.kill('SIGHUP'),
    async [Symbol.asyncDispose]() {
      process.off('exit', end);
      const exit = once(child, 'exit');
      end();
      await exit;
    },
  };
}

async function requestsPerSecond(port: number): Promise<number> {
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-H', `Host: ${host}`];
  const child = spawn('wrk', [...args, `http://127.0.0.1:${port}/`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  await once(child, 'close');
  const text = Buffer.concat(parts).toString();
  if (/Non-2xx/.test(text)) throw new Error(`Cannot measure: not all answers were good: ${text}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
}

/** What nginx itself needs to try a configuration; a reload of a small one takes no longer. */
async function reloadMs({ command, reload }: Bare): Promise<number> {
  const began = systemClock.monotonic();
  const child = spawn('nginx', ['-t', '-q', ...command]);
  await once(child, 'exit');
  reload();
  return systemClock.monotonic() - began;
}
