import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Ingress } from '../../src/api/networking/v1/types.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { nginxFolder } from '../../src/ingress/nginx/folder.ts';
import { Nginx } from '../../src/ingress/nginx/nginx.ts';
import { NginxWriter } from '../../src/ingress/nginx/nginx-writer.ts';
import { planRoutes } from '../../src/ingress/routes/plan-routes.ts';
import type { Routes } from '../../src/ingress/routes/routes.ts';
import { makeIngress, makeObjects, makePath, makeRule } from '../../src/ingress/testing.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { guard } from '../kit/guard.ts';
import { get, seenBy } from './ingress-client.ts';
import { cannotRunNginx, freePort, selfSigned, servicePort, startBackend } from './ingress-cluster.ts';

const regex = { 'nginx.ingress.kubernetes.io/use-regex': 'true', 'nginx.ingress.kubernetes.io/rewrite-target': '/x' };

/** An Ingress of namespace `evil`, for the host `evil.example.com`. */
function evil(path: string): Ingress {
  const rules = [makeRule('evil.example.com', makePath(path, 'web', 'ImplementationSpecific'))];
  const { metadata, ...rest } = makeIngress('evil', { rules }, regex);
  return { ...rest, metadata: { ...metadata, namespace: 'evil' } };
}
const victim = makeIngress('victim', { rules: [makeRule('victim.example.com', makePath('/only-this', 'a', 'Exact'))] });

describe('paths of one namespace on a real nginx', { skip: cannotRunNginx() ?? false }, () => {
  const opened = new AsyncDisposableStack();
  let writer: NginxWriter;
  let ports: { httpPort: number; httpsPort: number };
  before(async () => {
    opened.use(keepAlive());
    const folder = await mkdtemp(join(tmpdir(), 'paths-'));
    opened.use(guard({ folder }));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755); // nginx' workers are not root
    for (const [name, address] of [
      ['victim', '127.0.0.10'],
      ['evil', '127.0.0.11'],
    ] as const)
      opened.use(await startBackend(name, address));
    const files = nginxFolder(join(folder, 'nginx'));
    const nginx = new Nginx(files, { clock: systemClock, log: silentLogger });
    opened.defer(() => nginx.end());
    ports = { httpPort: await freePort(), httpsPort: await freePort() };
    writer = await NginxWriter.open(files, nginx, { address: '127.0.0.1', ...ports }, () => selfSigned('default'));
  });
  after(() => opened.disposeAsync());

  const apply = (routes: Routes) =>
    writer.apply(
      routes,
      writer.configurationOf(routes),
      new Map([
        ['shop/a:80', `127.0.0.10:${servicePort}`],
        ['evil/web:80', `127.0.0.11:${servicePort}`],
      ]),
    );
  const ask = async (path: string, host = 'evil.example.com') => seenBy(await get(ports, `http://${host}${path}`));

  for (const path of [
    '/(?<backend>.*)',
    "/(?'backend'.*)",
    '/(?P<backend>.*)',
    '/(?<host>.*)',
    '/(?i)(?<backend>.*)',
    '/a|(?<backend>.*)',
  ])
    test(`${path} leads nowhere`, async () => {
      const routes = planRoutes(makeObjects([victim, evil(path)]));
      await apply(routes);
      assert.deepEqual(
        routes.problems
          .get('evil/evil')!
          .map(({ reason }) => reason)
          .filter((reason) => reason === 'InvalidPath'),
        ['InvalidPath'],
      );
      assert.equal(await ask('/shop/a:80'), '404');
      assert.equal(await ask('/only-this', 'victim.example.com'), 'victim /only-this');
      assert.equal(await ask('/x', 'victim.example.com'), '404');
    });

  test('not even an expression that names our own variable leads to the backend of another', async () => {
    const routes = planRoutes(makeObjects([victim, evil('/(.*)')]));
    const configuration = writer.configurationOf(routes).text;
    const [, variable] = /set \$(backend_\w+) "evil\/web:80";/.exec(configuration)!;
    const servers = routes.servers.map((server) => ({
      ...server,
      locations: server.locations.map((location) =>
        location.match === 'pattern' ? { ...location, pattern: `/(?<${variable}>.*)` } : location,
      ),
    }));
    await apply({ ...routes, servers });
    assert.equal(await ask('/shop/a:80'), 'evil /x');
    assert.equal(await ask('/only-this', 'victim.example.com'), 'victim /only-this');
  });
});
