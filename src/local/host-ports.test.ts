import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { PortMapping, PortRequest } from './cluster-spec.ts';
import { askKernel, chooseHostPorts, clash, type PortAnswer } from './host-ports.ts';

const port = (hostPort: number, more: Partial<PortMapping> = {}): PortMapping => ({
  listen: '0.0.0.0',
  hostPort,
  nodePort: 80,
  protocol: 'TCP',
  ...more,
});
const request = (hostPort: number, more: Partial<PortRequest> = {}): PortRequest => ({
  ...port(hostPort),
  field: 'f',
  ...more,
});

for (const { name, other, want } of [
  { name: 'the same one', other: port(80), want: true },
  { name: 'one on any address', other: port(80, { listen: '127.0.0.1' }), want: true },
  { name: 'another port', other: port(81), want: false },
  { name: 'another protocol', other: port(80, { protocol: 'UDP' }), want: false },
])
  test(`a mapped port ${want ? 'clashes' : 'does not clash'} with ${name}`, () => {
    assert.deepEqual([clash(port(80), other), clash(other, port(80))], [want, want]);
  });

test('ports on different addresses do not clash', () => {
  assert.equal(clash(port(80, { listen: '127.0.0.1' }), port(80, { listen: '127.0.0.2' })), false);
});

/** A machine on which only what is `used` is not free, and whose free ports begin at 5000. */
function machine(used: Record<number, string>): (mapping: PortMapping) => Promise<PortAnswer> {
  let next = 5000;
  return async ({ hostPort }) => {
    const code = used[hostPort];
    return code === undefined ? { port: hostPort === 0 ? next++ : hostPort } : { code };
  };
}

test('ports that are asked for are had, and free ones are found beside them', async () => {
  const chosen = await chooseHostPorts([request(0), request(80), request(5000)], [], machine({}));
  assert.deepEqual(
    chosen.map(({ hostPort }) => hostPort),
    [5001, 80, 5000],
  );
});

interface Refusal {
  readonly name: string;
  readonly requests: readonly PortRequest[];
  readonly taken?: readonly PortMapping[];
  readonly used?: Record<number, string>;
  readonly says: RegExp;
}

const refusals: readonly Refusal[] = [
  {
    name: 'in use',
    requests: [request(80, { field: 'nodes[0].extraPortMappings[0].hostPort' })],
    used: { 80: 'EADDRINUSE' },
    says: /nodes\[0\]\.extraPortMappings\[0\]\.hostPort: must be free on 0\.0\.0\.0, and TCP port 80 is in use/,
  },
  {
    name: "another cluster's",
    requests: [request(80)],
    taken: [port(80)],
    says: /f: .* TCP port 80 is mapped already/,
  },
  { name: 'asked for twice', requests: [request(80), request(80, { field: 'g' })], says: /g: .* is mapped already/ },
  {
    name: 'of an address that the machine does not have',
    requests: [request(80, { listen: '192.0.2.1' })],
    used: { 80: 'EADDRNOTAVAIL' },
    says: /f: must be on an address of this machine, and 192\.0\.2\.1 is none/,
  },
];
for (const { name, requests, taken = [], used = {}, says } of refusals)
  test(`a port ${name} is refused`, async () => {
    await assert.rejects(chooseHostPorts(requests, taken, machine(used)), says);
  });

test('the kernel knows which ports are free', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port: used } = server.address() as AddressInfo;
  const listen = '127.0.0.1';
  assert.deepEqual(await askKernel(port(used, { listen })), { code: 'EADDRINUSE' });
  server.close();
  await once(server, 'close');
  assert.deepEqual(await askKernel(port(used, { listen })), { port: used });
  assert.ok('port' in (await askKernel(port(0, { listen, protocol: 'UDP' }))));
});
