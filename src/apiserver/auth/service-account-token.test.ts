import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { createLocalJWKSet, decodeJwt, jwtVerify, SignJWT } from 'jose';
import { isStatus } from '../../apimachinery/status.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { testContext } from '../testing/context.ts';
import type { UserInfo } from './auth.ts';
import { unionAuthenticator } from './authentication.ts';
import { newSigningKey } from './certificates.ts';
import { TokenKeys } from './json-web-token.ts';
import { ServiceAccountTokens, type TokenOrder } from './service-account-token.ts';

const signingKey = newSigningKey();
const keys = new TokenKeys([signingKey]);
const order: TokenOrder = {
  namespace: 'default',
  account: { name: 'robot', uid: 'u-robot' },
  audiences: ['https://kubernetes.default.svc.cluster.local'],
  lifetimeSeconds: 3600,
};
const pod = { name: 'web', uid: 'u-web' };
const unauthorized = (error: unknown) => isStatus(error, 'Unauthorized');

function object(kind: string, name: string, uid: string, more: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { kind, metadata: { name, uid, ...more, ...(kind === 'Node' ? {} : { namespace: 'default' }) } };
}

function setting(...objects: KubeObject[]) {
  const clock = new VirtualClock();
  const cluster = testContext({ clock, objects: [object('ServiceAccount', 'robot', 'u-robot'), ...objects] });
  return { clock, cluster, tokens: new ServiceAccountTokens(keys, cluster.context) };
}

test("a token opens the door for its account, with the account's groups", () => {
  const { tokens } = setting();
  const user = unionAuthenticator([tokens]).authenticate({ token: tokens.issue(order) }) as UserInfo;
  assert.equal(user.name, 'system:serviceaccount:default:robot');
  assert.equal(user.uid, 'u-robot');
  assert.deepEqual(user.groups, ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated']);
  assert.match(user.extra!['authentication.kubernetes.io/credential-id']![0]!, /^JTI=/);
});

test('another program can verify the token with the published keys', async () => {
  const { tokens, clock } = setting();
  const keySet = createLocalJWKSet(keys.keySet() as Parameters<typeof createLocalJWKSet>[0]);
  const { payload } = await jwtVerify(
    tokens.issue({ ...order, pod, node: { name: 'n', uid: 'u-n' }, warnAfterSeconds: 60 }),
    keySet,
    {
      issuer: 'https://kubernetes.default.svc.cluster.local',
      currentDate: new Date(clock.now()),
    },
  );
  assert.deepEqual(payload['kubernetes.io'], {
    namespace: 'default',
    node: { name: 'n', uid: 'u-n' },
    pod,
    serviceaccount: order.account,
    warnafter: payload.iat! + 60,
  });
  assert.equal(payload.exp! - payload.iat!, 3600);
  assert.equal(payload.sub, 'system:serviceaccount:default:robot');
});

test('a token bound to a pod tells where it is used', () => {
  const { tokens } = setting(object('Pod', 'web', 'u-web'));
  const { extra } = tokens.authenticate({ token: tokens.issue({ ...order, pod, node: { name: 'n', uid: 'u-n' } }) })!;
  assert.deepEqual(extra!['authentication.kubernetes.io/pod-name'], ['web']);
  assert.deepEqual(extra!['authentication.kubernetes.io/pod-uid'], ['u-web']);
  assert.deepEqual(extra!['authentication.kubernetes.io/node-name'], ['n']);
  assert.deepEqual(extra!['authentication.kubernetes.io/node-uid'], ['u-n']);
});

test('a token dies', async (t) => {
  const rows: [string, (s: ReturnType<typeof setting>) => void | Promise<void>, Partial<TokenOrder>?][] = [
    ['when its time is over', ({ clock }) => clock.advance(3_600_000)],
    ['with its account', ({ cluster }) => cluster.remove('ServiceAccount', 'default/robot')],
    ['when another account has the name', ({ cluster }) => cluster.put(object('ServiceAccount', 'robot', 'u-other'))],
    ['with its pod', ({ cluster }) => cluster.remove('Pod', 'default/web'), { pod }],
    ['when another pod has the name', ({ cluster }) => cluster.put(object('Pod', 'web', 'u-2')), { pod }],
    ['with its secret', ({ cluster }) => cluster.remove('Secret', 'default/s'), { secret: { name: 's', uid: 'u-s' } }],
    ['with its node', ({ cluster }) => cluster.remove('Node', 'n'), { node: { name: 'n', uid: 'u-n' } }],
    [
      'a minute after its pod should have ended',
      async ({ cluster, clock }) => {
        const deletionTimestamp = new Date(clock.now()).toISOString();
        cluster.put(object('Pod', 'web', 'u-web', { deletionTimestamp }));
        await clock.advance(61_000);
      },
      { pod },
    ],
  ];
  for (const [name, happens, more] of rows)
    await t.test(name, async () => {
      const all = setting(object('Pod', 'web', 'u-web'), object('Secret', 's', 'u-s'), object('Node', 'n', 'u-n'));
      const token = all.tokens.issue({ ...order, ...more });
      assert.ok(all.tokens.authenticate({ token }));
      await happens(all);
      assert.throws(() => all.tokens.authenticate({ token }), unauthorized);
    });
});

test('a token outlives its node when it is bound to a pod, and its pod for a moment', () => {
  const { tokens, cluster, clock } = setting(object('Pod', 'web', 'u-web'), object('Node', 'n', 'u-n'));
  const token = tokens.issue({ ...order, pod, node: { name: 'n', uid: 'u-n' } });
  cluster.remove('Node', 'n');
  cluster.put(object('Pod', 'web', 'u-web', { deletionTimestamp: new Date(clock.now()).toISOString() }));
  assert.ok(tokens.authenticate({ token }));
});

test('what is not a token of this cluster opens nothing', async (t) => {
  const { tokens, clock } = setting();
  const good = tokens.issue(order);
  const [header, , signature] = good.split('.') as [string, string, string];
  const forged = Buffer.from(JSON.stringify({ ...decodeJwt(good), sub: 'x' })).toString('base64url');
  const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  const publicPem = createPublicKey(signingKey).export({ type: 'spki', format: 'pem' }) as string;
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  const rows: Record<string, string> = {
    nonsense: 'nonsense',
    'with changed claims': `${header}.${forged}.${signature}`,
    'without a signature': `${unsigned}.${good.split('.')[1]}.`,
    'signed by another key': new ServiceAccountTokens(
      new TokenKeys([newSigningKey()]),
      setting().cluster.context,
    ).issue(order),
    'signed with the public key as a shared secret': await new SignJWT(decodeJwt(good))
      .setProtectedHeader({ alg: 'HS256', kid })
      .sign(new TextEncoder().encode(publicPem)),
    'of another issuer': keys.sign({ ...decodeJwt(good), iss: 'https://elsewhere' }),
    'for another audience': tokens.issue({ ...order, audiences: ['vault'] }),
    'not valid yet': keys.sign({ ...decodeJwt(good), nbf: clock.now() / 1000 + 120 }),
    'without an end': keys.sign({ ...decodeJwt(good), exp: undefined }),
  };
  for (const [name, token] of Object.entries(rows))
    await t.test(name, () => assert.throws(() => unionAuthenticator([tokens]).authenticate({ token }), unauthorized));
});

test('a token of the key before is still good', () => {
  const { tokens, cluster } = setting();
  const token = tokens.issue(order);
  assert.ok(
    new ServiceAccountTokens(new TokenKeys([newSigningKey(), signingKey]), cluster.context).authenticate({ token }),
  );
});

test('without credentials a request is anonymous', () => {
  const { tokens } = setting();
  assert.deepEqual(unionAuthenticator([tokens]).authenticate({}), {
    name: 'system:anonymous',
    groups: ['system:unauthenticated'],
  });
});

test('an authenticator that answers later is waited for', async () => {
  const { tokens } = setting();
  const later = { authenticate: async () => undefined };
  const user = await unionAuthenticator([later, tokens]).authenticate({ token: tokens.issue(order) });
  assert.equal(user!.name, 'system:serviceaccount:default:robot');
});

test('a token has one text: nothing can be added to it or changed in what means nothing', () => {
  const { tokens } = setting();
  const token = tokens.issue(order);
  const last = token.at(-1)!;
  const next = String.fromCharCode(last.charCodeAt(0) + 1);
  for (const text of [
    `${token}=`,
    `${token}!!`,
    `${token} `,
    `${token}\u00e9`,
    `${token.slice(0, -4)}#${token.slice(-4)}`,
    token.slice(0, -1) + next,
    `${token}.`,
  ])
    assert.equal(tokens.read(text, order.audiences), undefined, text);
  assert.equal(tokens.read(token, order.audiences)?.good, true);
});
