import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import packets from 'dns-packet';
import { Namespaces, Services } from '../../../src/api/core/v1/types.ts';
import { EndpointSlices } from '../../../src/api/discovery/v1/types.ts';
import { superuser, type ApiServer } from '../../../src/apiserver/api-server.ts';
import type { Transport } from '../../../src/apimachinery/request.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import { startDns, type Dns } from '../../../src/dns/dns.ts';
import type { NameServer } from '../../../src/dns/forward/name-server.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import type { Client } from '../../../src/client/client.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';
import { askOver, type Ask } from './client.ts';
import { startNameServer } from './name-server.ts';

const stack = new AsyncDisposableStack();
let api: ApiServer;
let client: Client;
const sources = { clock: systemClock, random: systemRandom, log: silentLogger };
let port: number;
let udp: Ask;
let tcp: Ask;

/** DNS of the test's cluster, as the user that an agent's DNS is. */
function serve(nameServers: readonly NameServer[], listenPort = 0, transport = dnsTransport()): Dns & AsyncDisposable {
  const stop = new AbortController();
  const dns = startDns({
    ...sources,
    client: createClient(transport),
    signal: stop.signal,
    domain: 'cluster.local',
    listen: { host: '127.0.0.1', port: listenPort },
    nameServers,
  });
  return {
    ...dns,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await dns.stopped;
    },
  };
}

function dnsTransport(): Transport {
  return api.transport({ name: 'system:coredns', groups: ['system:authenticated'] }, 'dns');
}

/** Asks again until the answer is there: the server learns of changes a moment after they are made. */
async function eventually(ask: () => Promise<string>, wanted: string): Promise<void> {
  for (let last = ''; ; last = await ask()) {
    if (last === wanted) return;
    await systemClock.sleep(5);
  }
}

const ip = (number: number) => `10.244.${Math.floor(number / 250)}.${(number % 250) + 1}`;

before(async () => {
  api = stack.use(await startMemoryApi());
  client = createClient(api.transport(superuser, 'test'));
  await client.create(Namespaces, { metadata: { name: 'shop' }, spec: {} });
  const create = async (name: string, spec: object): Promise<void> => {
    await client.create(Services, { metadata: { name, namespace: 'shop' }, spec });
  };
  await create('web', { clusterIP: '10.96.0.77', ports: [{ name: 'http', port: 80 }] });
  await create('many', { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] });
  await create('away', { type: 'ExternalName', externalName: 'db.example.com' });
  await client.create(EndpointSlices, {
    metadata: { name: 'many', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'many' } },
    addressType: 'IPv4',
    endpoints: Array.from({ length: 400 }, (_, number) => ({ addresses: [ip(number)], hostname: `p-${number}` })),
    ports: [{ name: 'http', port: 80 }],
  });
  port = await stack.use(serve([])).listening;
  udp = askOver('udp', port);
  tcp = askOver('tcp', port);
  await eventually(
    () => udp('A', 'p-399.many.shop.svc.cluster.local'),
    `p-399.many.shop.svc.cluster.local A ${ip(399)}`,
  );
});
after(() => stack.disposeAsync());

for (const protocol of ['udp', 'tcp'] as const)
  test(`names of the cluster have answers over ${protocol}`, async () => {
    const ask = protocol === 'udp' ? udp : tcp;
    const web = 'web.shop.svc.cluster.local';
    assert.equal(await ask('A', web), `${web} A 10.96.0.77`);
    assert.equal(await ask('SRV', `_http._tcp.${web}`), `_http._tcp.${web} SRV ${web}`);
    assert.equal(await ask('PTR', '77.0.96.10.in-addr.arpa'), `77.0.96.10.in-addr.arpa PTR ${web}`);
    assert.equal(await ask('AAAA', web), 'nothing');
    assert.equal(await ask('A', 'nobody.shop.svc.cluster.local'), 'NXDOMAIN nothing');
    assert.equal(await ask('A', '10-1-2-3.shop.pod.cluster.local'), '10-1-2-3.shop.pod.cluster.local A 10.1.2.3');
    // There is nobody to ask.
    assert.equal(await ask('A', 'example.com'), 'SERVFAIL relayed nothing');
  });

test('a long answer is cut over UDP, by what the asker takes, and whole over TCP', async () => {
  const many = 'many.shop.svc.cluster.local';
  const count = (answer: string) => answer.split(' A ').length - 1;
  const small = await udp('A', many);
  const large = await udp('A', many, { additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232 } as never] });
  const whole = await tcp('A', many);
  assert.match(small, /^cut /);
  assert.match(large, /^cut /);
  assert.equal(count(small), Math.floor((512 - 12 - many.length - 6) / 16));
  assert.equal(count(large), Math.floor((1232 - 12 - many.length - 6 - 11) / 16));
  assert.doesNotMatch(whole, /^cut /);
  assert.equal(count(whole), 400);
});

test('a change is answered as soon as it is seen', async () => {
  const late = 'late.shop.svc.cluster.local';
  assert.equal(await udp('A', late), 'NXDOMAIN nothing');
  const spec = { clusterIP: '10.96.0.88', ports: [{ port: 80 }] };
  await client.create(Services, { metadata: { name: 'late', namespace: 'shop' }, spec });
  await eventually(() => udp('A', late), `${late} A 10.96.0.88`);
  await client.delete(Services, { namespace: 'shop', name: 'late' });
  await eventually(() => udp('A', late), 'NXDOMAIN nothing');
});

test('garbage gets a refusal or nothing, and harms nobody', async () => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(Buffer.from([0, 12, 0, 7, 1, 0, 0, 9, 0, 0, 0, 0, 0, 0]));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  assert.equal((packets.streamDecode(bytes) as unknown as { rcode: string }).rcode, 'FORMERR');
  // Less than a header: the connection is closed.
  const closed = once(socket, 'close');
  socket.write(Buffer.from([0, 3, 1, 2, 3]));
  socket.resume();
  await closed;
  assert.equal(await tcp('TXT', 'dns-version.cluster.local'), 'dns-version.cluster.local TXT 1.1.0');
});

test('zones are not handed out, and there is one class', async () => {
  assert.equal(await askOver('tcp', port)('AXFR' as 'A', 'cluster.local'), 'REFUSED relayed nothing');
});

test('other names are asked for elsewhere, once while the answer lasts', async () => {
  await using outside = await startNameServer(({ name }) =>
    name.toLowerCase() === 'www.example.com'
      ? { answers: [{ type: 'A', name, ttl: 300, data: '192.0.2.7' }] }
      : { flags: 3, authorities: [soa] },
  );
  await using dns = serve([outside]);
  const ask = askOver('udp', await dns.listening);
  assert.equal(await ask('A', 'www.example.com'), 'relayed www.example.com A 192.0.2.7');
  assert.equal(await ask('A', 'WWW.example.com'), 'relayed www.example.com A 192.0.2.7');
  assert.equal(await ask('A', 'no.example.com'), 'NXDOMAIN relayed nothing');
  assert.equal(await ask('A', 'no.example.com'), 'NXDOMAIN relayed nothing');
  assert.equal(await ask('PTR', '9.2.0.192.in-addr.arpa'), 'NXDOMAIN relayed nothing');
  assert.deepEqual(outside.heard, ['udp A www.example.com', 'udp A no.example.com', 'udp PTR 9.2.0.192.in-addr.arpa']);
});

const soa = {
  type: 'SOA' as const,
  name: 'example.com',
  ttl: 60,
  data: { mname: 'ns.example.com', rname: 'root.example.com', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 },
};

test('an alias of a name elsewhere is answered with what that has', async () => {
  await using outside = await startNameServer(({ name, type }) => ({
    answers:
      type === 'A'
        ? [
            { type: 'CNAME', name, ttl: 60, data: 'real.example.com' },
            { type: 'A', name: 'real.example.com', ttl: 60, data: '192.0.2.9' },
          ]
        : [],
  }));
  await using dns = serve([outside]);
  const ask = askOver('udp', await dns.listening);
  const alias = 'away.shop.svc.cluster.local CNAME db.example.com';
  await eventually(
    () => ask('A', 'away.shop.svc.cluster.local'),
    `${alias}, db.example.com CNAME real.example.com, real.example.com A 192.0.2.9`,
  );
  assert.equal(await ask('AAAA', 'away.shop.svc.cluster.local'), alias);
});

test('a server that does not answer, cannot, or will not is passed over, and the next one asked first afterwards', async () => {
  await using refuses = await startNameServer(() => ({ flags: 5 }));
  await using answers = await startNameServer(({ name }) => ({
    answers: [{ type: 'A', name, ttl: 9, data: '192.0.2.1' }],
  }));
  const gone = await startNameServer(() => undefined);
  await gone[Symbol.asyncDispose]();
  await using dns = serve([gone, refuses, answers]);
  const ask = askOver('udp', await dns.listening);
  assert.equal(await ask('A', 'a.example'), 'relayed a.example A 192.0.2.1');
  assert.equal(await ask('A', 'b.example'), 'relayed b.example A 192.0.2.1');
  assert.deepEqual(refuses.heard, ['udp A a.example']);
  await using refused = serve([refuses]);
  assert.equal(await askOver('udp', await refused.listening)('A', 'c.example'), 'REFUSED relayed nothing');
});

test('a server that does not understand EDNS is asked without it', async () => {
  await using old = await startNameServer(({ name, hasEdns }) =>
    hasEdns ? { flags: 1 } : { answers: [{ type: 'A', name, ttl: 9, data: '192.0.2.3' }] },
  );
  await using dns = serve([old]);
  const ask = askOver('udp', await dns.listening);
  assert.equal(await ask('A', 'a.example'), 'relayed a.example A 192.0.2.3');
});

test('what does not fit into a packet is asked for over TCP', async () => {
  const addresses = Array.from({ length: 200 }, (_, number) => ip(number));
  await using outside = await startNameServer(({ name }, protocol) => ({
    flags: protocol === 'udp' ? packets.TRUNCATED_RESPONSE : 0,
    answers: addresses.slice(0, protocol === 'udp' ? 1 : 200).map((data) => ({ type: 'A', name, ttl: 60, data })),
  }));
  await using dns = serve([outside]);
  const listening = await dns.listening;
  const count = (answer: string) => answer.split(' A ').length - 1;
  const cut = await askOver('udp', listening)('A', 'big.example');
  assert.match(cut, /^cut /);
  assert.ok(count(cut) > 10);
  assert.equal(count(await askOver('tcp', listening)('A', 'big.example')), 200);
  // The second answer was known already.
  assert.deepEqual(outside.heard, ['udp A big.example', 'tcp A big.example']);
  assert.equal(count(await askOver('tcp', listening)('A', 'other.example')), 200);
  assert.deepEqual(outside.heard.slice(2), ['tcp A other.example']);
});

test('the sockets are taken over from a server that ends', async () => {
  const first = serve([]);
  const listening = await first.listening;
  // It is among those to ask, and must not ask itself.
  await using second = serve([{ host: '127.0.0.1', port: listening }], listening);
  await first[Symbol.asyncDispose]();
  assert.equal(await second.listening, listening);
  const ask = askOver('udp', listening);
  await eventually(() => ask('A', 'web.shop.svc.cluster.local'), 'web.shop.svc.cluster.local A 10.96.0.77');
  assert.equal(await ask('A', 'example.com'), 'SERVFAIL relayed nothing');
});

test('what was known last is answered while the API server is away', async () => {
  const away = new AbortController();
  const transport = dnsTransport();
  const check = (): void => {
    if (away.signal.aborted) throw new Error('no route to host');
  };
  const cut: Transport = {
    async call(request) {
      check();
      return await transport.call(request);
    },
    async *watch(request, signal) {
      check();
      yield* transport.watch(request, AbortSignal.any([signal, away.signal]));
    },
  };
  await using dns = serve([], 0, cut);
  const ask = askOver('udp', await dns.listening);
  const last = 'last.shop.svc.cluster.local';
  const spec = { clusterIP: '10.96.0.99', ports: [{ port: 80 }] };
  await client.create(Services, { metadata: { name: 'last', namespace: 'shop' }, spec });
  await eventually(() => ask('A', last), `${last} A 10.96.0.99`);
  away.abort();
  await client.delete(Services, { namespace: 'shop', name: 'last' });
  await eventually(() => udp('A', last), 'NXDOMAIN nothing');
  assert.equal(await ask('A', last), `${last} A 10.96.0.99`);
});
