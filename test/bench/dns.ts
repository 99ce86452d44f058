import { fork, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { systemClock } from '../../src/base/system-clock.ts';
import { questionBytes } from '../../src/dns/wire/question.ts';
import { recordType } from '../../src/dns/wire/record.ts';
import { dnsDomain, dnsNamespace, serviceName } from './dns-names.ts';
import { percentiles } from './load.ts';
import type { Row } from './rows.ts';

const services = 10_000;
const questions = 200_000;
const warmUp = 30_000;
/** Questions on their way at any time. */
const window = 64;
/** A server from which nothing is heard for so long is given up, in milliseconds. */
const silenceMs = 5000;

interface Answers {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** How many questions about the cluster are answered a second over UDP, beside packets that only come back. */
export async function dnsRows(say: (text: string) => void): Promise<Row[]> {
  say(`DNS over ${services} services`);
  const echo = await withServer(0, (port) => ask(port, () => true));
  const answers = await withServer(services, async (port) => {
    await untilKnown(port);
    return await ask(port, (answer) => (answer[3]! & 15) === 0);
  });
  const more = `p50 ${answers.p50.toFixed(2)} ms, p99 ${answers.p99.toFixed(2)} ms; client in Node on the same cores`;
  const floor = { floor: echo.perSecond, floorName: 'UDP echo in Node, same client' };
  return [
    {
      name: `DNS answers, ${services} services, ${window} at once`,
      value: answers.perSecond,
      unit: '/s',
      ...floor,
      more,
    },
  ];
}

async function withServer<T>(count: number, use: (port: number) => Promise<T>): Promise<T> {
  const child = fork(new URL('dns-server.ts', import.meta.url), { env: { ...process.env, SERVICES: String(count) } });
  const end = (): boolean => child.kill('SIGKILL');
  process.once('exit', end);
  try {
    return await use(await portOf(child));
  } finally {
    process.off('exit', end);
    end();
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('exit', () => reject(new Error('Cannot measure DNS: its server ended before it listened')));
  });
}

/** Addresses mostly, in turn with what clients ask beside them. */
const types = [recordType.A, recordType.AAAA, recordType.A, recordType.SRV];

function messages(): Buffer[] {
  return Array.from({ length: services }, (_, index) => {
    const name = `${serviceName(index)}.${dnsNamespace}.svc.${dnsDomain}`;
    const header = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    return Buffer.concat([header, questionBytes(name, types[index % types.length]!)]);
  });
}

/** The last Service is there when the first list has come. */
async function untilKnown(port: number): Promise<void> {
  const socket = createSocket('udp4');
  const last = messages().at(-1)!;
  try {
    const known = new Promise<void>((resolve) =>
      socket.on('message', (answer) => {
        if ((answer[3]! & 15) === 0) resolve();
      }),
    );
    for (let isKnown = false; !isKnown;) {
      socket.send(last, port, '127.0.0.1');
      isKnown = await Promise.race([known.then(() => true), systemClock.sleep(100).then(() => false)]);
    }
  } finally {
    socket.close();
  }
}

/** Sends a question for each answer that comes, and measures when it is warm. */
async function ask(port: number, isGood: (answer: Buffer) => boolean): Promise<Answers> {
  const all = messages();
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 });
  await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve));
  const sentAt = new Float64Array(65_536);
  const delays: number[] = [];
  let sent = 0;
  let heard = 0;
  let began = 0;
  const ignore = (): void => {};
  const send = (): void => {
    if (sent >= warmUp + questions) return;
    // The bytes are the socket's until they are sent.
    const message = Buffer.from(all[sent % all.length]!);
    const id = sent++ & 0xffff;
    message.writeUInt16BE(id, 0);
    sentAt[id] = systemClock.monotonic();
    socket.send(message, 0, message.length, ignore);
  };
  const done = Promise.withResolvers<void>();
  socket.on('message', (answer) => {
    if (!isGood(answer)) done.reject(new Error('Cannot measure DNS: an answer is none'));
    if (++heard === warmUp) began = systemClock.monotonic();
    if (heard > warmUp) delays.push(systemClock.monotonic() - sentAt[answer.readUInt16BE(0)]!);
    if (heard === warmUp + questions) done.resolve();
    send();
  });
  for (let at = 0; at < window; at++) send();
  const watch = setInterval(() => {
    const quiet = heard === watched;
    watched = heard;
    if (quiet) done.reject(new Error(`Cannot measure DNS: no answer within ${silenceMs} ms`));
  }, silenceMs);
  let watched = -1;
  try {
    await done.promise;
    return { perSecond: (questions / (systemClock.monotonic() - began)) * 1000, ...percentiles(delays) };
  } finally {
    clearInterval(watch);
    socket.close();
  }
}
