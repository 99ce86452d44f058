import { connect, type ClientHttp2Session } from 'node:http2';
import { Pods } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import type { ServerProcess } from '../kit/server-process.ts';

const watchers = 500;
const updates = 100;
const sessions = 10;

/** Watch fan-out: how many deliveries a second when one object changes again and again under many watchers. */
export async function fanOut({ url, identity, client }: ServerProcess, namespace: string, token: string) {
  const name = 'watched';
  await client.create(Pods, {
    metadata: { name, namespace },
    spec: { schedulerName: 'none', containers: [{ name: 'app', image: 'app' }] },
  });
  const { metadata } = await client.get(Pods, { namespace, name });
  const opened = Array.from({ length: sessions }, () => connect(url, { ca: identity.ca }));
  let delivered = 0;
  let bytes = 0;
  const all = Promise.withResolvers<void>();
  const path = `/api/v1/namespaces/${namespace}/pods?watch=true&resourceVersion=${metadata.resourceVersion}`;
  await Promise.all(
    Array.from({ length: watchers }, (_, at) =>
      open(opened[at % sessions]!, path, token, (chunk) => {
        bytes += chunk.length;
        for (const byte of chunk) if (byte === 10) delivered++;
        if (delivered === watchers * updates) all.resolve();
      }),
    ),
  );
  const began = systemClock.monotonic();
  for (let round = 0; round < updates; round++) {
    await client.patch(
      Pods,
      { namespace, name },
      { type: 'merge', body: { metadata: { annotations: { round: String(round) } } } },
    );
  }
  const writtenMs = systemClock.monotonic() - began;
  await all.promise;
  const seconds = (systemClock.monotonic() - began) / 1000;
  for (const session of opened) session.destroy();
  const floor = await copies(bytes / delivered);
  return [
    {
      name: `deliveries to ${watchers} watchers of ${updates} changes`,
      value: delivered / seconds,
      unit: '/s',
      floor,
      floorName: 'bare HTTP/2 streams over TLS, same bytes',
      more: `writes took ${writtenMs.toFixed(0)} ms, client in Node on the same cores`,
    },
  ];
}

async function open(
  session: ClientHttp2Session,
  path: string,
  token: string,
  onData: (chunk: Buffer) => void,
): Promise<void> {
  const stream = session.request({ ':path': path, authorization: `Bearer ${token}` });
  stream.on('error', () => {});
  stream.on('data', onData);
  await new Promise<void>((resolve, reject) => {
    stream.on('response', (headers) =>
      headers[':status'] === 200 ? resolve() : reject(new Error(`Cannot watch: status ${headers[':status']}`)),
    );
  });
}

/** The same deliveries from a server process that does nothing else. */
async function copies(eventBytes: number): Promise<number> {
  const { fork } = await import('node:child_process');
  const child = fork(new URL('fan-out-floor.ts', import.meta.url), {
    env: { ...process.env, EVENT_BYTES: String(Math.round(eventBytes)) },
  });
  try {
    const { port, cert } = await new Promise<{ port: number; cert: string }>((resolve) =>
      child.once('message', (message) => resolve(message as never)),
    );
    const opened = Array.from({ length: sessions }, () => connect(`https://127.0.0.1:${port}`, { ca: cert }));
    let received = 0;
    const done = Promise.withResolvers<void>();
    const expected = Math.round(eventBytes) * watchers * updates;
    await Promise.all(
      Array.from({ length: watchers }, (_, at) =>
        open(opened[at % sessions]!, '/', 'none', (chunk) => {
          for (const byte of chunk) if (byte === 10) received += 0;
          received += chunk.length;
          if (received >= expected) done.resolve();
        }),
      ),
    );
    const began = systemClock.monotonic();
    child.send({ updates });
    await done.promise;
    const seconds = (systemClock.monotonic() - began) / 1000;
    for (const session of opened) session.destroy();
    return (watchers * updates) / seconds;
  } finally {
    child.kill();
  }
}
