import { fork } from 'node:child_process';
import { Pods } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import type { ServerProcess } from '../kit/server-process.ts';
import { RawClient } from './raw-client.ts';
import type { Row } from './rows.ts';

const watchers = 500;
const updates = 100;
const name = 'watched';

/** Watch fan-out: how many deliveries a second when one object changes again and again under many watchers. */
export async function fanOut(server: ServerProcess, namespace: string, token: string): Promise<Row> {
  const { url, identity, client } = server;
  await client.create(Pods, {
    metadata: { name, namespace },
    spec: { schedulerName: 'none', containers: [{ name: 'app', image: 'app' }] },
  });
  const { metadata } = await client.get(Pods, { namespace, name });
  const path = `/api/v1/namespaces/${namespace}/pods`;
  let writtenMs = 0;
  const { perSecond, lineBytes } = await delivered(
    url,
    identity.ca,
    `${path}?watch=true&resourceVersion=${metadata.resourceVersion}`,
    token,
    async () => {
      using writer = await RawClient.open(url, identity.ca, token);
      const began = systemClock.monotonic();
      for (let round = 0; round < updates; round++) {
        const body = JSON.stringify({ metadata: { annotations: { round: String(round) } } });
        await writer.request('PATCH', `${path}/${name}`, 'application/merge-patch+json', body);
      }
      writtenMs = systemClock.monotonic() - began;
    },
  );
  return {
    name: `deliveries to ${watchers} watchers of ${updates} changes`,
    value: perSecond,
    unit: '/s',
    floor: await bareDeliveries(lineBytes),
    floorName: 'bare HTTPS streams, same bytes',
    more: `the writes, one after the other, took ${writtenMs.toFixed(0)} ms; client in Node on the same cores`,
  };
}

/** Opens all streams, sets off what makes lines come, and measures until all have come everywhere. */
async function delivered(
  url: string,
  ca: string,
  path: string,
  token: string,
  setOff: () => Promise<void> | void,
): Promise<{ perSecond: number; lineBytes: number }> {
  let lines = 0;
  let bytes = 0;
  const all = Promise.withResolvers<void>();
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    // Chunk sizes stand on lines of their own, which end in \r\n.
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) if (chunk[at - 1] !== 13) lines++;
    if (lines >= watchers * updates) all.resolve();
  };
  await using opened = new AsyncDisposableStack();
  for (let at = 0; at < watchers; at += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async () => opened.use(await RawClient.open(url, ca, token)).stream(path, onData)),
    );
  }
  const began = systemClock.monotonic();
  await setOff();
  await all.promise;
  const seconds = (systemClock.monotonic() - began) / 1000;
  return { perSecond: lines / seconds, lineBytes: Math.round(bytes / lines) };
}

/** The same deliveries from a server process that does nothing else. */
async function bareDeliveries(lineBytes: number): Promise<number> {
  const child = fork(new URL('fan-out-floor.ts', import.meta.url), {
    env: { ...process.env, EVENT_BYTES: String(lineBytes) },
  });
  try {
    const { port, ca } = await new Promise<{ port: number; ca: string }>((resolve) =>
      child.once('message', (message) => resolve(message as never)),
    );
    const { perSecond } = await delivered(
      `https://127.0.0.1:${port}`,
      ca,
      '/',
      'none',
      () => void child.send({ updates }),
    );
    return perSecond;
  } finally {
    child.kill();
  }
}
