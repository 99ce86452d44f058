import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Secret } from '../../src/api/core/v1/types.ts';
import type { HTTPIngressPath, Ingress } from '../../src/api/networking/v1/types.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { nginxFolder } from '../../src/ingress/nginx/folder.ts';
import { Nginx } from '../../src/ingress/nginx/nginx.ts';
import { NginxWriter } from '../../src/ingress/nginx/nginx-writer.ts';
import { ingressOfLine } from '../../src/ingress/nginx/owners.ts';
import { annotationNames } from '../../src/ingress/routes/annotations/annotations.ts';
import { createCertificateReader } from '../../src/ingress/routes/certificates.ts';
import { planRoutes } from '../../src/ingress/routes/plan-routes.ts';
import { trafficTexts } from '../../src/ingress/routes/traffic.ts';
import { makeIngress, makeObjects, makePath, makeRule } from '../../src/ingress/testing.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { guard } from '../kit/guard.ts';
import { get, seenBy } from './ingress-client.ts';
import { cannotRunNginx, freePort, selfSigned, servicePort, startBackend } from './ingress-cluster.ts';

const annotated = (annotations: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]),
  );
const encode = (text: string): string => Buffer.from(text).toString('base64');

/** An Ingress of one host, whose paths lead to Service `a`. */
function ingressOf(
  name: string,
  annotations: Record<string, string>,
  paths: readonly HTTPIngressPath[] = [makePath('/', 'a')],
): Ingress {
  return makeIngress(name, { rules: [makeRule(`${name}.example.com`, ...paths)] }, annotated(annotations));
}

describe('annotations on a real nginx', { skip: cannotRunNginx() ?? false }, () => {
  const opened = new AsyncDisposableStack();
  let writer: NginxWriter;
  let ports: { httpPort: number; httpsPort: number };
  let secrets: Record<string, Secret>;
  let log: string;
  const readCertificate = createCertificateReader();
  before(async () => {
    opened.use(keepAlive());
    const folder = await mkdtemp(join(tmpdir(), 'annotations-'));
    opened.use(guard({ folder }));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755); // nginx' workers are not root
    for (const [name, address] of Object.entries({ a: 10, b: 11, web: 12, 'a-2': 13 }))
      opened.use(await startBackend(name, `127.0.0.${address}`));
    const files = nginxFolder(join(folder, 'nginx'));
    log = files.errorLog;
    const nginx = new Nginx(files, { clock: systemClock, log: silentLogger });
    opened.defer(() => nginx.end());
    ports = { httpPort: await freePort(), httpsPort: await freePort() };
    writer = await NginxWriter.open(files, nginx, { address: '127.0.0.1', ...ports }, () => selfSigned('default'));
    const pair = await selfSigned('secure.example.com');
    const tls = {
      'tls.crt': encode(pair.certificate),
      'tls.key': encode(pair.key),
      'ca.crt': encode(pair.certificate),
    };
    secrets = {
      'shop/users': { metadata: { name: 'users' }, data: { auth: encode('ann:{PLAIN}secret\n') } },
      'shop/tls': { metadata: { name: 'tls' }, data: tls },
      'other/users': { metadata: { name: 'users' }, data: { auth: encode('ann:{PLAIN}secret\n') } },
      'other/tls': { metadata: { name: 'tls' }, data: tls },
    };
  });
  after(() => opened.disposeAsync());

  const plan = (ingresses: readonly Ingress[]) => planRoutes(makeObjects(ingresses, { secrets, readCertificate }));
  async function serve(...ingresses: Ingress[]): Promise<void> {
    const routes = plan(ingresses);
    const configuration = writer.configurationOf(routes);
    assert.equal((await writer.refusal(configuration, routes))?.message, undefined);
    const endpoints = new Map([
      ['shop/a:80', `127.0.0.10:${servicePort} 127.0.0.13:${servicePort}`],
      ['shop/b:80', `127.0.0.11:${servicePort}`],
      ['shop/web:80', `127.0.0.12:${servicePort}`],
    ]);
    await writer.apply(routes, configuration, new Map([...endpoints, ...trafficTexts(routes.traffic)]));
  }
  const ask = (url: string, options: Parameters<typeof get>[2] = {}) => get(ports, url, options);

  test('who may come in', async () => {
    await serve(
      ingressOf('basic', { 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'Shop' }),
      ingressOf('missing', { 'auth-type': 'basic', 'auth-secret': 'none' }),
      ingressOf('allowed', { 'whitelist-source-range': '127.0.0.0/8' }),
      ingressOf('others', { 'whitelist-source-range': '10.0.0.0/8' }),
      ingressOf('denied', { 'denylist-source-range': '127.0.0.1' }),
      ingressOf('either', {
        'auth-type': 'basic',
        'auth-secret': 'users',
        'whitelist-source-range': '127.0.0.0/8',
        satisfy: 'any',
      }),
      ingressOf('external', { 'auth-url': 'http://$host/check', 'auth-signin': 'https://sso.example.com/in' }),
      makeIngress('external-check', { rules: [makeRule('external.example.com', makePath('/check', 'none', 'Exact'))] }),
      ingressOf('circle', { 'auth-url': 'http://$host/check' }),
      ingressOf('asked', { 'auth-url': 'http://web.shop.svc.cluster.local/check', 'auth-response-headers': 'X-Who' }),
    );
    const refused = await ask('http://basic.example.com/');
    assert.deepEqual([refused.status, refused.headers['www-authenticate']], [401, 'Basic realm="Shop"']);
    const known = await ask('http://basic.example.com/', {
      headers: { authorization: `Basic ${encode('ann:secret')}` },
    });
    assert.equal(known.status, 200);
    assert.equal((JSON.parse(known.body) as { headers: Record<string, string> }).headers['authorization'], undefined);
    const rows = {
      missing: 503,
      allowed: 200,
      others: 403,
      denied: 403,
      either: 200,
      external: 500,
      circle: 500,
      asked: 200,
    };
    for (const [host, want] of Object.entries(rows))
      assert.equal((await ask(`http://${host}.example.com/`)).status, want, host);
    assert.doesNotMatch(await readFile(log, 'utf8'), /worker_connections are not enough|Too many open files/);
  });

  test('where clients are sent', async () => {
    await serve(
      ingressOf('moved', {
        'permanent-redirect': 'https://new.example.com$request_uri',
        'permanent-redirect-code': '308',
      }),
      ingressOf('away', { 'temporal-redirect': 'https://away.example.com/' }),
      ingressOf('root', { 'app-root': '/app' }),
      ingressOf('both', { 'from-to-www-redirect': 'true', 'server-alias': 'alias.example.com, moved.example.com' }),
      makeIngress('secure', {
        tls: [{ hosts: ['secure.example.com'], secretName: 'tls' }],
        rules: [makeRule('secure.example.com', makePath('/', 'a'))],
      }),
    );
    const sent = async (url: string) => {
      const { status, headers } = await ask(url);
      return `${status} ${headers.location ?? ''}`;
    };
    const port = `:${ports.httpPort}`;
    const rows = {
      'http://moved.example.com/a?b=c': '308 https://new.example.com/a?b=c',
      'http://away.example.com/': '302 https://away.example.com/',
      'http://root.example.com/': '302 http://root.example.com/app',
      'http://root.example.com/app': '200 ',
      'http://www.both.example.com/x': `308 http://both.example.com${port}/x`,
      'http://alias.example.com/': '200 ',
      'http://secure.example.com/x': `308 https://secure.example.com:${ports.httpsPort}/x`,
    };
    for (const [url, want] of Object.entries(rows)) assert.equal(await sent(url), want, url);
    const hsts = async (url: string) => (await ask(url)).headers['strict-transport-security'];
    assert.equal(await hsts('https://secure.example.com/'), 'max-age=31536000; includeSubDomains');
    assert.equal(await hsts('https://alias.example.com/'), undefined);
  });

  test('requests from pages of other origins', async () => {
    await serve(
      ingressOf('open', { 'enable-cors': 'true' }),
      ingressOf('cors', {
        'enable-cors': 'true',
        'cors-allow-origin': 'https://*.friends.com, https://one.com:8443',
        'cors-allow-credentials': 'false',
      }),
    );
    const allowed = async (host: string, origin: string, method = 'GET') => {
      const { status, headers } = await ask(`http://${host}.example.com/`, { method, headers: { origin } });
      return `${status} ${headers['access-control-allow-origin'] ?? ''}`;
    };
    assert.equal(await allowed('open', 'https://any.com'), '200 *');
    assert.equal(await allowed('open', 'https://any.com', 'OPTIONS'), '204 *');
    assert.equal(await allowed('cors', 'https://a.friends.com'), '200 https://a.friends.com');
    assert.equal(await allowed('cors', 'https://one.com:8443', 'OPTIONS'), '204 https://one.com:8443');
    for (const origin of ['https://a.b.friends.com', 'https://one.com', 'https://a.friends.com.evil.com'])
      assert.equal(await allowed('cors', origin), '200 ', origin);
  });

  test('canaries by header, cookie and weight, told without a reload', async () => {
    const canary = (annotations: Record<string, string>) => {
      const rules = [makeRule('main.example.com', makePath('/', 'b'))];
      return makeIngress('canary', { rules }, annotated({ canary: 'true', ...annotations }));
    };
    const main = ingressOf('main', {}, [makePath('/', 'web')]);
    const seen = async (headers: Record<string, string> = {}) =>
      seenBy(await ask('http://main.example.com/', { headers }));
    await serve(main, canary({ 'canary-by-header': 'X-Try', 'canary-by-cookie': 'try' }));
    const before = writer.configurationOf(plan([main, canary({})])).generation;
    assert.equal(await seen(), 'web /');
    assert.equal(await seen({ 'x-try': 'always' }), 'b /');
    assert.equal(await seen({ cookie: 'try=always' }), 'b /');
    await serve(
      main,
      canary({ 'canary-by-header': 'X-Try', 'canary-by-header-pattern': '^v[12]$', 'canary-weight': '0' }),
    );
    assert.equal(await seen({ 'x-try': 'v2' }), 'b /');
    assert.equal(await seen({ 'x-try': 'v3' }), 'web /');
    await serve(main, canary({ 'canary-weight': '100' }));
    assert.equal(await seen(), 'b /');
    assert.equal(writer.configurationOf(plan([main, canary({ 'canary-weight': '100' })])).generation, before);
  });

  test('a client comes back to its endpoint, by its cookie or by a key', async () => {
    await serve(
      ingressOf('sticky', { affinity: 'cookie', 'session-cookie-samesite': 'Lax', 'session-cookie-max-age': '60' }),
      ingressOf('kept', { affinity: 'cookie', 'affinity-mode': 'persistent', 'session-cookie-name': 'keep' }),
      ingressOf('hashed', { 'upstream-hash-by': '$request_uri' }),
      ingressOf('quick', { 'load-balance': 'ewma' }),
      ingressOf('spare', { 'default-backend': 'web' }, [makePath('/', 'c')]),
    );
    for (const [host, name, rest] of [
      ['sticky', 'INGRESSCOOKIE', /; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax$/],
      ['kept', 'keep', /; Path=\/; HttpOnly$/],
    ] as const) {
      const first = await ask(`http://${host}.example.com/`);
      const [cookie = ''] = first.headers['set-cookie'] ?? [];
      assert.match(cookie, rest);
      assert.ok(cookie.startsWith(`${name}=`), cookie);
      for (let count = 0; count < 10; count++) {
        const next = await ask(`http://${host}.example.com/`, { headers: { cookie: cookie.split(';')[0]! } });
        assert.deepEqual([seenBy(next), next.headers['set-cookie']], [seenBy(first), undefined]);
      }
    }
    const hashed = async (path: string) => seenBy(await ask(`http://hashed.example.com${path}`));
    const places = new Set<string>();
    for (let count = 0; count < 20; count++) {
      const once = await hashed(`/${count}`);
      assert.equal(await hashed(`/${count}`), once);
      places.add(once.split(' ')[0]!);
    }
    assert.deepEqual([...places].sort(), ['a', 'a-2']);
    assert.match(seenBy(await ask('http://quick.example.com/')), /^a(-2)? \/$/);
    assert.equal(seenBy(await ask('http://spare.example.com/')), 'web /');
  });

  test('limits change while nginx runs, those that are counted by other clients now too', async () => {
    const statuses = async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('http://limited.example.com/')));
      return [...new Set(answers.map(({ status }) => status))].sort();
    };
    const limits = { 'limit-rpm': '1', 'limit-connections': '50', 'limit-burst-multiplier': '2' };
    await serve(ingressOf('limited', limits));
    assert.deepEqual(await statuses(), [200, 503]);
    await serve(ingressOf('limited', { ...limits, 'limit-whitelist': '127.0.0.1' }));
    assert.deepEqual(await statuses(), [200]);
    await serve(ingressOf('limited', { ...limits, 'limit-whitelist': '10.0.0.0/8' }));
    assert.deepEqual(await statuses(), [200, 503]);
  });

  test('what goes on to the backend', async () => {
    await serve(
      ingressOf('headers', {
        'upstream-vhost': 'in.example.com',
        'x-forwarded-prefix': '/shop',
        'proxy-buffers-number': '2',
      }),
      ingressOf('grpc', { 'backend-protocol': 'GRPC', 'proxy-read-timeout': '7', 'proxy-next-upstream': 'error' }, [
        makePath('/', 'c'),
      ]),
      ingressOf('verified', {
        'backend-protocol': 'HTTPS',
        'proxy-ssl-secret': 'shop/tls',
        'proxy-ssl-verify': 'on',
        'proxy-ssl-protocols': 'TLSv1.2 TLSv1.3',
      }),
      ingressOf('pages', { 'custom-http-errors': '502,503', 'default-backend': 'web', 'backend-protocol': 'HTTPS' }),
    );
    const { headers } = JSON.parse((await ask('http://headers.example.com/')).body) as {
      headers: Record<string, string>;
    };
    assert.deepEqual([headers['host'], headers['x-forwarded-prefix']], ['in.example.com', '/shop']);
    assert.equal((await ask('http://grpc.example.com/')).status, 503);
    // The backends of this test speak no TLS.
    assert.equal((await ask('http://verified.example.com/')).status, 502);
    const page = JSON.parse((await ask('http://pages.example.com/x')).body) as {
      name: string;
      url: string;
      headers: Record<string, string>;
    };
    assert.deepEqual(
      [page.name, page.url, page.headers['x-code'], page.headers['x-original-uri']],
      ['web', '/', '502', '/x'],
    );
  });

  test('no annotation and no path of one namespace harms what another one serves', async () => {
    const word = fc.constantFrom(
      'on',
      'off',
      'true',
      'basic',
      'users',
      'tls',
      'cookie',
      'any',
      'web',
      '5',
      '300',
      '404,503',
      '10.0.0.0/8',
      '8k',
      '$1',
      'http://',
      'https://$host/',
      'x.example.com',
      '/',
      '"',
      "'",
      ';',
      '{',
      '}',
      '\\',
      '\n',
      '#',
      ' ',
      '$',
      '${',
      '$backend',
      '$request_uri',
      'error timeout',
      '(?<x>',
      '(',
      ')',
      '[',
      '*',
      '|',
      '^',
      '%',
      '\u00e9',
      '\0',
      'www-data',
      '@',
      ':',
      ',',
    );
    const text = fc.oneof(
      word,
      fc.array(word, { maxLength: 5 }).map((words) => words.join('')),
      fc.string({ unit: 'binary' }),
    );
    const annotations = fc.dictionary(fc.constantFrom(...annotationNames), text, { maxKeys: 5 });
    const path = fc.tuple(fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific' as const), text);
    const victim = makeIngress('victim', { rules: [makeRule('victim.example.com', makePath('/only', 'b', 'Exact'))] });
    let served = 0;
    await fc.assert(
      fc.asyncProperty(annotations, fc.array(path, { minLength: 1, maxLength: 4 }), async (values, paths) => {
        const evil = ingressOf(
          'evil',
          values,
          paths.map(([type, end]) => makePath(`/${end}`, 'web', type as 'Exact')),
        );
        const ingresses = [victim, { ...evil, metadata: { ...evil.metadata, namespace: 'other' } }];
        const routes = plan(ingresses);
        const configuration = writer.configurationOf(routes);
        const refusal = await writer.refusal(configuration, routes);
        if (refusal !== undefined)
          assert.equal(ingressOfLine(configuration.text, refusal.line ?? 0), 'other/evil', refusal.message);
        if (routes.servers.some(({ locations }) => locations.some(({ backend }) => backend === 'other/web:80')))
          served++;
        const own = routes.servers.find(({ host }) => host === 'victim.example.com')!;
        assert.deepEqual([own.locations.length, own.locations[0]!.backend], [1, 'shop/b:80']);
      }),
      { numRuns: 150, seed: 14 },
    );
    assert.ok(served > 40, `${served} Ingresses were served, with whatever their annotations said`);
  });
});
