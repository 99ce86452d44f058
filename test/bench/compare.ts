import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Namespaces, Pods, ServiceAccounts, type Pod } from '../../src/api/core/v1/types.ts';
import { isStatus } from '../../src/apimachinery/status.ts';
import { pause, startServerProcess, type ServerProcess } from '../kit/server-process.ts';
import { deliver, updates, watchers } from './fan-out.ts';
import { load } from './load.ts';
import { administratorToken, namespace, path, pod } from './subject.ts';
import { annotationPatch, podUpdate, statusPatch, statusUpdate, writeAgain, type Rewrite } from './writes.ts';

/**
 * Measures the server of this checkout beside that of another, in turns: CPU for each request, which a busy machine
 * disturbs less than rates, and memory. `node test/bench/compare.ts --with CHECKOUT [--rounds N] [--only WORD]…`
 */
const { values } = parseArgs({
  options: {
    /** The root of the other checkout, with its dependencies installed. */
    with: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    /** Only rows whose name has one of these words. */
    only: { type: 'string', multiple: true, default: [] },
  },
});

interface Subject {
  readonly server: ServerProcess;
  readonly token: string;
}

interface Measurement {
  readonly name: string;
  readonly unit: 'ms CPU' | 'µs CPU' | 'MiB';
  measure(subject: Subject): Promise<number>;
}

const listed = 5000;
const held = 12_000;
/** By then V8 has seen that no more objects come, and has collected what they left. */
const restMs = 20_000;
const body = JSON.stringify(pod({ generateName: 'bench-' }));

const measurements: readonly Measurement[] = [
  { name: 'memory, idle', unit: 'MiB', measure: async ({ server }) => server.residentMib() },
  perRequest('create, 32 clients', 6000, (subject, requests) => create(subject, requests)),
  perRequest('get, 32 clients', 15_000, ({ server: { url, folder }, token }, requests) =>
    loaded(load(url, token, folder, { path: `${path}/one`, clients: 32, requests })),
  ),
  rewrite('strategic merge patch, 32 clients', annotationPatch),
  rewrite('update, 32 clients', podUpdate),
  rewrite('patch of the status, 32 clients', statusPatch),
  rewrite('update of the status, 32 clients', statusUpdate),
  {
    name: `list of ${listed} pods`,
    unit: 'ms CPU',
    async measure(subject) {
      const { server, token } = subject;
      await server.client.deleteCollection(Pods, { namespace, gracePeriodSeconds: 0 });
      await create(subject, listed);
      const requests = 20;
      const { url, folder } = server;
      const cpuMs = await cpuOf(server, () => loaded(load(url, token, folder, { path, clients: 1, requests })));
      return cpuMs / requests;
    },
  },
  ...[10, 500].map((connections): Measurement => ({
    name: `delivery to one of ${watchers} watchers, ${connections} connections`,
    unit: 'µs CPU',
    async measure({ server, token }) {
      const { cpuMs } = await deliver(server, namespace, token, connections);
      return (cpuMs * 1000) / (watchers * updates);
    },
  })),
  {
    name: `memory, ${held} pods`,
    unit: 'MiB',
    async measure(subject) {
      await subject.server.client.deleteCollection(Pods, { namespace, gracePeriodSeconds: 0 });
      await create(subject, held);
      return subject.server.residentMib();
    },
  },
  {
    name: `memory, ${held} pods that were listed`,
    unit: 'MiB',
    async measure({ server, token }) {
      const { url, folder } = server;
      await loaded(load(url, token, folder, { path, clients: 1, requests: 5 }));
      return server.residentMib();
    },
  },
  {
    name: `memory, ${held} pods, when nobody asked for ${restMs / 1000} s`,
    unit: 'MiB',
    async measure({ server }) {
      await pause(restMs);
      return server.residentMib();
    },
  },
];

function perRequest(
  name: string,
  requests: number,
  run: (subject: Subject, requests: number) => Promise<unknown>,
): Measurement {
  return {
    name,
    unit: 'µs CPU',
    async measure(subject) {
      await run(subject, Math.ceil(requests / 5)); // the compiler has seen it
      return ((await cpuOf(subject.server, () => run(subject, requests))) * 1000) / requests;
    },
  };
}

function rewrite(name: string, what: Rewrite): Measurement {
  return perRequest(name, 4000, ({ server, token }, requests) => writeAgain(server, token, 32, requests, what));
}

async function create({ server: { url, folder }, token }: Subject, requests: number): Promise<void> {
  await loaded(load(url, token, folder, { path, method: 'POST', body, clients: 32, requests }));
}

async function loaded(result: ReturnType<typeof load>): Promise<void> {
  const { failed } = await result;
  if (failed > 0) throw new Error(`Cannot measure: ${failed} requests failed`);
}

async function cpuOf(server: ServerProcess, run: () => Promise<unknown>): Promise<number> {
  const before = server.cpuMs();
  await run();
  return server.cpuMs() - before;
}

/** One server from its start to its end; a fresh one each round, so that no row profits from an earlier round. */
async function measureAll(checkout: string, wanted: readonly Measurement[]): Promise<readonly number[]> {
  await using server = await startServerProcess({ checkout });
  const { client } = server;
  await client.create(Namespaces, { metadata: { name: namespace }, spec: {} });
  // A pod needs the account, and on a busy machine the controller that makes it may be slower than we are.
  await client.create(ServiceAccounts, { metadata: { name: 'default', namespace } }).catch((error: unknown) => {
    if (!isStatus(error, 'AlreadyExists')) throw error;
  });
  const subject = { server, token: await administratorToken(server) };
  await client.create(Pods, pod({ name: 'one', namespace }) as Pod);
  const figures: number[] = [];
  for (const measurement of wanted) figures.push(await measurement.measure(subject));
  return figures;
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor((figures.length - 1) / 2)]!;
}

const other = resolve(values.with ?? '');
if (values.with === undefined || !existsSync(join(other, 'kubeling')))
  throw new Error(`Cannot compare with "${values.with ?? ''}": --with must name another checkout of Kubeling`);
const wanted = measurements.filter(
  ({ name }) => values.only.length === 0 || values.only.some((word) => name.includes(word)),
);
if (wanted.length === 0) throw new Error(`Cannot measure "${values.only.join('", "')}": no row has that in its name`);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(130));

const here = join(import.meta.dirname, '../..');
const theirs: (readonly number[])[] = [];
const ours: (readonly number[])[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  theirs.push(await measureAll(other, wanted));
  ours.push(await measureAll(here, wanted));
}
const width = Math.max(...wanted.map(({ name }) => name.length));
console.log(`${'WHAT'.padEnd(width)}  ${'OTHER'.padStart(10)}  ${'THIS'.padStart(10)}  OTHER / THIS`);
wanted.forEach(({ name, unit }, at) => {
  const [before, after] = [theirs, ours].map((rounds) => median(rounds.map((figures) => figures[at]!)));
  const cells = [before!.toFixed(1).padStart(10), after!.toFixed(1).padStart(10), (before! / after!).toFixed(2)];
  console.log(`${name.padEnd(width)}  ${cells.join('  ')}  ${unit}`);
});
process.exit(0);
