import { Namespaces, Pods, type Pod } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import type { ServerProcess } from '../kit/server-process.ts';
import { fanOut } from './fan-out.ts';
import { bareHttps, bareNodeStart, durableBlocksPerSecond } from './floors.ts';
import { load } from './load.ts';
import type { Row } from './rows.ts';
import { administratorToken, namespace, path, pod } from './subject.ts';
import { annotationPatch, writeAgain } from './writes.ts';

const listedPods = 5000;

interface Floor {
  readonly floor: number;
  readonly floorName: string;
}

/** Everything that a server alone can show; `say` is told what is going on. */
export async function apiRows(server: ServerProcess, say: (text: string) => void): Promise<Row[]> {
  const { client, url, folder, identity } = server;
  const bareNode = await bareNodeStart();
  const memoryFloor = { floor: bareNode.residentMib, floorName: 'bare node process' };
  const rows: Row[] = [
    {
      name: 'start of a new server to ready',
      value: server.readyMs,
      unit: 'ms',
      floor: bareNode.ms,
      floorName: 'bare node process',
    },
    { name: 'resident memory of the idle server', value: server.residentMib(), unit: 'MiB', ...memoryFloor },
  ];
  await client.create(Namespaces, { metadata: { name: namespace }, spec: {} });
  const token = await administratorToken(server);
  await client.create(Pods, pod({ name: 'one', namespace }) as Pod);

  say('floors');
  const disk = {
    floor: durableBlocksPerSecond(folder),
    floorName: '4 KiB write and fdatasync, one after the other',
  };
  const bytes = Buffer.from(await server.transport.text(`${path}/one`));
  const bare = (clients: number, requests: number, answer: Uint8Array = bytes) =>
    bareHttps(identity, folder, answer, clients, requests);
  const bareFloor = async (clients: number, requests: number): Promise<Floor> => ({
    floor: (await bare(clients, requests)).perSecond,
    floorName: 'bare HTTPS, same bytes',
  });
  const bareOne = await bareFloor(1, 2000);
  const bareMany = await bareFloor(32, 15_000);

  const measure = async (name: string, clients: number, requests: number, floor: Floor, body?: string, at = path) => {
    say(`${name}, ${clients}`);
    const how = { path: at, clients, requests, ...(body === undefined ? {} : { method: 'POST', body }) };
    const { perSecond, p50, p99, failed } = await load(url, token, folder, how);
    if (failed > 0) throw new Error(`Cannot measure "${name}": ${failed} of ${requests} requests failed`);
    rows.push({ name: named(name, clients), value: perSecond, unit: '/s', ...floor, more: latency({ p50, p99 }) });
  };
  const body = JSON.stringify(pod({ generateName: 'bench-' }));
  await load(url, token, folder, { path, method: 'POST', body, clients: 32, requests: 2000 });
  await measure('durable pod creates', 1, 1500, disk, body);
  await measure('durable pod creates', 32, 10_000, bareMany, body);
  await measure('gets of a pod', 1, 3000, bareOne, undefined, `${path}/one`);
  await measure('gets of a pod', 32, 20_000, bareMany, undefined, `${path}/one`);
  for (const [clients, requests, floor] of [
    [1, 1500, disk],
    [32, 6000, bareMany],
  ] as const) {
    say(`patches, ${clients}`);
    const { perSecond, ...times } = await writeAgain(server, token, clients, requests, annotationPatch);
    const name = named('durable strategic merge patches', clients);
    rows.push({ name, value: perSecond, unit: '/s', ...floor, more: `${latency(times)}, client in Node` });
  }

  say('removal');
  await client.deleteCollection(Pods, { namespace, gracePeriodSeconds: 0 });
  await load(url, token, folder, { path, method: 'POST', body, clients: 32, requests: listedPods });
  say('list');
  const all = Buffer.from(await server.transport.text(path));
  const list = await load(url, token, folder, { path, clients: 1, requests: 20 });
  rows.push({
    name: `list of ${listedPods} pods, 1 client`,
    value: list.p50,
    unit: 'ms',
    floor: (await bare(1, 20, all)).p50,
    floorName: 'bare HTTPS, same bytes',
    more: `${(all.length / 1e6).toFixed(1)} MB, ${latency(list)}`,
  });
  say('fan-out');
  for (const connections of [10, 500]) rows.push(await fanOut(server, namespace, token, connections));
  say('removal of a collection');
  const began = systemClock.monotonic();
  await client.deleteCollection(Pods, { namespace, gracePeriodSeconds: 0 });
  rows.push({
    name: `delete of a collection of ${listedPods}`,
    value: systemClock.monotonic() - began,
    unit: 'ms',
    floor: (listedPods / disk.floor) * 1000,
    floorName: `as many times: ${disk.floorName}`,
  });
  rows.push({
    name: 'resident memory of the server after all that',
    value: server.residentMib(),
    unit: 'MiB',
    ...memoryFloor,
  });
  return rows;
}

function named(name: string, clients: number): string {
  return `${name}, ${clients} client${clients === 1 ? '' : 's'}`;
}

function latency({ p50, p99 }: { p50: number; p99: number }): string {
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}
