import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { listProcesses } from '../../src/base/node/processes.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { nginxFolder } from '../../src/ingress/nginx/folder.ts';
import { Nginx } from '../../src/ingress/nginx/nginx.ts';
import { NginxWriter } from '../../src/ingress/nginx/nginx-writer.ts';
import { planRoutes } from '../../src/ingress/routes/plan-routes.ts';
import { makeIngress, makeObjects, makePath, makeRule } from '../../src/ingress/testing.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { guard } from '../kit/guard.ts';
import { get } from './ingress-client.ts';
import { cannotRunNginx, freePort, selfSigned } from './ingress-cluster.ts';

const reloads = 10;
const connections = 200;

/** A real nginx of one Ingress, `host`, whose Service has no endpoints: it is 503 where it is known, and 404 where not. */
async function startNginx() {
  await using opened = new AsyncDisposableStack();
  opened.use(keepAlive());
  const folder = await mkdtemp(join(tmpdir(), 'reload-'));
  opened.use(guard({ folder }));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755); // nginx' workers are not root
  const files = nginxFolder(join(folder, 'nginx'));
  const nginx = new Nginx(files, { clock: systemClock, log: silentLogger });
  opened.defer(() => nginx.end());
  const listen = { address: '127.0.0.1', httpPort: await freePort(), httpsPort: await freePort() };
  const open = () => NginxWriter.open(files, nginx, listen, () => selfSigned('default'));
  const writer = await open();
  const serve = async (proxy: NginxWriter, host: string) => {
    const routes = planRoutes(makeObjects([makeIngress('one', { rules: [makeRule(host, makePath('/', 'a'))] })]));
    await proxy.apply(routes, proxy.configurationOf(routes), new Map());
  };
  const workers = async () =>
    (await listProcesses())
      .filter(({ folder, commandLine }) => folder === files.prefix && commandLine[0] === 'nginx: worker process')
      .map(({ pid }) => pid);
  const resources = opened.move();
  return {
    writer,
    workers,
    open,
    serve,
    ask: async (url: string) => (await get(listen, url)).status,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

test('after a reload no connection meets the configuration before', { skip: cannotRunNginx() ?? false }, async () => {
  await using nginx = await startNginx();
  for (let count = 0; count <= reloads; count++) {
    const url = `${count % 2 === 0 ? 'http' : 'https'}://host-${count}.example.com/`;
    await nginx.serve(nginx.writer, new URL(url).hostname);
    const seen = await Promise.all(Array.from({ length: connections }, () => nginx.ask(url)));
    assert.deepEqual([...new Set(seen)], [503], `after reload ${count}`);
  }
});

test('a reload is not over while a worker of before may accept', { skip: cannotRunNginx() ?? false }, async () => {
  await using nginx = await startNginx();
  await nginx.serve(nginx.writer, 'before.example.com');
  const [held] = await nginx.workers();
  process.kill(held!, 'SIGSTOP');
  let isOver = false;
  const reload = nginx.serve(nginx.writer, 'after.example.com').finally(() => (isOver = true));
  // The new workers answer meanwhile; the one that was stopped answers nobody, but its socket is still open.
  for (let answers = 0; answers < 30; await systemClock.sleep(10))
    if ((await askMore(nginx, 'http://after.example.com/')) === 503) answers++;
  assert.equal(isOver, false);
  process.kill(held!, 'SIGCONT');
  await reload;
  assert.equal(await nginx.ask('http://before.example.com/'), 404);
});

test(
  'who takes over an nginx in the middle of a reload waits for its end',
  { skip: cannotRunNginx() ?? false },
  async () => {
    await using nginx = await startNginx();
    await nginx.serve(nginx.writer, 'before.example.com');
    const before = await nginx.workers();
    const [held] = before;
    process.kill(held!, 'SIGSTOP');
    const first = nginx.serve(nginx.writer, 'after.example.com');
    while ((await askMore(nginx, 'http://after.example.com/')) !== 503) await systemClock.sleep(10);
    // The others of before may accept for a moment yet: nginx tells them to end when the new ones run.
    while ((await nginx.workers()).some((pid) => pid !== held && before.includes(pid))) await systemClock.sleep(10);
    let isOver = false;
    const next = nginx.open();
    const second = next.then((writer) => nginx.serve(writer, 'after.example.com')).finally(() => (isOver = true));
    // Where this test fails it ends nginx under them; what they say of that would be reported in its place.
    for (const reload of [first, second]) reload.catch(() => {});
    await next;
    for (let answers = 0; answers < 30; answers++) {
      await systemClock.sleep(10);
      assert.equal(await askMore(nginx, 'http://after.example.com/'), 503);
    }
    assert.equal(isOver, false);
    process.kill(held!, 'SIGCONT');
    await Promise.all([first, second]);
  },
);

/**
 * The kernel may wake the stopped worker for a connection; the next connection wakes another one, which then takes
 * both.
 */
async function askMore({ ask }: { ask: (url: string) => Promise<number> }, url: string): Promise<number> {
  const [status] = await Promise.all([ask(url), ask(url), ask(url)]);
  return status!;
}
