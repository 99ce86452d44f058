import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueCertificate } from '../../src/apiserver/auth/certificates.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';

// A server that only sends the same bytes to every open stream, as often as it is told: the floor of watch fan-out.
process.once('disconnect', () => process.exit());
const sources = { clock: systemClock, random: systemRandom };
const authority = await createAuthority({ commonName: 'bench authority', days: 1 }, sources);
const { key, certificate } = await issueCertificate(
  authority,
  { commonName: 'bench', addresses: ['127.0.0.1'], usage: 'server', days: 1 },
  sources,
);
const line = Buffer.alloc(Number(process.env['EVENT_BYTES']), 'x');
line[line.length - 1] = 10;
const streams: ServerHttp2Stream[] = [];
const server = createSecureServer({ key, cert: certificate, settings: { maxConcurrentStreams: 2000 } });
server.on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  streams.push(stream);
});
server.listen(0, '127.0.0.1', () =>
  process.send!({ port: (server.address() as AddressInfo).port, ca: authority.certificate }),
);
process.on('message', ({ updates }: { updates: number }) => {
  let round = 0;
  const next = (): void => {
    for (const stream of streams) stream.write(line);
    // Lets the sockets drain between rounds, as commits of a real server do.
    if (++round < updates) setImmediate(next);
  };
  next();
});
