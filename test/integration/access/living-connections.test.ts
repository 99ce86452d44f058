import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Namespaces, Pods, Secrets, ServiceAccounts, type Pod } from '../../../src/api/core/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '../../../src/api/rbac/v1/types.ts';
import { newSigningKey } from '../../../src/apiserver/auth/certificates.ts';
import { TokenKeys } from '../../../src/apiserver/auth/json-web-token.ts';
import { legacyClaims } from '../../../src/apiserver/auth/legacy-token.ts';
import type { Clock } from '../../../src/base/clock.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { openClient, protocols, type Client } from '../../../src/http/contract/clients.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

/**
 * What is remembered of a connection, its token and its rights must not outlive what it was taken from: the next request
 * of the same connection is answered by what is stored now.
 */
let aheadMs = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
const tokenKeys = new TokenKeys([newSigningKey()]);
const namespace = 'living';
const path = `/api/v1/namespaces/${namespace}/configmaps`;
const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];

let api: HttpsApi;
before(async () => {
  api = await startHttpsApi({ clock, tokenKeys });
  await api.client.create(Namespaces, { metadata: { name: namespace }, spec: {} });
});
after(() => api[Symbol.asyncDispose]());

for (const protocol of protocols)
  describe(`on a connection that goes on, over ${protocol}`, () => {
    const name = (what: string) => `${what}-${protocol === 'HTTP/1.1' ? 'one' : 'two'}`;

    it('a token is refused once its account is gone, and when another has its name', async () => {
      const account = await accountWithRights(name('account'));
      await using caller = await callerWith(protocol, await tokenOf(account));
      await caller.twice(200);
      await api.client.delete(ServiceAccounts, { namespace, name: account });
      await caller.twice(401);
      await api.client.create(ServiceAccounts, { metadata: { name: account, namespace } });
      await caller.twice(401);
    });

    it('a token is refused once the pod is gone that it is bound to', async () => {
      const account = await accountWithRights(name('bound'));
      const containers = [{ name: 'app', image: 'app' }];
      const pod = await api.client.create(Pods, {
        metadata: { name: account, namespace },
        spec: { serviceAccountName: account, containers },
      } as Pod);
      const { uid } = pod.metadata;
      await using caller = await callerWith(
        protocol,
        await tokenOf(account, { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: account, uid } }),
      );
      await caller.twice(200);
      await api.client.patch(
        Pods,
        { namespace, name: account },
        { type: 'merge', body: { metadata: { labels: { a: 'b' } } } },
      );
      await caller.twice(200);
      await api.client.delete(Pods, { namespace, name: account }, { gracePeriodSeconds: 0 });
      await caller.twice(401);
    });

    it('a token is refused when its time is over', async () => {
      await using caller = await callerWith(protocol, await tokenOf(await accountWithRights(name('late'))));
      await caller.twice(200);
      try {
        // With room for the time that the test itself takes on a busy machine.
        aheadMs = 3500_000;
        await caller.twice(200);
        aheadMs = 3601_000;
        await caller.twice(401);
      } finally {
        aheadMs = 0;
      }
    });

    it('a token of a Secret is refused once the Secret is gone', async () => {
      const account = await accountWithRights(name('secret'));
      const { metadata } = await api.client.get(ServiceAccounts, { namespace, name: account });
      const secret = await secretToken(account, metadata.uid!);
      await using caller = await callerWith(protocol, secret);
      await caller.twice(200);
      await api.client.delete(Secrets, { namespace, name: account });
      await caller.twice(401);
    });

    it('rights end with their binding, their role and its rules, and begin with them', async () => {
      const account = await accountWithRights(name('rights'));
      await using caller = await callerWith(protocol, await tokenOf(account));
      await caller.twice(200);
      const role = await api.client.get(Roles, { namespace, name: account });
      await api.client.update(Roles, { ...role, rules: [{ ...rules[0]!, verbs: ['get'] }] });
      await caller.twice(403);
      const narrowed = await api.client.get(Roles, { namespace, name: account });
      await api.client.update(Roles, { ...narrowed, rules });
      await caller.twice(200);
      await api.client.delete(Roles, { namespace, name: account });
      await caller.twice(403);
      await api.client.create(Roles, { metadata: { name: account, namespace }, rules });
      await caller.twice(200);
      await api.client.delete(RoleBindings, { namespace, name: account });
      await caller.twice(403);
    });

    it('rights of a certificate end with a binding of the cluster; the certificate ends by the clock', async () => {
      const user = name('eve');
      const { certificate: cert, key } = await api.identity(user);
      await api.client.create(ClusterRoles, { metadata: { name: user }, rules });
      await bindInCluster(user);
      await using caller = callerOf(protocol, { cert, key }, {});
      await caller.twice(200);
      await api.client.delete(ClusterRoleBindings, { name: user });
      await caller.twice(403);
      await bindInCluster(user);
      await caller.twice(200);
      try {
        aheadMs = 25 * 3600_000;
        await caller.twice(401);
      } finally {
        aheadMs = 0;
      }
      await caller.twice(200);
    });

    it('each request is by the token that it brings itself', async () => {
      const [first, second] = [await accountWithRights(name('first')), await accountWithRights(name('second'))];
      const tokens = [await tokenOf(first), await tokenOf(second)];
      await api.client.delete(RoleBindings, { namespace, name: second });
      await using client = openClient(protocol, place());
      const codes: number[] = [];
      for (const token of [tokens[0], tokens[1], tokens[0], undefined, 'made-up', tokens[0], tokens[1]]) {
        const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
        codes.push((await client.ask({ path, headers })).status);
      }
      assert.deepEqual(codes, [200, 403, 200, 403, 401, 200, 403]);
    });
  });

const place = () => ({ port: Number(new URL(api.access.server).port), ca: api.access.ca! });

/** Asks twice: the first answer may be what is remembered then. */
function callerOf(
  protocol: (typeof protocols)[number],
  identity: { cert?: string; key?: string },
  headers: Record<string, string>,
): AsyncDisposable & { twice(status: number): Promise<void> } {
  const client: Client = openClient(protocol, { ...place(), ...identity });
  return {
    async twice(status) {
      for (let time = 0; time < 2; time++) assert.equal((await client.ask({ path, headers })).status, status);
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function callerWith(protocol: (typeof protocols)[number], token: string) {
  return callerOf(protocol, {}, { authorization: `Bearer ${token}` });
}

/** An account that may list, by a role and a binding of its name. */
async function accountWithRights(name: string): Promise<string> {
  const { client } = api;
  await client.create(ServiceAccounts, { metadata: { name, namespace } });
  await client.create(Roles, { metadata: { name, namespace }, rules });
  await client.create(RoleBindings, {
    metadata: { name, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  return name;
}

async function bindInCluster(name: string): Promise<void> {
  await api.client.create(ClusterRoleBindings, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
  });
}

/** A token that is kept in a Secret of the account's name. */
async function secretToken(name: string, uid: string): Promise<string> {
  const token = tokenKeys.sign(legacyClaims({ namespace, account: { name, uid }, secret: name }));
  const annotations = {
    'kubernetes.io/service-account.name': name,
    'kubernetes.io/service-account.uid': uid,
  };
  await api.client.create(Secrets, {
    metadata: { name, namespace, annotations },
    type: 'kubernetes.io/service-account-token',
    data: { token: Buffer.from(token).toString('base64') },
  });
  return token;
}

async function tokenOf(name: string, more: object = {}): Promise<string> {
  const spec = { expirationSeconds: 3600, ...more };
  const request = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec };
  const answer = await api.client.post(ServiceAccounts, { namespace, name }, 'token', request);
  return (answer as { status: { token: string } }).status.token;
}
