import { parseArgs } from 'node:util';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import { pause, startServerProcess } from '../kit/server-process.ts';
import { defineCustomKinds } from './custom-kinds.ts';
import { describe, fuzz } from './fuzz.ts';
import { letReaderView, readerIdentity } from './identities.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: systemRandom.uuid().slice(0, 8) },
    requests: { type: 'string', default: '20000' },
    from: { type: 'string', default: '0' },
    clients: { type: 'string', default: '8' },
    /** Ends earlier when these are over. */
    seconds: { type: 'string', default: '3600' },
    /** The server is ended by the kernel when it takes more. */
    memory: { type: 'string', default: '1024' },
    show: { type: 'string', default: '10' },
  },
});

const from = Number(values.from);
const to = from + Number(values.requests);
console.log(`seed ${values.seed}, requests ${from} to ${to - 1}`);

/** The goals: see `docs/security.md`. */
const mostStandstillMs = 100;
const mostGrownMib = 50;

await using server = await startServerProcess({ limitMib: Number(values.memory), isObserved: true });
await letReaderView(server.client);
await defineCustomKinds(server.client);
const admin = { cert: server.identity.cert, key: server.identity.key };
const identities = { admin, reader: await readerIdentity(server), stranger: undefined };
const statuses = new Map<number, number>();
const slowest: { ms: number; text: string }[] = [];

/** Memory of the heap and of buffers that is in use after garbage was collected, and what is resident, in MiB. */
async function memory(): Promise<{ readonly used: number; readonly resident: number }> {
  await server.collectGarbage();
  const text = await server.transport.text('/metrics');
  const mib = (name: string): number => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]) / 1024 / 1024;
  return {
    used: Math.round(mib('nodejs_heap_size_used_bytes') + mib('nodejs_external_memory_bytes')),
    resident: server.residentMib(),
  };
}

const cold = await memory();
// Code that is compiled, tables that are made by the first who asks, pools of buffers: none of them is growth.
const common = { clients: Number(values.clients), url: server.url, ca: server.identity.ca, identities };
await fuzz({ ...common, seed: `${values.seed}/warm`, from: 0, to: 2000 });
const before = await memory();
const began = systemClock.monotonic();
let sent = 0;
let standstill = server.longestStandstill();
let standstillAt = from;
const complaints = [];
const batch = 500;
for (let at = from; at < to; at += batch) {
  if (systemClock.monotonic() - began > Number(values.seconds) * 1000) break;
  const found = await fuzz({
    ...common,
    seed: values.seed,
    from: at,
    to: Math.min(to, at + batch),
    onAnswer(request, answer) {
      statuses.set(answer?.status ?? 0, (statuses.get(answer?.status ?? 0) ?? 0) + 1);
      if (answer === undefined || answer.ms < 300 || /timeoutSeconds|watch/.test(request.path)) return;
      slowest.push({ ms: answer.ms, text: describe(request) });
      slowest.sort((a, b) => b.ms - a.ms).length = Math.min(slowest.length, 5);
    },
  });
  for (const { request, why } of found) {
    if (complaints.length < Number(values.show)) console.log(`\n${why}\n  ${describe(request)}`);
    complaints.push(request.number);
  }
  sent = Math.min(to, at + batch) - from;
  const now = server.longestStandstill();
  if (now.cpuMs > standstill.cpuMs) [standstill, standstillAt] = [now, at];
}
// By then the thread for large texts has ended too.
await pause(10_000);
const after = await memory();
console.log(
  `\nanswers: ${[...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status || 'none'} ×${count}`)
    .join(', ')}`,
);
console.log(
  `longest standstill of the event loop: ${standstill.cpuMs.toFixed(0)} ms of its CPU in ${standstill.wallMs.toFixed(0)} ms, in the requests from ${standstillAt} on`,
);
const seconds = (systemClock.monotonic() - began) / 1000;
console.log(`${sent} requests in ${seconds.toFixed(0)} s, ${complaints.length} wrong`);
const shown = ({ used, resident }: typeof before): string => `${used} MiB in use and ${resident} MiB resident`;
console.log(
  `memory, garbage collected: ${shown(cold)} when new, ${shown(before)} when warm, ${shown(after)} at the end`,
);
console.log(`resident at most: ${server.highestMib()} MiB`);
for (const { ms, text } of slowest) console.log(`slow: ${ms.toFixed(0)} ms, ${text.slice(0, 400)}`);
const faults = [
  ...(complaints.length > 0 ? [`answers were wrong: numbers ${complaints.slice(0, 30).join(' ')}`] : []),
  ...(standstill.cpuMs > mostStandstillMs
    ? [`the event loop stood still for ${standstill.cpuMs.toFixed(0)} ms of its own work`]
    : []),
  ...(after.resident - before.resident > mostGrownMib
    ? [`resident memory grew by ${after.resident - before.resident} MiB`]
    : []),
];
console.log(faults.length === 0 ? 'nothing was wrong' : `--seed ${values.seed}: ${faults.join('; ')}`);
process.exitCode = faults.length === 0 ? 0 : 1;
