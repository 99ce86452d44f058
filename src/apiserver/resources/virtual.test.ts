import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../apimachinery/object.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { UserInfo } from '../auth/auth.ts';
import { superuserAuthorizer, unionAuthorizer } from '../auth/authorizer.ts';
import { newSigningKey } from '../auth/certificates.ts';
import { TokenKeys } from '../auth/json-web-token.ts';
import { RoleBasedAuthorizer } from '../auth/rbac.ts';
import { ServiceAccountTokens } from '../auth/service-account-token.ts';
import { testContext } from '../testing/context.ts';
import { virtualResources } from './virtual.ts';

const keys = new TokenKeys([newSigningKey()]);
const jane: UserInfo = { name: 'jane', uid: 'u1', groups: ['devs'], extra: { scopes: ['a'] } };
const agent: UserInfo = { name: 'system:node:one', groups: ['system:nodes'] };
const ours = ['https://kubernetes.default.svc.cluster.local'];

const objects = [
  { kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'x', uid: 'u-robot' } },
  {
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'x', uid: 'u-web' },
    spec: {
      nodeName: 'one',
      serviceAccountName: 'robot',
      containers: [],
      volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
    },
  },
  {
    kind: 'Pod',
    metadata: { name: 'other', namespace: 'x', uid: 'u-other' },
    spec: { serviceAccountName: 'default', nodeName: 'two' },
  },
  {
    kind: 'ClusterRole',
    metadata: { name: 'r' },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
      { nonResourceURLs: ['/x'], verbs: ['get'] },
    ],
  },
  {
    kind: 'ClusterRoleBinding',
    metadata: { name: 'b' },
    roleRef: { kind: 'ClusterRole', name: 'r' },
    subjects: [{ kind: 'User', name: 'jane' }],
  },
] as unknown as KubeObject[];

function server() {
  const { context } = testContext({ objects });
  const roles = new RoleBasedAuthorizer(context);
  const tokens = new ServiceAccountTokens(keys, context);
  const authorizer = unionAuthorizer([superuserAuthorizer, roles]);
  const all = virtualResources({ authorizer, withoutRules: () => [], roles, serviceAccounts: tokens, tokens });
  /** The answer, or the text of the refusal. */
  async function ask(
    kind: string,
    question: object,
    request: { user?: UserInfo; name?: string; namespace?: string } = {},
  ): Promise<any> {
    const virtual = all.find(({ type }) => type.kind === kind)!;
    const draft = { metadata: {}, ...structuredClone(question) } as KubeObject;
    virtual.defaults?.(draft);
    try {
      return await virtual.create(draft, { user: jane, dryRun: false, context, ...request });
    } catch (error) {
      if (error instanceof StatusError) return error.message;
      throw error;
    }
  }
  return { ask, tokens, context };
}

test('a user learns who he is', async () => {
  const { status } = await server().ask('SelfSubjectReview', {});
  assert.deepEqual(status.userInfo, { username: 'jane', uid: 'u1', groups: ['devs'], extra: { scopes: ['a'] } });
});

const getPods = { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'x' } };
const reason = 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "jane"';

const questions: { name: string; kind: string; spec: object; metadata?: object; want: object | string }[] = [
  {
    name: 'what jane may',
    kind: 'SubjectAccessReview',
    spec: { user: 'jane', ...getPods },
    want: { allowed: true, reason },
  },
  {
    name: 'what joe may not',
    kind: 'SubjectAccessReview',
    spec: { user: 'joe', ...getPods },
    want: { allowed: false },
  },
  {
    name: 'what superusers may',
    kind: 'SubjectAccessReview',
    spec: { groups: ['system:masters'], nonResourceAttributes: { verb: 'get', path: '/metrics' } },
    want: { allowed: true },
  },
  {
    name: 'what nobody may',
    kind: 'SubjectAccessReview',
    spec: getPods,
    want: '.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
  },
  {
    name: 'nothing',
    kind: 'SelfSubjectAccessReview',
    spec: {},
    want: '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
  },
  { name: 'what I may', kind: 'SelfSubjectAccessReview', spec: getPods, want: { allowed: true, reason } },
  {
    name: 'what jane may here',
    kind: 'LocalSubjectAccessReview',
    spec: { user: 'joe', ...getPods },
    want: { allowed: false },
  },
  {
    name: 'what jane may elsewhere',
    kind: 'LocalSubjectAccessReview',
    spec: { user: 'jane', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'y' } },
    want: '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "y": must match metadata.namespace',
  },
];

for (const { name, kind, spec, want } of questions)
  test(`${kind} about ${name}`, async () => {
    const request = kind.startsWith('Local') ? { namespace: 'x' } : {};
    const answer = await server().ask(kind, { spec, metadata: request }, request);
    assert.deepEqual(typeof answer === 'string' ? answer : answer.status, want);
  });

test('a user learns all his rules', async () => {
  const { status } = await server().ask('SelfSubjectRulesReview', { spec: { namespace: 'x' } });
  assert.deepEqual(status, {
    resourceRules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
    incomplete: false,
  });
});

const robot = { namespace: 'x', name: 'robot' };
const toPod = { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'web' } };
const fromAgent = (boundObjectRef: object | undefined, audiences?: string[]) => ({
  spec: { boundObjectRef, audiences },
  user: agent,
});

const refusals: {
  name: string;
  spec: object;
  metadata?: object;
  user?: UserInfo;
  account?: string;
  want: string;
}[] = [
  {
    name: 'of another name than its account',
    metadata: { name: 'x' },
    spec: {},
    want: 'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified',
  },
  {
    name: 'of an account of the past',
    metadata: { uid: 'u-old' },
    spec: {},
    want: 'Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token request (u-old) does not match the UID of the service account (u-robot)',
  },
  {
    name: 'too short',
    spec: { expirationSeconds: 10 },
    want: 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
  },
  { name: 'of nobody', account: 'none', spec: {}, want: 'serviceaccounts "none" not found' },
  {
    name: 'bound to what is not there',
    spec: { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 's' } },
    want: 'secrets "s" not found',
  },
  {
    name: 'bound to another kind',
    spec: { boundObjectRef: { kind: 'Deployment', apiVersion: 'apps/v1', name: 's' } },
    want: 'cannot bind token to object of type apps/v1, Kind=Deployment',
  },
  {
    name: 'bound to a pod of another account',
    spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'other' } },
    want: 'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
  },
  {
    name: 'bound to a pod of the past',
    spec: { boundObjectRef: { ...toPod.boundObjectRef, uid: 'u-old' } },
    want: 'Operation cannot be fulfilled on Pod "web": the UID in the bound object reference (u-old) does not match the UID in record. The object might have been deleted and then recreated',
  },
  {
    name: 'for an agent, bound to nothing',
    ...fromAgent(undefined),
    want: 'serviceaccounts "robot" is forbidden: node requested token not bound to a pod',
  },
  {
    name: 'for an agent, bound to a pod elsewhere',
    ...fromAgent({ kind: 'Pod', apiVersion: 'v1', name: 'other', uid: 'u-other' }),
    want: 'serviceaccounts "robot" is forbidden: node requested token bound to a pod scheduled on a different node',
  },
  {
    name: 'for an agent, for an audience that the pod does not want',
    ...fromAgent({ ...toPod.boundObjectRef, uid: 'u-web' }, ['vault']),
    want: 'serviceaccounts "robot" is forbidden: audience "vault" not found in pod spec volume, system:node:one is not authorized to request tokens for this audience',
  },
];

for (const { name, spec, metadata = {}, user = jane, account = 'robot', want } of refusals)
  test(`a token ${name} is refused`, async () =>
    assert.equal(await server().ask('TokenRequest', { metadata, spec }, { ...robot, name: account, user }), want));

test('a token request is answered with a token that a review knows', async () => {
  const { ask, context } = server();
  const answer = await ask('TokenRequest', { spec: toPod }, robot);
  assert.deepEqual(answer.spec, { ...toPod, expirationSeconds: 3600, audiences: ours });
  assert.equal(Date.parse(answer.status.expirationTimestamp), context.clock.now() + 3_600_000);
  const { token } = answer.status as { token: string };
  const { status } = await ask('TokenReview', { spec: { token } });
  assert.equal(status.authenticated, true);
  assert.equal(status.user.username, 'system:serviceaccount:x:robot');
  assert.deepEqual(status.audiences, ours);
  const elsewhere = await ask('TokenReview', { spec: { token, audiences: ['vault'] } });
  const list = ours.map((audience) => JSON.stringify(audience)).join(' ');
  const error = `[invalid bearer token, token audiences [${list}] is invalid for the target audiences ["vault"]]`;
  assert.deepEqual(elsewhere.status, { user: {}, error });
});

test('a pod that never asks for a new token is forgiven for a year', async () => {
  const { ask, tokens } = server();
  const answer = await ask('TokenRequest', { spec: { ...toPod, expirationSeconds: 3607 } }, robot);
  const payload = JSON.parse(Buffer.from(answer.status.token.split('.')[1], 'base64url').toString()) as any;
  assert.equal(payload.exp - payload.iat, 365 * 24 * 3600);
  assert.equal(payload['kubernetes.io'].warnafter - payload.iat, 3607);
  assert.ok(tokens.authenticate({ token: answer.status.token }));
});

test('an agent gets a token for its pod', async () => {
  const { ask } = server();
  const spec = { boundObjectRef: { ...toPod.boundObjectRef, uid: 'u-web' } };
  assert.ok((await ask('TokenRequest', { spec }, { ...robot, user: agent })).status.token);
});
