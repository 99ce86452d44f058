import { createSocket } from 'node:dgram';
import { Namespaces, Services } from '../../src/api/core/v1/types.ts';
import { superuser } from '../../src/apiserver/api-server.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { startDns } from '../../src/dns/dns.ts';
import { startMemoryApi } from '../kit/memory-api.ts';
import { dnsDomain, dnsNamespace, serviceName } from './dns-names.ts';

// DNS over an API server in memory with as many Services as it is told, or, for the floor, a socket that sends every
// packet back.
const host = '127.0.0.1';
const services = Number(process.env['SERVICES']);
process.once('disconnect', () => process.exit());
process.send!({ port: services === 0 ? await echo() : await serve() });

async function serve(): Promise<number> {
  const sources = { clock: systemClock, random: systemRandom, log: silentLogger };
  const api = await startMemoryApi();
  const client = createClient(api.transport(superuser, 'bench'));
  await client.create(Namespaces, { metadata: { name: dnsNamespace }, spec: {} });
  const ports = [{ name: 'http', protocol: 'TCP' as const, port: 80 }];
  let next = 0;
  const create = async (): Promise<void> => {
    while (next < services)
      await client.create(Services, {
        metadata: { name: serviceName(next++), namespace: dnsNamespace },
        spec: { ports },
      });
  };
  await Promise.all(Array.from({ length: 32 }, create));
  const user = { name: 'system:coredns', groups: ['system:authenticated'] };
  const dns = startDns({
    ...sources,
    client: createClient(api.transport(user, 'dns')),
    signal: new AbortController().signal,
    domain: dnsDomain,
    listen: { host, port: 0 },
    nameServers: [],
  });
  return await dns.listening;
}

async function echo(): Promise<number> {
  const socket = createSocket({
    type: 'udp4',
    lookup: ((name: string, _: unknown, done: (error: null, address: string, family: number) => void) =>
      done(null, name, 4)) as never,
    recvBufferSize: 1024 * 1024,
  });
  const ignore = (): void => {};
  socket.on('message', (message, { port, address }) => socket.send(message, 0, message.length, port, address, ignore));
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket.address().port;
}
