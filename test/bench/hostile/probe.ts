/** Asks /livez every ten milliseconds over a connection of its own, until its input ends; then writes how long it took. */
import { Agent, request } from 'node:https';

const { host, port, ca } = JSON.parse(process.argv[2]!) as { host: string; port: number; ca: string };
const everyMs = 10;
const patienceMs = 30_000;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const delays: number[] = [];
let failed = 0;
let isOver = false;

process.stdin.on('end', () => (isOver = true)).resume();

/** One question; one that stands for longer also stands for those that would have been asked meanwhile. */
async function ask(): Promise<void> {
  const began = performance.now();
  const answered = await new Promise<boolean>((resolve) => {
    const call = request({ host, port, ca, agent, path: '/livez', timeout: patienceMs }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode === 200));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
  for (let delay = performance.now() - began; ; delay -= everyMs) {
    delays.push(delay);
    if (delay <= everyMs) break;
  }
  if (!answered) failed++;
}

await ask();
delays.length = 0;
process.stdout.write('ready\n');
while (!isOver) {
  const began = performance.now();
  await ask();
  const early = everyMs - (performance.now() - began);
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
}
agent.destroy();
delays.sort((a, b) => a - b);
const at = (share: number): number => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0;
process.stdout.write(`${JSON.stringify({ count: delays.length, failed, p50: at(0.5), p99: at(0.99), max: at(1) })}\n`);
