import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { CertificateSigningRequests, type CertificateSigningRequest } from '../../../src/api/certificates/v1/types.ts';
import { Nodes } from '../../../src/api/core/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles } from '../../../src/api/rbac/v1/types.ts';
import { isStatus, StatusError } from '../../../src/apimachinery/status.ts';
import { rfc3339 } from '../../../src/apimachinery/time.ts';
import type { Client } from '../../../src/client/client.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';
import { encodedSigningRequest, type WantedCertificate } from '../../kit/signing-requests.ts';

const hourMs = 3_600_000;
let cluster: TestCluster;

before(async () => (cluster = await startTestCluster({ nodes: 0 })));
after(() => cluster[Symbol.asyncDispose]());

interface Ask {
  readonly signer?: string;
  readonly usages?: readonly string[];
  readonly seconds?: number;
  readonly wanted?: WantedCertificate;
}

async function ask(client: Client, name: string, { signer, usages, seconds, wanted }: Ask = {}) {
  return client.create(CertificateSigningRequests, {
    metadata: { name },
    spec: {
      request: await encodedSigningRequest(wanted),
      signerName: signer ?? 'kubernetes.io/kube-apiserver-client',
      usages: [...(usages ?? ['client auth'])] as never,
      ...(seconds !== undefined && { expirationSeconds: seconds }),
    },
  });
}

const look = (name: string) => cluster.client.get(CertificateSigningRequests, { name });
const conditionsOf = ({ status }: CertificateSigningRequest) =>
  (status?.conditions ?? []).map(({ type, reason, message }) => [type, reason, message]);

async function decide(client: Client, name: string, type: 'Approved' | 'Denied', agoMs = 0) {
  const lastUpdateTime = rfc3339(cluster.clock.now() - agoMs);
  const condition = { type, status: 'True', reason: 'Test', lastUpdateTime };
  const body = { status: { conditions: [condition] } };
  return client.patch(CertificateSigningRequests, { name }, { type: 'merge', body }, { subresource: 'approval' });
}

async function until(name: string, what: (request: CertificateSigningRequest) => boolean) {
  await cluster.until(async () => what(await look(name)));
  return look(name);
}

async function grant(user: string, name: string, rules: object[]): Promise<void> {
  await cluster.client.create(ClusterRoles, { metadata: { name }, rules } as never);
  await cluster.client.create(ClusterRoleBindings, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  });
}

const refusal = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => {
      assert.ok(error instanceof StatusError, String(error));
      return error.status.message ?? '';
    },
  );

test('who is approved gets a certificate with what was asked for', async () => {
  await ask(cluster.client, 'jane', { seconds: 7200, wanted: { commonName: 'jane', organizations: ['devs'] } });
  await cluster.clock.advance(1000);
  assert.equal((await look('jane')).status?.certificate, undefined);
  await decide(cluster.client, 'jane', 'Approved');
  const { status } = await until('jane', ({ status }) => status?.certificate !== undefined);
  const certificate = new X509Certificate(Buffer.from(status!.certificate!, 'base64'));
  assert.equal(certificate.subject, 'O=devs\nCN=jane');
  assert.equal(certificate.ca, false);
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 7_200_000 + 300_000);
});

test('who decides may annotate, as everywhere', async () => {
  await ask(cluster.client, 'noted', { signer: 'example.com/nobody' });
  const body = {
    metadata: { annotations: { why: 'known' } },
    status: { conditions: [{ type: 'Seen', status: 'True' }] },
  };
  const patch = { type: 'merge', body } as const;
  const answer = await cluster.client.patch(CertificateSigningRequests, { name: 'noted' }, patch, {
    subresource: 'approval',
  });
  assert.deepEqual(answer.metadata.annotations, { why: 'known' });
  assert.deepEqual((await look('noted')).metadata.annotations, { why: 'known' });
});

test('what is decided goes after an hour', async () => {
  await ask(cluster.client, 'old', { signer: 'example.com/nobody' });
  await decide(cluster.client, 'old', 'Denied', hourMs - 30_000);
  await cluster.clock.advance(20_000);
  await look('old');
  await cluster.clock.advance(20_000);
  await assert.rejects(look('old'), (error) => isStatus(error, 'NotFound'));
});

test('what a signer does not sign fails, and says why', async () => {
  await ask(cluster.client, 'odd', { usages: ['server auth'] });
  await decide(cluster.client, 'odd', 'Approved');
  const request = await until('odd', ({ status }) => status!.conditions!.length > 1);
  assert.deepEqual(conditionsOf(request)[1], [
    'Failed',
    'SignerValidationFailure',
    'invalid usage for client certificate: server auth',
  ]);
});

test('nobody makes a superuser of himself', async () => {
  assert.equal(
    await refusal(ask(cluster.client, 'root', { wanted: { organizations: ['devs', 'system:masters'] } })),
    'certificatesigningrequests.certificates.k8s.io "root" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  );
});

test('a node gets no certificate of the API server, of Services or of loopback, whatever it says of itself', async () => {
  const own = '192.0.2.31';
  const others = ['192.0.2.1', '10.96.0.1', '10.244.9.9', '127.0.0.1'];
  const addresses = [own, ...others].map((address) => ({ type: 'InternalIP', address }));
  const names = ['kubernetes.default.svc', 'localhost'];
  const hosts = names.map((address) => ({ type: 'Hostname', address }));
  await cluster.client.create(Nodes, { metadata: { name: 'liar' }, spec: {} });
  const body = { status: { addresses: [...addresses, ...hosts] } };
  await cluster.client.patch(Nodes, { name: 'liar' }, { type: 'merge', body }, { subresource: 'status' });
  const user = 'system:node:liar';
  const liar = cluster.clientOf({ name: user, groups: ['system:nodes', 'system:authenticated'] });
  const askFor = async (type: 'ip' | 'dns', value: string) => {
    const wanted = { commonName: user, organizations: ['system:nodes'], names: [{ type, value }] };
    const usages = ['digital signature', 'server auth'];
    await ask(liar, `liar-${value}`, { signer: 'kubernetes.io/kubelet-serving', usages, wanted });
  };
  for (const address of others) await askFor('ip', address);
  for (const name of names) await askFor('dns', name);
  await askFor('ip', own);
  await until(`liar-${own}`, ({ status }) => status?.certificate !== undefined);
  for (const what of [...others, ...names]) assert.deepEqual(conditionsOf(await look(`liar-${what}`)), [], what);
});

test('one approves and signs for the signers that one has rights for', async () => {
  const group = 'certificates.k8s.io';
  const paths = ['certificatesigningrequests/approval', 'certificatesigningrequests/status'];
  await grant('bob', 'bob', [
    { apiGroups: [group], resources: paths, verbs: ['update', 'patch'] },
    { apiGroups: [group], resources: ['signers'], resourceNames: ['example.com/*'], verbs: ['approve'] },
    { apiGroups: [group], resources: ['signers'], resourceNames: ['example.com/one'], verbs: ['sign'] },
  ]);
  const bob = cluster.clientOf({ name: 'bob', groups: [] });
  await ask(cluster.client, 'mine', { signer: 'example.com/one' });
  await ask(cluster.client, 'near', { signer: 'example.com/two' });
  await ask(cluster.client, 'far', { signer: 'example.org/one' });
  await decide(bob, 'mine', 'Approved');
  await decide(bob, 'near', 'Denied');
  assert.equal(
    await refusal(decide(bob, 'far', 'Approved')),
    'certificatesigningrequests.certificates.k8s.io "far" is forbidden: user not permitted to approve requests with signerName "example.org/one"',
  );
  const fail = (name: string) =>
    bob.patch(
      CertificateSigningRequests,
      { name },
      { type: 'json', body: [{ op: 'add', path: '/status/conditions/-', value: { type: 'Failed', status: 'True' } }] },
      { subresource: 'status' },
    );
  await fail('mine');
  assert.equal(
    await refusal(fail('near')),
    'certificatesigningrequests.certificates.k8s.io "near" is forbidden: user not permitted to sign requests with signerName "example.com/two"',
  );
});

const ofNode = {
  signer: 'kubernetes.io/kube-apiserver-client-kubelet',
  usages: ['digital signature', 'client auth'],
  wanted: { commonName: 'system:node:one', organizations: ['system:nodes'] },
};

test('an agent gets its next certificate by itself, and not that of another', async () => {
  const agent = cluster.clientOf({ name: 'system:node:one', groups: ['system:nodes', 'system:authenticated'] });
  await ask(agent, 'stranger', { ...ofNode, wanted: { ...ofNode.wanted, commonName: 'system:node:two' } });
  await ask(agent, 'next', ofNode);
  const { status } = await until('next', ({ status }) => status?.certificate !== undefined);
  assert.deepEqual(conditionsOf({ status } as never), [
    ['Approved', 'AutoApproved', 'Auto approving self kubelet client certificate after SubjectAccessReview.'],
  ]);
  assert.deepEqual(conditionsOf(await look('stranger')), []);
});
