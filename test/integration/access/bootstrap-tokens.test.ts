import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigMaps, Secrets } from '../../../src/api/core/v1/types.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';

let cluster: TestCluster;
before(async () => {
  cluster = await startTestCluster({ nodes: 0 });
});
after(() => cluster[Symbol.asyncDispose]());

const namespace = 'kube-system';
const usual = { 'usage-bootstrap-authentication': 'true', 'usage-bootstrap-signing': 'true' };
const inSeconds = (seconds: number): string => new Date(cluster.clock.now() + seconds * 1000).toISOString();

/** Makes the Secret of a token `<id>.0123456789abcdef`. */
async function made(id: string, changed: Readonly<Record<string, string>> = {}): Promise<string> {
  const stringData = { 'token-id': id, 'token-secret': '0123456789abcdef', ...usual, ...changed };
  const metadata = { name: `bootstrap-token-${id}`, namespace };
  await cluster.client.create(Secrets, { metadata, type: 'bootstrap.kubernetes.io/token', stringData });
  return `${id}.0123456789abcdef`;
}

async function userOf(token: string) {
  try {
    return await cluster.plane.api.authenticator.authenticate({ token });
  } catch (error) {
    assert.ok(isStatus(error, 'Unauthorized'));
    return undefined;
  }
}

test('a token is a node that comes to the cluster, with the groups of its Secret', async () => {
  const token = await made('aaaaaa', { 'auth-extra-groups': 'system:bootstrappers:z,system:bootstrappers:a' });
  assert.deepEqual(await userOf(token), {
    name: 'system:bootstrap:aaaaaa',
    groups: ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:z', 'system:authenticated'],
  });
  assert.equal(await userOf(token.replace('f', 'e')), undefined);
});

const refusals: readonly (readonly [what: string, id: string, changed: () => Readonly<Record<string, string>>])[] = [
  ['that is for signing only', 'bbbbb1', () => ({ 'usage-bootstrap-authentication': 'false' })],
  ['that is over', 'bbbbb2', () => ({ expiration: inSeconds(-1) })],
  ['whose end cannot be read', 'bbbbb3', () => ({ expiration: 'soon' })],
  ['with another id', 'bbbbb4', () => ({ 'token-id': 'cccccc' })],
  ['with a group of others', 'bbbbb5', () => ({ 'auth-extra-groups': 'system:masters' })],
];
for (const [what, id, changed] of refusals)
  test(`a token is refused ${what}`, async () => assert.equal(await userOf(await made(id, changed())), undefined));

test('the Secret of a token goes when the token is over', async () => {
  const token = await made('dddddd', { expiration: inSeconds(60) });
  assert.ok(await userOf(token));
  const tookMs = await cluster.until(
    () =>
      cluster.client.get(Secrets, { namespace, name: 'bootstrap-token-dddddd' }).then(
        () => false,
        (error) => isStatus(error, 'NotFound'),
      ),
    61_000,
  );
  assert.ok(tookMs > 55_000, `${tookMs}`);
});

test('what new nodes read about the cluster is signed with each token, and no more when it is gone', async () => {
  const info = { namespace: 'kube-public', name: 'cluster-info' };
  await made('eeeeee');
  await cluster.client.create(ConfigMaps, { metadata: info, data: { kubeconfig: 'x', 'jws-kubeconfig-zzzzzz': 'y' } });
  const signatures = async () => Object.keys((await cluster.client.get(ConfigMaps, info)).data ?? {});
  await cluster.until(async () => (await signatures()).includes('jws-kubeconfig-eeeeee'));
  assert.ok(!(await signatures()).includes('jws-kubeconfig-zzzzzz'));
  await cluster.client.delete(Secrets, { namespace, name: 'bootstrap-token-eeeeee' });
  await cluster.until(async () => !(await signatures()).includes('jws-kubeconfig-eeeeee'));
});
