import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import { Pods } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import type { ServerProcess } from '../kit/server-process.ts';
import { RawClient } from './raw-client.ts';
import type { Row } from './rows.ts';

export const watchers = 500;
export const updates = 100;
const name = 'watched';
/** Bytes under way: as much as the lines of all watches of a connection. */
const windowSize = 16 << 20;

/**
 * Watch fan-out: how many deliveries a second when one object changes again and again under many watchers. The watches
 * of one process share a connection, as with client-go; `connections` equal to the watchers is one kubectl for each.
 */
export async function fanOut(
  server: ServerProcess,
  namespace: string,
  token: string,
  connections: number,
): Promise<Row> {
  const { perSecond, lineBytes, writtenMs } = await deliver(server, namespace, token, connections);
  return {
    name: `deliveries to ${watchers} watchers of ${updates} changes, ${connections} connections`,
    value: perSecond,
    unit: '/s',
    floor: await bareDeliveries(lineBytes, connections),
    floorName: 'bare HTTPS streams, same bytes',
    more: `the writes, one after the other, took ${writtenMs.toFixed(0)} ms; client in Node on the same cores`,
  };
}

export interface Deliveries {
  readonly perSecond: number;
  readonly lineBytes: number;
  /** How long the writes took. */
  readonly writtenMs: number;
  /** CPU that the server took for the writes and all deliveries. */
  readonly cpuMs: number;
}

/** Changes one object again and again, and resolves when all watchers have all changes. */
export async function deliver(
  server: ServerProcess,
  namespace: string,
  token: string,
  connections: number,
): Promise<Deliveries> {
  const { url, identity, client } = server;
  await client.deleteCollection(Pods, { namespace, fieldSelector: `metadata.name=${name}`, gracePeriodSeconds: 0 });
  await client.create(Pods, {
    metadata: { name, namespace },
    spec: { schedulerName: 'none', containers: [{ name: 'app', image: 'app' }] },
  });
  const { metadata } = await client.get(Pods, { namespace, name });
  const path = `/api/v1/namespaces/${namespace}/pods`;
  let writtenMs = 0;
  let before = 0;
  const result = await delivered(
    { url, ca: identity.ca, connections },
    `${path}?watch=true&resourceVersion=${metadata.resourceVersion}`,
    token,
    async () => {
      using writer = await RawClient.open(url, identity.ca, token);
      before = server.cpuMs();
      const began = systemClock.monotonic();
      for (let round = 0; round < updates; round++) {
        const body = JSON.stringify({ metadata: { annotations: { round: String(round) } } });
        await writer.request('PATCH', `${path}/${name}`, 'application/merge-patch+json', body);
      }
      writtenMs = systemClock.monotonic() - began;
    },
  );
  return { ...result, writtenMs, cpuMs: server.cpuMs() - before };
}

interface Streams {
  readonly url: string;
  readonly ca: string;
  readonly connections: number;
}

/** Opens all streams, sets off what makes lines come, and measures until all have come everywhere. */
async function delivered(
  { url, ca, connections }: Streams,
  path: string,
  token: string,
  setOff: () => Promise<void> | void,
): Promise<{ perSecond: number; lineBytes: number }> {
  let lines = 0;
  let bytes = 0;
  const all = Promise.withResolvers<void>();
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
    if (lines >= watchers * updates) all.resolve();
  };
  const sessions: ClientHttp2Session[] = [];
  try {
    for (let at = 0; at < connections; at++) {
      const session = connect(url, { ca, settings: { initialWindowSize: windowSize } });
      sessions.push(session);
      await once(session, 'connect');
      session.setLocalWindowSize(windowSize);
    }
    const headers = { ':path': path, authorization: `Bearer ${token}` };
    await Promise.all(
      Array.from({ length: watchers }, async (_, at) => {
        const stream = sessions[at % connections]!.request(headers);
        const [answer] = (await once(stream, 'response')) as [{ ':status': number }];
        if (answer[':status'] !== 200)
          throw new Error(`Cannot measure: ${path} was answered with status ${answer[':status']}`);
        stream.on('data', onData).on('error', all.reject);
      }),
    );
    const began = systemClock.monotonic();
    await setOff();
    await all.promise;
    const seconds = (systemClock.monotonic() - began) / 1000;
    return { perSecond: lines / seconds, lineBytes: Math.round(bytes / lines) };
  } finally {
    for (const session of sessions) session.destroy();
  }
}

/** The same deliveries from a server process that does nothing else. */
async function bareDeliveries(lineBytes: number, connections: number): Promise<number> {
  const child = fork(new URL('fan-out-floor.ts', import.meta.url), {
    env: { ...process.env, EVENT_BYTES: String(lineBytes) },
  });
  try {
    const { port, ca } = await new Promise<{ port: number; ca: string }>((resolve) =>
      child.once('message', (message) => resolve(message as never)),
    );
    const { perSecond } = await delivered(
      { url: `https://127.0.0.1:${port}`, ca, connections },
      '/',
      'none',
      () => void child.send({ updates }),
    );
    return perSecond;
  } finally {
    child.kill();
  }
}
