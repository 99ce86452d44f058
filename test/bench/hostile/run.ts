/**
 * Attacks a fresh server in each way that is known, and asks /livez meanwhile from another process. Figures are of this
 * machine and of what else it does: compare them with the first row, where nobody attacks. HELD is the CPU of the longest
 * turn of the event loop.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { readerIdentity } from '../../fuzz/identities.ts';
import { startServerProcess, type ServerProcess } from '../../kit/server-process.ts';
import { aggregatedAttacks } from './aggregated.ts';
import type { Attack } from './attack.ts';
import { bodies } from './bodies.ts';
import { connections } from './connections.ts';
import { dense } from './dense.ts';
import { expressionAttacks } from './expressions.ts';
import { reads } from './reads.ts';
import { Target } from './target.ts';
import { webhookAttacks } from './webhooks.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    /** Only attacks whose name holds one of these. */
    only: { type: 'string', multiple: true, default: [''] },
  },
});

/** The goals of `docs/security.md`. */
const goals = { p99: 50, highestMib: 512 };
const limitMib = 1024;

interface Probed {
  readonly count: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

async function startProbe({ url, identity }: ServerProcess): Promise<() => Promise<Probed>> {
  const { hostname, port } = new URL(url);
  const where = JSON.stringify({ host: hostname, port: Number(port), ca: identity.ca });
  const child = spawn(process.execPath, [join(import.meta.dirname, 'probe.ts'), where], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await prefer(child.pid!);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return async () => {
    const exit = once(child, 'exit');
    child.stdin.end();
    const { value } = await lines.next();
    await exit;
    return JSON.parse(value as string) as Probed;
  };
}

async function run({ name, prepare, attack }: Attack): Promise<void> {
  await using server = await startServerProcess({ limitMib, isObserved: true });
  const target = new Target(server, await readerIdentity(server));
  // Attackers of a real server have processors of their own.
  await prefer(server.pid);
  await prepare?.(target);
  await server.collectGarbage();
  const startMib = server.residentMib();
  const stop = await startProbe(server);
  target.begin(Number(values.seconds));
  await attack(target);
  const probed = await stop();
  const highest = highestMib(server);
  const held = server.longestStandstill().cpuMs;
  await target.end();
  const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  const misses = [
    ...(highest === undefined ? ['the server is gone'] : []),
    ...(probed.p99 >= goals.p99 ? [`p99 is not below ${goals.p99} ms`] : []),
    ...((highest ?? 0) >= goals.highestMib ? [`memory is not below ${goals.highestMib} MiB`] : []),
    ...(probed.failed > 0 ? [`${probed.failed} questions without an answer`] : []),
  ];
  const cells = [
    name.padEnd(55),
    `${ms(probed.p50)}/${ms(probed.p99)}/${ms(probed.max)} ms`.padEnd(22),
    `${ms(held)} ms`.padEnd(7),
    `${startMib} → ${highest ?? '-'} MiB`.padEnd(16),
    target.answers.padEnd(24),
    misses.join(', '),
  ];
  console.log(cells.join('  ').trimEnd());
  if (misses.length > 0) process.exitCode = 1;
}

/** Puts the threads of a process before those of the attackers, where this process may. */
async function prefer(pid: number): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const thread of await readdir(`/proc/${pid}/task`)) setPriority(Number(thread), -10);
}

function highestMib(server: ServerProcess): number | undefined {
  try {
    return server.highestMib();
  } catch {
    return undefined;
  }
}

const nobody: Attack = { name: '(nobody attacks)', attack: (target) => target.untilOver() };
const extensions = [...webhookAttacks, ...expressionAttacks, ...aggregatedAttacks];
const attacks = [nobody, ...bodies, ...dense, ...connections, ...reads, ...extensions];
console.log('ATTACK'.padEnd(57) + '/livez p50/p99/max'.padEnd(24) + 'HELD'.padEnd(9) + 'MEMORY'.padEnd(18) + 'ANSWERS');
for (const attack of attacks) if (values.only.some((part) => attack.name.includes(part))) await run(attack);
