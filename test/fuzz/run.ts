import { parseArgs } from 'node:util';
import { systemRandom } from '../../src/base/system-random.ts';
import { pause, startServerProcess } from '../kit/server-process.ts';
import { describe, fuzz } from './fuzz.ts';
import { narrowIdentity } from './identities.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: systemRandom.uuid().slice(0, 8) },
    requests: { type: 'string', default: '20000' },
    from: { type: 'string', default: '0' },
    clients: { type: 'string', default: '8' },
    show: { type: 'string', default: '10' },
  },
});

const from = Number(values.from);
const to = from + Number(values.requests);
console.log(`seed ${values.seed}, requests ${from} to ${to - 1}`);

await using server = await startServerProcess();
const admin = { cert: server.identity.cert, key: server.identity.key };
const identities = { admin, reader: await narrowIdentity(server), stranger: undefined };
const statuses = new Map<number, number>();
const slowest: { ms: number; text: string }[] = [];

/** The longest that the event loop of the server stood still since it was last asked, in milliseconds. */
async function longestStandstill(): Promise<number> {
  const text = await server.transport.text('/metrics');
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1] ?? Number.NaN) * 1000;
}

await longestStandstill();
const before = server.residentMib();
let standstill = 0;
let standstillAt = 0;
const complaints = [];
const batch = 500;
for (let at = from; at < to; at += batch) {
  const found = await fuzz({
    seed: values.seed,
    from: at,
    to: Math.min(to, at + batch),
    clients: Number(values.clients),
    url: server.url,
    ca: server.identity.ca,
    identities,
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
  const now = await longestStandstill();
  if (now > standstill) [standstill, standstillAt] = [now, at];
}
await pause(3000);
const after = server.residentMib();
console.log(
  `\nanswers: ${[...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status || 'none'} ×${count}`)
    .join(', ')}`,
);
console.log(
  `longest standstill of the event loop: ${standstill.toFixed(0)} ms, in the requests from ${standstillAt} on`,
);
console.log(`resident memory: ${before} MiB before, ${after} MiB after`);
for (const { ms, text } of slowest) console.log(`slow: ${ms.toFixed(0)} ms, ${text.slice(0, 400)}`);
console.log(
  complaints.length === 0
    ? 'nothing was wrong'
    : `${complaints.length} answers were wrong: --seed ${values.seed}, numbers ${complaints.slice(0, 30).join(' ')}`,
);
process.exitCode = complaints.length === 0 ? 0 : 1;
