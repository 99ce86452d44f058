import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Events, Nodes, Secrets } from '../../src/api/core/v1/types.ts';
import { Ingresses, type HTTPIngressPath, type IngressSpec } from '../../src/api/networking/v1/types.ts';
import { listProcesses } from '../../src/base/node/processes.ts';
import { get, seenBy } from './ingress-client.ts';
import {
  cannotRunNginx,
  createReadyNode,
  nodeName,
  selfSigned,
  servicePort,
  setReady,
  startBackend,
  startIngressCluster,
  type IngressCluster,
  type TestBackend,
} from './ingress-cluster.ts';

const skip = cannotRunNginx() ?? false;
const names = ['api', 'web', 'admin'] as const;

describe('Ingresses on a real nginx', { skip }, () => {
  let cluster: IngressCluster;
  const backends: TestBackend[] = [];
  before(async () => {
    cluster = await startIngressCluster();
    for (const [index, name] of names.entries()) {
      const backend = await startBackend(name, `192.0.2.${10 + index}`);
      backends.push(backend);
      await cluster.createService(name, [backend]);
    }
  });
  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    for (const backend of backends) await backend[Symbol.asyncDispose]();
  });

  const ask = async (url: string) => seenBy(await get(cluster, url));
  const answers = (url: string, want: string) =>
    cluster.untilServed(`${url} is answered by ${want}`, async () => (await ask(url)) === want);
  async function warnings(ingress: string): Promise<string[]> {
    const { items } = await cluster.client.list(Events, { namespace: 'default' });
    return items
      .filter(({ involvedObject, type }) => involvedObject.name === ingress && type === 'Warning')
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  test('hosts and paths lead to their Services, and anything else to 404', async () => {
    assert.equal(await ask('http://nowhere.example.com/'), '404');
    await cluster.createIngress('main', {
      rules: [
        {
          host: 'api.example.com',
          http: { paths: [path('/', 'web'), path('/api', 'api'), path('/api/exact', 'admin', 'Exact')] },
        },
        { host: 'admin.example.com', http: { paths: [path('/only/', 'admin', 'Exact')] } },
        { host: '*.wild.example.com', http: { paths: [path('/', 'web')] } },
      ],
    });
    await answers('http://api.example.com/', 'web /');
    const rows = {
      'http://api.example.com/api': 'api /api',
      'http://api.example.com/api/': 'api /api/',
      'http://api.example.com/api/users?a=1&b=%2F': 'api /api/users?a=1&b=%2F',
      'http://api.example.com/apis': 'web /apis',
      'http://api.example.com/api/exact': 'admin /api/exact',
      'http://api.example.com/api/exact/': 'api /api/exact/',
      'http://API.example.com/api': 'api /api',
      'http://admin.example.com/only/': 'admin /only/',
      'http://admin.example.com/only': '404',
      'http://admin.example.com/other': '404',
      'http://a.wild.example.com/x': 'web /x',
      'http://a.b.wild.example.com/x': '404',
      'http://wild.example.com/x': '404',
      'http://nowhere.example.com/': '404',
      'https://admin.example.com/only/': 'admin /only/',
    };
    for (const [url, want] of Object.entries(rows)) assert.equal(await ask(url), want, url);
  });

  test('a server learns who asked, and clients cannot say so themselves', async () => {
    const answer = await get(cluster, 'https://api.example.com/api', {
      headers: { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'gopher', proxy: 'evil', connection: 'close' },
    });
    const { headers } = JSON.parse(answer.body) as { headers: Record<string, string> };
    assert.equal(headers['host'], 'api.example.com');
    assert.equal(headers['x-real-ip'], '127.0.0.1');
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers['x-forwarded-proto'], 'https');
    assert.equal(headers['x-forwarded-host'], 'api.example.com');
    assert.match(headers['x-request-id']!, /^[0-9a-f]{32}$/);
    assert.equal(headers['proxy'], undefined);
  });

  test('each request has an id of its own, or the one that it came with', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const idOf = async (options: Parameters<typeof get>[2]) => {
      const { body } = await get(cluster, 'http://api.example.com/api', options);
      return (JSON.parse(body) as { headers: Record<string, string> }).headers['x-request-id']!;
    };
    const ids = await Promise.all([...Array(50).keys()].map((index) => idOf(index % 2 === 0 ? { agent } : {})));
    agent.destroy();
    for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(await idOf({ headers: { 'x-request-id': 'mine' } }), 'mine');
  });

  test('TLS shows each host its certificate, sends clients to it, and takes a changed Secret', async () => {
    const tls = (pair: { certificate: string; key: string }) => ({
      'tls.crt': Buffer.from(pair.certificate).toString('base64'),
      'tls.key': Buffer.from(pair.key).toString('base64'),
    });
    const secret = { metadata: { name: 'own', namespace: 'default' }, type: 'kubernetes.io/tls' };
    await cluster.client.create(Secrets, { ...secret, data: tls(await selfSigned('first')) });
    await cluster.createIngress('tls', {
      tls: [{ hosts: ['tls.example.com'], secretName: 'own' }],
      rules: [{ host: 'tls.example.com', http: { paths: [path('/', 'web')] } }],
    });
    const shown = async (host: string) => (await get(cluster, `https://${host}/`)).certificate?.subject.CN;
    await cluster.untilServed('the host has its certificate', async () => (await shown('tls.example.com')) === 'first');
    assert.equal(await shown('api.example.com'), 'default');
    assert.equal(await ask('https://tls.example.com/x'), 'web /x');
    const redirect = await get(cluster, 'http://tls.example.com/a%20b?c=d');
    assert.equal(redirect.status, 308);
    assert.equal(redirect.headers.location, `https://tls.example.com:${cluster.httpsPort}/a%20b?c=d`);
    await cluster.client.update(Secrets, { ...secret, data: tls(await selfSigned('second')) });
    await cluster.untilServed(
      'the new certificate is shown',
      async () => (await shown('tls.example.com')) === 'second',
    );
  });

  test('a client that asks too often is refused, and served again later', async () => {
    const spec = { rules: [{ host: 'limited.example.com', http: { paths: [path('/', 'web')] } }] };
    await cluster.createIngress('limited', spec, { 'nginx.ingress.kubernetes.io/rate-limit': '10' });
    await answers('http://limited.example.com/', 'web /');
    const all = await Promise.all(Array.from({ length: 120 }, () => get(cluster, 'http://limited.example.com/')));
    const count = (status: number) => all.filter((answer) => answer.status === status).length;
    assert.equal(count(200) + count(503), 120);
    assert.ok(count(503) > 20, `${count(503)} of 120 were refused`);
    assert.ok(count(200) >= 45, `${count(200)} of 120 were served`);
    await answers('http://limited.example.com/', 'web /');
  });

  test('a path is rewritten with what its expression matched', async () => {
    const spec = {
      rules: [
        { host: 'rewrite.example.com', http: { paths: [path('/app(/|$)(.*)', 'web', 'ImplementationSpecific')] } },
      ],
    };
    await cluster.createIngress('rewrite', spec, { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' });
    await answers('http://rewrite.example.com/app', 'web /');
    assert.equal(await ask('http://rewrite.example.com/app/a/b?c=d'), 'web /a/b?c=d');
    assert.equal(await ask('http://rewrite.example.com/apple'), '404');
  });

  test('what is wrong with one Ingress is told, and harms no other', async () => {
    const wrong: [string, IngressSpec, Record<string, string>, RegExp][] = [
      ['no-service', rule('wrong1.example.com', path('/', 'none')), {}, /^MissingService: Service "default\/none"/],
      [
        'no-secret',
        { tls: [{ secretName: 'none' }], ...rule('wrong2.example.com', path('/', 'web')) },
        {},
        /^MissingSecret: Secret "default\/none" does not exist/,
      ],
      [
        'bad-annotation',
        rule('wrong3.example.com', path('/', 'web')),
        { 'nginx.ingress.kubernetes.io/proxy-body-size': '1m; } evil {' },
        /^InvalidAnnotation: Annotation "nginx.ingress.kubernetes.io\/proxy-body-size" has no effect/,
      ],
      [
        // JavaScript takes it, PCRE does not.
        'bad-expression',
        rule('wrong4.example.com', path('/a(?<b>c)(?<b>d)|(?<=x+)y', 'web', 'ImplementationSpecific')),
        { 'nginx.ingress.kubernetes.io/use-regex': 'true' },
        /^(Refused: The Ingress is not served: nginx refuses it: pcre|InvalidPath: )/,
      ],
      ['stolen', rule('api.example.com', path('/api', 'web')), {}, /^Duplicate: .*Ingress "default\/main" has it/],
    ];
    for (const [name, spec, annotations] of wrong) await cluster.createIngress(name, spec, annotations);
    await cluster.createIngress('right', rule('right.example.com', path('/', 'web')));
    await answers('http://right.example.com/', 'web /');
    assert.equal(await ask('http://wrong1.example.com/'), '503');
    assert.equal(await ask('http://wrong3.example.com/'), 'web /');
    assert.equal(await ask('http://api.example.com/api'), 'api /api');
    for (const [name, , , want] of wrong)
      await cluster.until(`${name} is told why`, async () => (await warnings(name)).some((text) => want.test(text)));
    assert.deepEqual(await warnings('right'), []);
    assert.deepEqual(await warnings('main'), []);
  });

  test('a Service without endpoints is 503, whatever it speaks', async () => {
    await cluster.createService('empty', [{ address: '192.0.2.99', ready: false }]);
    for (const protocol of ['HTTP', 'HTTPS'] as const) {
      const host = `empty-${protocol.toLowerCase()}.example.com`;
      await cluster.createIngress(`empty-${protocol.toLowerCase()}`, rule(host, path('/', 'empty')), {
        'nginx.ingress.kubernetes.io/backend-protocol': protocol,
      });
      await cluster.untilServed(`${host} is served`, async () => (await ask(`http://${host}/`)) !== '404');
      assert.equal(await ask(`http://${host}/`), '503', protocol);
      assert.equal(await ask(`https://${host}/`), '503', protocol);
    }
  });

  test('the status has the addresses of the nodes that are ready', async () => {
    const addresses = async () => {
      const { status } = await cluster.client.get(Ingresses, { name: 'main', namespace: 'default' });
      return (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip).join(' ');
    };
    const become = (want: string) => cluster.until(`addresses are "${want}"`, async () => (await addresses()) === want);
    await become('192.0.2.200');
    await createReadyNode(cluster.client, 'node-2', '192.0.2.9');
    await become('192.0.2.9 192.0.2.200');
    await setReady(cluster.client, 'node-2', false);
    await become('192.0.2.200');
    await cluster.client.delete(Nodes, { name: 'node-2' });
    assert.ok((await cluster.client.get(Nodes, { name: nodeName })).status);
  });

  test('nginx outlives the controller, is adopted, and is started again when it was killed', async () => {
    const pids = async () => JSON.stringify(await masterPids(cluster.folder));
    const before = await pids();
    await cluster.stopIngress();
    assert.equal(await ask('http://api.example.com/api'), 'api /api');
    await cluster.client.delete(Ingresses, { name: 'right', namespace: 'default' });
    await cluster.startIngress();
    assert.equal(await ask('http://right.example.com/'), '404');
    assert.equal(await pids(), before);
    for (const pid of await masterPids(cluster.folder)) process.kill(pid, 'SIGKILL');
    await cluster.until('another nginx runs', async () => ![before, '[]'].includes(await pids()));
    await cluster.until('it serves', async () => (await ask('http://api.example.com/api')) === 'api /api');
  });
});

function path(value: string, service: string, pathType: HTTPIngressPath['pathType'] = 'Prefix'): HTTPIngressPath {
  return { path: value, pathType, backend: { service: { name: service, port: { number: servicePort } } } };
}

function rule(host: string, ...paths: HTTPIngressPath[]): IngressSpec {
  return { rules: [{ host, http: { paths } }] };
}

async function masterPids(folder: string): Promise<number[]> {
  const found = (await listProcesses()).filter(
    (process) => process.folder === folder && process.commandLine[0]!.startsWith('nginx: master'),
  );
  // A worker that was just forked has its master's name for a moment.
  return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent)).map(({ pid }) => pid);
}
