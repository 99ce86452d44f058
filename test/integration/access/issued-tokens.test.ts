import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AccessTallies } from '../../../src/apiserver/auth/access-tallies.ts';
import { JwtReader } from '../../../src/apiserver/auth/jwt/jwt-reader.ts';
import type { JwtConfiguration } from '../../../src/apiserver/configuration/jwt-configuration.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import { startTokenIssuer, type TokenIssuer } from '../../kit/token-issuer.ts';

let issuer: TokenIssuer;
let api: HttpsApi;
const inAnHour = Math.floor(Date.parse('2100-01-01T00:00:00Z') / 1000);
const claims = { sub: 'ann', aud: ['cluster'], exp: inAnHour };

before(async () => {
  issuer = await startTokenIssuer();
  const jwt: JwtConfiguration = {
    issuer: { url: issuer.url, certificateAuthority: issuer.authority, audiences: ['cluster'] },
    claimMappings: {
      username: { claim: 'sub', prefix: 'oidc:' },
      groups: { expression: 'claims.?roles.orValue([])' },
      uid: { claim: 'sub' },
      extra: [{ key: 'example.com/team', valueExpression: "claims.?team.orValue('')" }],
    },
    claimValidationRules: [{ expression: "!('blocked' in claims)", message: 'blocked' }],
    userValidationRules: [{ expression: "!user.username.startsWith('oidc:system:')" }],
  };
  api = await startHttpsApi({ configuration: { authentication: { jwt: [jwt] } } });
});
after(async () => {
  await api[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

async function whoIs(token: string): Promise<unknown> {
  const { code, body } = await api.ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    who: null,
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
  return code === 201 ? body.status.userInfo : code;
}

test('a token of the issuer is its holder, as the claims are mapped', async () => {
  assert.deepEqual(await whoIs(issuer.token({ ...claims, roles: ['dev', ''], team: 'red', jti: 'j1' })), {
    username: 'oidc:ann',
    uid: 'ann',
    groups: ['dev', 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': ['JTI=j1'], 'example.com/team': ['red'] },
  });
  assert.deepEqual(issuer.asked, ['/.well-known/openid-configuration', '/keys']);
});

const refusals: readonly (readonly [what: string, changed: Readonly<Record<string, unknown>>])[] = [
  ['for others', { aud: 'others' }],
  ['for nobody', { aud: undefined }],
  ['that is over', { exp: 1 }],
  ['without an end', { exp: undefined }],
  ['that begins later', { nbf: inAnHour }],
  ['of another issuer', { iss: 'https://other' }],
  ['without a user', { sub: undefined }],
  ['against a rule about claims', { blocked: 1 }],
  ['against a rule about users', { sub: 'system:admin' }],
];
for (const [what, changed] of refusals)
  test(`a token is refused ${what}`, async () =>
    assert.equal(await whoIs(issuer.token({ ...claims, ...changed })), 401));

test('a token is refused whose text was changed', async () => {
  const [head, , tail] = issuer.token(claims).split('.');
  const [, other] = issuer.token({ ...claims, sub: 'root' }).split('.');
  assert.equal(await whoIs(`${head}.${other}.${tail}`), 401);
});

test('TokenReview says why a token is bad, and for whom a good one is', async () => {
  const review = async (token: string, audiences?: string[]) =>
    (
      await api.ask('/apis/authentication.k8s.io/v1/tokenreviews', {
        method: 'POST',
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } },
      })
    ).body.status;
  const good = await review(issuer.token(claims));
  assert.deepEqual([good.authenticated, good.audiences], [true, ['https://issuer']]);
  assert.deepEqual(await review(issuer.token(claims), ['others']), { user: {}, error: 'invalid bearer token' });
  assert.deepEqual(await review(issuer.token({ ...claims, exp: 1 })), {
    user: {},
    error: '[invalid bearer token, oidc: verify token: oidc: token is expired]',
  });
});

test('a key that is new is asked for once, and made-up ones do not make the issuer be asked again and again', async () => {
  const clock = new VirtualClock();
  const config: JwtConfiguration = {
    issuer: { url: issuer.url, certificateAuthority: issuer.authority, audiences: ['cluster'] },
    claimMappings: { username: { claim: 'sub', prefix: '' } },
  };
  const tallies = new AccessTallies();
  const tally = tallies.issuer(config.issuer.url);
  const { tokenCache } = tallies;
  using reader = new JwtReader(config, clock, tally, tokenCache);
  const from = issuer.asked.length;
  assert.ok('user' in (await reader.read(issuer.token(claims)))!);
  issuer.rotate();
  const [first, second] = [issuer.token(claims), issuer.token({ ...claims, sub: 'bob' })];
  assert.deepEqual(await reader.read(first), {
    why: 'oidc: verify token: failed to verify signature: fetching keys: no key of the issuer has signed it',
  });
  await clock.advance(2000);
  const both = await Promise.all([reader.read(first), reader.read(second)]);
  assert.ok(both.every((one) => one !== undefined && 'user' in one));
  assert.deepEqual(issuer.asked.slice(from), ['/.well-known/openid-configuration', '/keys', '/keys']);
  assert.deepEqual([tally.took.success.count, tally.took.failure.count], [3, 1]);
  assert.deepEqual(tokenCache.fetched, { ok: 3, error: 1 });
  await reader.read(first);
  assert.deepEqual([tokenCache.hits.count, tokenCache.misses.count, tokenCache.inFlight], [1, 4, 0]);
  assert.equal(tally.fetchedAt.success, clock.now() / 1000);
  assert.match(tally.keySet!, /^sha256:[0-9a-f]{64}$/);
});
