import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ClusterRoleBindings } from '../../src/api/rbac/v1/types.ts';
import { Namespaces, Pods, ServiceAccounts, type Pod } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { fanOut } from './fan-out.ts';
import { bareHttps, durableBlocksPerSecond } from './floors.ts';
import { load } from './load.ts';
import { podStart } from './pod-start.ts';
import { startServerProcess, type ServerProcess } from '../kit/server-process.ts';

/** One line of the result: what was measured, the machine's floor for it in the same run, and the ratio of the two. */
interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number;
  readonly floorName: string;
  readonly more?: string;
}

const namespace = 'bench';
const listedPods = 5000;

const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata:
    name === ''
      ? { name, generateName: 'bench-', labels: { app: 'bench', tier: 'load' } }
      : { name, labels: { app: 'bench', tier: 'load' } },
  spec: {
    schedulerName: 'none',
    containers: [
      {
        name: 'app',
        image: 'registry.example/app:v1',
        ports: [{ containerPort: 8080 }],
        env: [{ name: 'MODE', value: 'bench' }],
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
      },
    ],
  },
});

async function apiRows(server: ServerProcess): Promise<Row[]> {
  const { client, url, folder } = server;
  await client.create(Namespaces, { metadata: { name: namespace }, spec: {} });
  const token = await administratorToken(server);
  const rows: Row[] = [
    {
      name: 'start of the server to ready',
      value: server.readyMs,
      unit: 'ms',
      floor: await bareNodeStart(),
      floorName: 'bare node process',
    },
  ];
  rows.push({
    name: 'resident memory of the idle server',
    value: server.residentMib(),
    unit: 'MiB',
    floor: bareNodeMib,
    floorName: 'bare node process',
  });

  const disk = durableBlocksPerSecond(folder);
  const body = JSON.stringify({ ...pod(''), metadata: { ...pod('').metadata, name: undefined } });
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const target = (name: string) => `${path}/${name}`;
  await client.create(Pods, { ...pod('one'), metadata: { ...pod('one').metadata, namespace } });
  const bytes = Buffer.from(JSON.stringify(await client.get(Pods, { namespace, name: 'one' })));
  const bare = async (clients: number, requests: number, answer: Uint8Array = bytes) =>
    bareHttps(server.identity, folder, answer, clients, requests);
  const measure = async (
    name: string,
    clients: number,
    requests: number,
    request: { path: string; method?: string; body?: string; contentType?: string },
    floor: { value: number; name: string },
  ) => {
    const result = await load(url, token, folder, { ...request, clients, requests });
    if (result.failed > 0) throw new Error(`Cannot measure "${name}": ${result.failed} of ${requests} requests failed`);
    rows.push({
      name: `${name}, ${clients} client${clients === 1 ? '' : 's'}`,
      value: result.perSecond,
      unit: '/s',
      floor: floor.value,
      floorName: floor.name,
      more: `mean ${result.mean.toFixed(2)} ms, max ${result.max.toFixed(1)} ms`,
    });
  };
  const diskFloor = { value: disk, name: '4 KiB write and fdatasync, one at a time' };
  const bareOne = { value: (await bare(1, 2000)).perSecond, name: 'bare HTTPS, same bytes' };
  const bareMany = { value: (await bare(32, 20_000)).perSecond, name: 'bare HTTPS, same bytes' };
  await measure('warm-up', 32, 2000, { path, method: 'POST', body }, diskFloor);
  rows.pop();
  await measure('durable pod creates', 1, 1000, { path, method: 'POST', body }, diskFloor);
  await measure('durable pod creates', 32, 10_000, { path, method: 'POST', body }, bareMany);
  await measure('gets of a pod', 1, 3000, { path: target('one') }, bareOne);
  await measure('gets of a pod', 32, 20_000, { path: target('one') }, bareMany);
  const patch = { path: target('one'), method: 'PATCH', contentType: 'application/strategic-merge-patch+json' };
  let round = 0;
  const patchBody = () => JSON.stringify({ metadata: { annotations: { round: String(++round) } } });
  for (const clients of [1, 32]) {
    // A patch that changes nothing is not written: every request of a run must differ from what the others left.
    const token32 = await patchLoad(server, token, patch.path, clients, clients === 1 ? 500 : 5000, patchBody);
    rows.push({
      name: `durable strategic-merge patches, ${clients} client${clients === 1 ? '' : 's'}`,
      ...token32,
      unit: '/s',
      floor: clients === 1 ? disk : bareMany.value,
      floorName: clients === 1 ? diskFloor.name : bareMany.name,
    });
  }
  await client.deleteCollection(Pods, { namespace, gracePeriodSeconds: 0 });
  await load(url, token, folder, { path, method: 'POST', body, clients: 32, requests: listedPods });
  const listBytes = await timed(() => server.transport.text(path));
  const list = await load(url, token, folder, { path, clients: 1, requests: 20 });
  const bareList = await bare(1, 20, Buffer.from(listBytes.value));
  rows.push({
    name: `list of ${listedPods} pods (${(listBytes.value.length / 1e6).toFixed(1)} MB), 1 client`,
    value: list.mean,
    unit: 'ms',
    floor: bareList.mean,
    floorName: 'bare HTTPS, same bytes',
  });
  rows.push(...(await fanOut(server, namespace, token)));
  const removal = await timed(() => client.deleteCollection(Pods, { namespace, gracePeriodSeconds: 0 }));
  rows.push({
    name: `delete of a collection of ${listedPods}`,
    value: removal.ms,
    unit: 'ms',
    floor: (listedPods / disk) * 1000,
    floorName: 'as many writes with fdatasync, one at a time',
  });
  rows.push({
    name: 'resident memory of the server after all that',
    value: server.residentMib(),
    unit: 'MiB',
    floor: bareNodeMib,
    floorName: 'bare node process',
  });
  return rows;
}

/** Patches of one object whose bodies all differ, over as many HTTP/2 streams as clients. */
async function patchLoad(
  server: ServerProcess,
  _token: string,
  path: string,
  clients: number,
  requests: number,
  body: () => string,
): Promise<{ value: number; more: string }> {
  const { client } = server;
  const name = path.split('/').pop()!;
  const delays: number[] = [];
  let left = requests;
  const began = systemClock.monotonic();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) {
        const sent = systemClock.monotonic();
        await client.patch(Pods, { namespace, name }, { type: 'strategic', body: JSON.parse(body()) as object });
        delays.push(systemClock.monotonic() - sent);
      }
    }),
  );
  const seconds = (systemClock.monotonic() - began) / 1000;
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))]!.toFixed(2);
  return { value: requests / seconds, more: `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, client in Node` };
}

async function administratorToken({ client }: ServerProcess): Promise<string> {
  await client.create(ServiceAccounts, { metadata: { name: 'bench', namespace } });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  await client.create(ClusterRoleBindings, {
    metadata: { name: 'bench' },
    roleRef,
    subjects: [{ kind: 'ServiceAccount', name: 'bench', namespace }],
  } as never);
  const request = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec: { expirationSeconds: 3600 } };
  const answer = (await client.post(ServiceAccounts, { namespace, name: 'bench' }, 'token', request)) as {
    status: { token: string };
  };
  return answer.status.token;
}

let bareNodeMib = 0;

/** Time to start and end a Node process that does nothing; notes its resident memory on the way. */
async function bareNodeStart(): Promise<number> {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const began = systemClock.monotonic();
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.memoryUsage.rss()']);
  bareNodeMib = Math.round(Number(stdout) / 1024 / 1024);
  return systemClock.monotonic() - began;
}

async function timed<T>(run: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = systemClock.monotonic();
  const value = await run();
  return { value, ms: systemClock.monotonic() - began };
}

const baselineFile = join(import.meta.dirname, 'baseline.json');

/** Ratios are to be compared, not figures: both of a ratio were measured by the same machine in the same minute. */
function ratioOf({ value, floor }: Row): number {
  return Number((value / floor).toPrecision(3));
}

function table(rows: readonly Row[], baseline: Readonly<Record<string, number>>): string {
  const shown = rows.map((row) => {
    const before = baseline[row.name];
    return [
      row.name,
      `${row.value.toFixed(row.value < 10 ? 1 : 0)} ${row.unit}`,
      `${row.floor.toFixed(row.floor < 10 ? 1 : 0)} (${row.floorName})`,
      String(ratioOf(row)),
      before === undefined ? '-' : String(before),
      row.more ?? '',
    ];
  });
  const lines = [['WHAT', 'MEASURED', 'FLOOR OF THIS MACHINE', 'RATIO', 'BASELINE', 'MORE'], ...shown];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, pods: { type: 'boolean', default: true } },
  allowNegative: true,
});
const rows: Row[] = [];
{
  await using server = await startServerProcess();
  rows.push(...(await apiRows(server)));
}
if (values.pods) rows.push(...(await podStart()));
const baseline = JSON.parse(await readFile(baselineFile, 'utf8').catch(() => '{}')) as Record<string, number>;
process.stdout.write(`${table(rows, baseline)}\n`);
if (values.write)
  await writeFile(
    baselineFile,
    `${JSON.stringify(Object.fromEntries(rows.map((row) => [row.name, ratioOf(row)])), undefined, 2)}\n`,
  );
process.exit(0);
