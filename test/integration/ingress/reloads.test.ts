import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ingresses } from '../../../src/api/networking/v1/types.ts';
import type { Routes } from '../../../src/ingress/routes/routes.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { createIngressClass, startIngressOn, TestNginx } from './one-ingress.ts';

/** An nginx that notes when it was given another configuration; `draining` of before go on meanwhile. */
class ReloadingNginx extends TestNginx {
  readonly reloads: { readonly atMs: number; readonly hosts: number }[] = [];
  draining = 0;
  readonly #now: () => number;
  #generation = '';

  constructor(now: () => number) {
    super();
    this.#now = now;
  }
  override configurationOf = ({ servers }: Routes = { servers: [] } as unknown as Routes) => ({
    text: '',
    generation: servers.map(({ host }) => host).join(' '),
  });
  override generationsDraining = () => Promise.resolve(this.draining);
  override apply(...[{ servers }, { generation }]: Parameters<TestNginx['apply']>): Promise<void> {
    if (generation !== this.#generation) this.reloads.push({ atMs: this.#now(), hosts: servers.length - 1 });
    this.#generation = generation;
    return Promise.resolve();
  }
}

test('a first change reloads at once, and what comes right behind goes in together, later where old workers are busy', async () => {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await startTestCluster({ nodes: 1 }));
  const { client, clock } = cluster;
  const nginx = new ReloadingNginx(() => clock.monotonic());
  opened.defer(startIngressOn(cluster, 'node-1', { openNginx: () => Promise.resolve(nginx) }));
  await createIngressClass(client);
  await clock.advance(20_000);
  nginx.reloads.length = 0;

  let count = 0;
  const create = async (): Promise<void> => {
    const name = `web-${count++}`;
    const spec = { ingressClassName: 'nginx', rules: [{ host: `${name}.example.com` }] };
    await client.create(Ingresses, { metadata: { name, namespace: 'default' }, spec });
  };
  /** Changes for eight tenths of a second, then quiet; answers what nginx was given, and when. */
  async function burst(): Promise<string[]> {
    const begin = clock.monotonic();
    for (let step = 0; step < 8; step++) {
      await create();
      await clock.advance(100);
    }
    await clock.advance(20_000);
    return nginx.reloads.splice(0).map(({ atMs, hosts }) => `${Math.round((atMs - begin) / 100) / 10} s: ${hosts}`);
  }
  assert.deepEqual(await burst(), ['0 s: 1', '1 s: 8']);
  nginx.draining = 3;
  assert.deepEqual(await burst(), ['0 s: 9', '4 s: 16']);
});
