import { once } from 'node:events';
import { createServer } from 'node:https';
import { isIPv4, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createTestCertificates } from '../../kit/certificates.ts';
import { pause } from '../../kit/server-process.ts';
import type { Attack } from './attack.ts';
import { garbage, type Garbage } from './garbage.ts';
import type { Target } from './target.ts';
import { post } from './webhooks.ts';

const group = 'hostile.example.com';
const path = `/apis/${group}/v1`;
/** A server behind a Service is not on loopback. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((one) => one !== undefined && isIPv4(one.address) && !one.internal)?.address;

/** A server that says what it serves where `discovery` is left out, and answers all else as it likes. */
async function startAggregated(target: Target, answer: Garbage, discovery?: Garbage): Promise<void> {
  const { server: own } = await createTestCertificates();
  const resource = { name: 'things', singularName: 'thing', namespaced: false, kind: 'Thing', verbs: ['get', 'list'] };
  const list = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/v1`, resources: [resource] };
  const server = createServer({ cert: own.certificate, key: own.key }, (request, response) => {
    request.resume();
    if (request.url !== path) return answer(response);
    if (discovery !== undefined) return discovery(response);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
  }).listen(0, address);
  await once(server, 'listening');
  target.use({
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  });
  const metadata = { namespace: 'default', name: 'hostile' };
  await post(target, '/api/v1/namespaces/default/services', { metadata, spec: { ports: [{ port: 443 }] } });
  await post(target, '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'hostile' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: (server.address() as AddressInfo).port }],
    endpoints: [{ addresses: [address] }],
  });
  await post(target, '/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: `v1.${group}` },
    spec: {
      group,
      version: 'v1',
      groupPriorityMinimum: 2000,
      versionPriority: 10,
      insecureSkipTLSVerify: true,
      service: { namespace: 'default', name: 'hostile' },
    },
  });
}

const patienceMs = 15_000;

async function untilServed(target: Target): Promise<void> {
  const client = target.client('admin');
  for (let waited = 0; waited < patienceMs; waited += 50) {
    const reply = await target.ask(client, { path: `/apis/apiregistration.k8s.io/v1/apiservices/v1.${group}` });
    if (/"type":"Available"[^}]*"status":"True"|"status":"True"[^}]*"type":"Available"/.test(reply?.text ?? '')) return;
    await pause(50);
  }
  throw new Error('Cannot prepare the attack: the version is not served');
}

/** Requests for a version that another server answers. */
function asked(name: string, answer: Garbage, clients: number, isRead = true): Attack {
  return {
    name,
    async prepare(target) {
      await startAggregated(target, answer);
      await untilServed(target);
    },
    async attack(target) {
      if (isRead) return target.repeat('admin', clients, { path: `${path}/things` });
      for (let at = 0; at < clients && !target.isOver; at++) {
        const socket = await target.socket('http/1.1', 'admin', false);
        socket?.write(`GET ${path}/things HTTP/1.1\r\nHost: x\r\n\r\n`);
      }
      await target.untilOver();
    },
  };
}

/** Discovery, while the server answers what it serves as it likes. */
function discovered(name: string, discovery: Garbage): Attack {
  return {
    name,
    prepare: () => Promise.resolve(),
    async attack(target) {
      await startAggregated(target, discovery, discovery);
      await target.repeat('admin', 8, { path: '/apis' });
    },
  };
}

/** Servers behind APIServices that do not do what they are asked to. */
export const aggregatedAttacks: readonly Attack[] =
  address === undefined
    ? []
    : [
        ...Object.entries(garbage).map(([does, answer]) =>
          asked(`an aggregated server that ${does}`, answer, does === 'never answers' ? 200 : 8),
        ),
        asked(
          'answers without an end of an aggregated server, not read',
          garbage['answers without an end']!,
          40,
          false,
        ),
        ...Object.entries(garbage).map(([does, answer]) => discovered(`discovery: a server that ${does}`, answer)),
      ];
