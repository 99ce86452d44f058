import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { WebSocket, WebSocketServer } from 'ws';
import { ConfigMaps, Namespaces, Pods, ServiceAccounts, Services } from '../../../src/api/core/v1/types.ts';
import { EndpointSlices } from '../../../src/api/discovery/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles } from '../../../src/api/rbac/v1/types.ts';
import type { KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

/** Pods are not on loopback, so their web server must listen on another address of this machine. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
const skip = address === undefined ? 'this machine has no address but that of loopback' : false;

const base = '/api/v1/namespaces/default';

describe('the web servers of pods and behind Services, over HTTPS', { skip }, () => {
  const opened = new AsyncDisposableStack();
  let api: HttpsApi;
  let port = 0;
  before(async () => {
    const sockets = new WebSocketServer({ noServer: true });
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        if (request.url === '/page')
          return response.setHeader('content-type', 'text/html').end('<a href="/rewriteme">test</a>');
        if (request.url?.startsWith('/redirect')) return response.writeHead(302, { location: '/hostname' }).end();
        response.end(JSON.stringify({ method: request.method, url: request.url, body, headers: request.headers }));
      });
    });
    server.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (client) => {
        client.on('message', (data) => client.send(`${request.url} heard ${String(data)}`));
      });
    });
    server.listen(0, address);
    await once(server, 'listening');
    opened.defer(() => void (server.close(), server.closeAllConnections()));
    port = (server.address() as AddressInfo).port;
    api = opened.use(await startHttpsApi());
    const { client } = api;
    await client.create(Namespaces, { metadata: { name: 'default' }, spec: {} }).catch(() => {});
    const metadata = { namespace: 'default', name: 'web' };
    await client.create(ServiceAccounts, { metadata: { namespace: 'default', name: 'default' } });
    const containers = [{ name: 'app', image: 'app', ports: [{ name: 'http', containerPort: port }] }];
    const pod = await client.create(Pods, { metadata, spec: { containers } });
    const status = { phase: 'Running' as const, podIP: address!, podIPs: [{ ip: address! }] };
    await client.update(Pods, { ...pod, status }, { subresource: 'status' });
    await client.create(Services, { metadata, spec: { ports: [{ name: 'http', port: 80 }] } });
    await client.create(EndpointSlices, {
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port }],
      endpoints: [{ addresses: [address!], targetRef: { kind: 'Pod', namespace: 'default', name: 'web' } }],
    });
  });
  after(() => opened.disposeAsync());

  async function clientWith(name: string, verbs: string[]): Promise<KeyAndCertificate> {
    const rules = [{ apiGroups: [''], resources: ['pods/proxy'], verbs }];
    await api.client.create(ClusterRoles, { metadata: { name }, rules });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }];
    await api.client.create(ClusterRoleBindings, { metadata: { name }, roleRef, subjects });
    return api.identity(name);
  }
  const webSocket = (path: string, protocols: string[] = [], more: object = {}) => {
    const { server, ca, cert, key } = api.access;
    return new WebSocket(`${server.replace('https', 'wss')}${path}`, protocols, {
      ca,
      cert: cert!,
      key: key!,
      ...more,
    });
  };
  async function refusalOf(socket: WebSocket): Promise<number> {
    socket.on('error', () => {});
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    socket.terminate();
    return answer.statusCode!;
  }

  for (const place of ['pods/web', 'services/web:80', 'services/web:http']) {
    const root = `${base}/${place}/proxy`;
    test(`${place}: every method reaches it`, async () => {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const { code, body } = await api.ask(`${root}/a/b?c=d`, { method });
        assert.deepEqual([code, body.method, body.url], [200, method, '/a/b?c=d'], method);
        assert.equal(body.headers['x-forwarded-uri'], `${root}/a/b`);
      }
      assert.equal((await api.ask(`${root}/a`, { method: 'HEAD' })).code, 200);
    });

    test(`${place}: its root has a slash`, async () => {
      for (const method of ['GET', 'HEAD']) {
        const { code, headers, text: said } = await api.ask(`${root}?a=b`, { method });
        assert.deepEqual([code, headers.location, said], [301, `${root}/?a=b`, '']);
      }
      // Behind two slashes a browser would read the name of another host.
      assert.equal((await api.ask(`//${root}`)).headers.location, `${root}/`);
      assert.equal((await api.ask(`${root}/?a=b`)).body.url, '/?a=b');
      assert.equal((await api.ask(root, { method: 'POST' })).body.url, '/');
    });

    test(`${place}: its pages and redirections lead through the server`, async () => {
      assert.equal((await api.ask(`${root}/page`)).text, `<a href="${root}/rewriteme">test</a>`);
      const { code, headers } = await api.ask(`${root}/redirect?location=/hostname&code=302`);
      assert.deepEqual([code, headers.location], [302, `${root}/hostname`]);
      assert.ok(headers['audit-id']);
    });

    test(`${place}: a WebSocket reaches it`, async () => {
      const socket = webSocket(`${root}/chat?room=1`);
      await once(socket, 'open');
      socket.send('hello');
      const [answer] = (await once(socket, 'message')) as [Buffer];
      assert.equal(answer.toString(), '/chat?room=1 heard hello');
      socket.close();
    });
  }

  test('a WebSocket needs the right of its method, as any request', async () => {
    const getter = await clientWith('getter', ['get']);
    const creator = await clientWith('creator', ['create']);
    const path = `${base}/pods/web/proxy/chat`;
    const as = (who: KeyAndCertificate) => webSocket(path, [], { cert: who.certificate, key: who.key });
    assert.equal(await refusalOf(as(creator)), 403);
    const socket = as(getter);
    await once(socket, 'open');
    socket.terminate();
    assert.equal((await api.ask(path, { who: getter, method: 'OPTIONS' })).code, 403);
    assert.equal((await api.ask(path, { who: await clientWith('all', ['*']), method: 'OPTIONS' })).code, 200);
  });

  test('a watch goes over a WebSocket, each event a text', async () => {
    const socket = webSocket(`${base}/configmaps?watch=1&fieldSelector=metadata.name=watched`, [], {
      origin: 'https://page.example.com',
    });
    await once(socket, 'open');
    const seen: { type: string; object: { data?: Record<string, string> } }[] = [];
    const second = new Promise<void>((resolve) =>
      socket.on('message', (data, isBinary) => {
        assert.equal(isBinary, false);
        seen.push(JSON.parse(String(data)));
        if (seen.length === 2) resolve();
      }),
    );
    const metadata = { namespace: 'default', name: 'watched' };
    await api.client.create(ConfigMaps, { metadata, data: { a: '1' } });
    await api.client.update(ConfigMaps, { metadata, data: { a: '2' } });
    await second;
    assert.deepEqual(
      seen.map(({ type, object }) => [type, object.data?.['a']]),
      [
        ['ADDED', '1'],
        ['MODIFIED', '2'],
      ],
    );
    socket.close();
    await once(socket, 'close');
  });

  test('what refuses a watch or a log refuses their WebSockets, and without an origin there is no watch', async () => {
    const origin = 'https://page.example.com';
    assert.equal(await refusalOf(webSocket(`${base}/configmaps?watch=1&fieldSelector=x=y`, [], { origin })), 400);
    assert.equal(await refusalOf(webSocket(`${base}/pods/none/log`)), 404);
    assert.equal(await refusalOf(webSocket(`${base}/configmaps?watch=1`)), 403);
    const none = await clientWith('none', ['get']);
    const identity = { cert: none.certificate, key: none.key };
    assert.equal(await refusalOf(webSocket(`${base}/configmaps?watch=1`, [], { origin, ...identity })), 403);
    assert.equal(await refusalOf(webSocket(`${base}/pods/web/log`, [], identity)), 403);
  });

  test('the log of a pod without a node is empty over a WebSocket too', async () => {
    for (const protocol of ['binary.k8s.io', 'base64.binary.k8s.io', undefined]) {
      const socket = webSocket(`${base}/pods/web/log`, protocol === undefined ? [] : [protocol]);
      const seen: string[] = [];
      socket.on('message', (data) => seen.push(String(data)));
      await once(socket, 'close');
      assert.deepEqual([seen, socket.protocol], [[''], protocol ?? '']);
    }
  });
});
