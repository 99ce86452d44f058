import assert from 'node:assert/strict';
import test from 'node:test';
import { Ingresses } from '../api/networking/v1/types.ts';
import type { ClusterReader } from '../reconciler/controller.ts';
import type { Configuration } from './nginx/configuration.ts';
import type { IngressProxy } from './nginx/nginx-writer.ts';
import type { NamedSecrets } from './named-secrets.ts';
import { RoutePlanner } from './route-planner.ts';
import type { Routes } from './routes/routes.ts';
import { makeIngress, makePath, makeRule, nginxClass } from './testing.ts';

/** An nginx that refuses hosts without telling a line, and at last everything. */
function nginxThatRefuses(...bad: string[]) {
  return {
    configurationOf: ({ servers }: Routes): Configuration => ({
      text: servers.map(({ host }) => host).join(' '),
      generation: '',
    }),
    refusal: async ({ text }: Configuration) =>
      bad.some((host) => `${text} `.includes(`${host} `)) ? { message: 'no cipher match' } : undefined,
  } as unknown as IngressProxy;
}
const names = ['a', 'b', 'evil', 'c', 'd', 'worse', 'e'];
const ingresses = names.map((name) =>
  makeIngress(name, { rules: [makeRule(`${name}.example.com`, makePath('/', 'a'))] }),
);
const cluster = {
  list: (type: unknown) => (type === Ingresses ? ingresses : [nginxClass]),
  get: ({ kind }: { kind: string }) => (kind === 'IngressClass' ? nginxClass : undefined),
} as unknown as ClusterReader;
const secrets = { follow: async () => undefined, get: () => undefined } as unknown as NamedSecrets;

test('what nginx refuses without telling a line is left out alone', async () => {
  const nginx = nginxThatRefuses('evil.example.com', 'worse.example.com');
  const { routes } = await new RoutePlanner(secrets).plan(nginx, cluster);
  const served = routes.servers.map(({ host }) => host.replace('.example.com', ''));
  assert.deepEqual(served, ['', 'a', 'b', 'c', 'd', 'e']);
  assert.match(routes.problems.get('shop/evil')![0]!.message, /nginx refuses it: no cipher match$/);
});

test("an nginx that takes nothing at all is nobody's fault", async () => {
  await assert.rejects(new RoutePlanner(secrets).plan(nginxThatRefuses(''), cluster), {
    message: 'Cannot configure nginx: no cipher match',
  });
});
