import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TokenReviews } from '../../../src/api/authentication/v1/types.ts';
import { Secrets, ServiceAccounts, type Secret } from '../../../src/api/core/v1/types.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';

let cluster: TestCluster;
before(async () => {
  cluster = await startTestCluster({ nodes: 0 });
});
after(() => cluster[Symbol.asyncDispose]());

const namespace = 'default';
const type = 'kubernetes.io/service-account-token';
const accountAnnotation = 'kubernetes.io/service-account.name';
const lastUsed = 'kubernetes.io/legacy-token-last-used';

const tokenOf = ({ data }: Readonly<Secret>): string => Buffer.from(data?.['token'] ?? '', 'base64').toString();
const secretOf = (name: string): Promise<Secret> => cluster.client.get(Secrets, { namespace, name });
const isGone = (name: string) =>
  secretOf(name).then(
    () => false,
    (error) => isStatus(error, 'NotFound'),
  );

async function userOf(token: string) {
  try {
    return await cluster.plane.api.authenticator.authenticate({ token });
  } catch (error) {
    assert.ok(isStatus(error, 'Unauthorized'));
    return undefined;
  }
}

/** An account and a Secret that asks for its token, as `kubectl apply` makes them; answers the token. */
async function made(name: string): Promise<string> {
  await cluster.client.create(ServiceAccounts, { metadata: { name, namespace } });
  await cluster.client.create(Secrets, {
    metadata: { name, namespace, annotations: { [accountAnnotation]: name } },
    type,
  });
  await cluster.until(async () => tokenOf(await secretOf(name)) !== '');
  return tokenOf(await secretOf(name));
}

test('a Secret that asks for the token of an account gets it, and the server believes it', async () => {
  const token = await made('robot');
  const secret = await secretOf('robot');
  const account = await cluster.client.get(ServiceAccounts, { namespace, name: 'robot' });
  assert.equal(secret.metadata.annotations?.['kubernetes.io/service-account.uid'], account.metadata.uid);
  assert.equal(Buffer.from(secret.data!['namespace']!, 'base64').toString(), 'default');
  assert.deepEqual(JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()), {
    iss: 'kubernetes/serviceaccount',
    'kubernetes.io/serviceaccount/namespace': 'default',
    'kubernetes.io/serviceaccount/secret.name': 'robot',
    'kubernetes.io/serviceaccount/service-account.name': 'robot',
    'kubernetes.io/serviceaccount/service-account.uid': account.metadata.uid,
    sub: 'system:serviceaccount:default:robot',
  });
  assert.deepEqual(await userOf(token), {
    name: 'system:serviceaccount:default:robot',
    uid: account.metadata.uid,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
  });
});

test('its last use is noted by the day', async () => {
  const today = () => new Date(cluster.clock.now()).toISOString().slice(0, 10);
  const label = async () => (await secretOf('robot')).metadata.labels?.[lastUsed];
  await cluster.until(async () => (await label()) === today());
  const { resourceVersion } = (await secretOf('robot')).metadata;
  await userOf(tokenOf(await secretOf('robot')));
  await cluster.clock.advance(1000);
  assert.equal((await secretOf('robot')).metadata.resourceVersion, resourceVersion);
});

test('a review knows it for this server only', async () => {
  const token = tokenOf(await secretOf('robot'));
  const review = (audiences: string[]) =>
    cluster.client.create(TokenReviews, { metadata: { name: '' }, spec: { token, audiences } });
  const own = 'https://kubernetes.default.svc.cluster.local';
  const good = await review([own, 'other']);
  assert.equal(good.status?.authenticated, true);
  assert.deepEqual(good.status?.audiences, [own]);
  assert.notEqual((await review(['other'])).status?.authenticated, true);
});

test('the token ends with its Secret', async () => {
  const token = await made('short');
  await cluster.client.delete(Secrets, { namespace, name: 'short' });
  assert.equal(await userOf(token), undefined);
});

test('the token ends with its account, and the Secret goes too', async () => {
  const token = await made('leaver');
  await cluster.client.delete(ServiceAccounts, { namespace, name: 'leaver' });
  assert.equal(await userOf(token), undefined);
  await cluster.until(() => isGone('leaver'));
  // Another account of the same name is another account.
  await cluster.client.create(ServiceAccounts, { metadata: { name: 'leaver', namespace } });
  assert.equal(await userOf(token), undefined);
});

test('what is taken out of the Secret is put in again; a token that is not in it is not believed', async () => {
  const token = await made('changed');
  const change = (data: object) =>
    cluster.client.patch(Secrets, { namespace, name: 'changed' }, { type: 'merge', body: { data } });
  await change({ namespace: null, token: Buffer.from(`${token.slice(0, -4)}AAAA`).toString('base64') });
  assert.equal(await userOf(token), undefined);
  assert.equal(await userOf(tokenOf(await secretOf('changed'))), undefined);
  await change({ token: null });
  await cluster.until(async () => tokenOf(await secretOf('changed')) !== '');
  const again = await secretOf('changed');
  assert.ok(again.data?.['namespace']);
  assert.equal((await userOf(tokenOf(again)))?.name, 'system:serviceaccount:default:changed');
});

test('a token that was marked as invalid is refused', async () => {
  const token = await made('marked');
  const labels = { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' };
  await cluster.client.patch(Secrets, { namespace, name: 'marked' }, { type: 'merge', body: { metadata: { labels } } });
  assert.equal(await userOf(token), undefined);
});

test('a Secret for an account that is not there goes; one of another type stays', async () => {
  const annotations = { [accountAnnotation]: 'nobody' };
  await cluster.client.create(Secrets, { metadata: { name: 'plain', namespace, annotations } });
  await cluster.client.create(Secrets, { metadata: { name: 'orphan', namespace, annotations }, type });
  await cluster.until(() => isGone('orphan'));
  assert.equal((await secretOf('plain')).data, undefined);
});
