import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import { startReviewServer, type TestReviewServer } from '../../kit/review-server.ts';

let reviews: TestReviewServer;
let api: HttpsApi;
const file = '/kubeconfig';

const ann = { username: 'ann', uid: '7', groups: ['devs'], extra: { 'example.com/floor': ['3'] } };

/** Knows the tokens of ann; others break it, or are no tokens. */
function status({ token }: Record<string, any>): object | number {
  switch (token) {
    case 'of-ann':
      return { authenticated: true, user: ann };
    case 'of-ann-for-others':
      return { authenticated: true, user: ann, audiences: ['others'] };
    case 'without-a-user':
      return { authenticated: true, user: { username: 7 } };
    case 'over':
      return { authenticated: false, error: 'that was yesterday' };
    case 'breaks':
      return 404;
    default:
      return { authenticated: false };
  }
}

before(async () => {
  reviews = await startReviewServer(status);
  api = await startHttpsApi({
    configuration: { authenticationOptions: { tokenWebhook: { configFile: file, version: 'v1', cacheTTL: '2m0s' } } },
    reviewServers: new Map([[file, reviews.server]]),
  });
});
after(async () => {
  await api[Symbol.asyncDispose]();
  await reviews[Symbol.asyncDispose]();
});

async function who(token: string) {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const answer = await api.ask(path, {
    who: null,
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
  });
  return answer.code === 201 ? answer.body.status.userInfo : answer.code;
}

async function review(token: string, audiences?: readonly string[]) {
  const spec = { token, ...(audiences && { audiences }) };
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
  const { body: made } = await api.ask('/apis/authentication.k8s.io/v1/tokenreviews', { method: 'POST', body });
  return made.status;
}

test('a user is whom the webhook says, and it is asked once for a token', async () => {
  const user = { ...ann, groups: ['devs', 'system:authenticated'] };
  assert.deepEqual(await who('of-ann'), user);
  assert.deepEqual(await who('of-ann'), user);
  assert.deepEqual(reviews.asked, [{ token: 'of-ann', audiences: ['https://issuer'] }]);
});

test('a token that the webhook does not know is refused, and remembered', async () => {
  const before = reviews.asked.length;
  assert.deepEqual([await who('unknown'), await who('unknown')], [401, 401]);
  assert.equal(reviews.asked.length, before + 1);
});

test('what goes wrong is asked again', async () => {
  const before = reviews.asked.length;
  for (const token of ['breaks', 'over', 'without-a-user'])
    assert.deepEqual([await who(token), await who(token)], [401, 401]);
  assert.equal(reviews.asked.length, before + 6);
});

test('the same token at the same time is one question', async () => {
  const before = reviews.asked.length;
  assert.deepEqual(await Promise.all([who('another'), who('another'), who('another')]), [401, 401, 401]);
  assert.equal(reviews.asked.length, before + 1);
});

test('a token for others is none for this server', async () => {
  assert.equal(await who('of-ann-for-others'), 401);
  const { authenticated, audiences } = await review('of-ann-for-others', ['others', 'more']);
  assert.deepEqual([authenticated, audiences], [true, ['others']]);
  // A webhook that says nothing of audiences means those of the server.
  assert.equal((await review('of-ann', ['others'])).authenticated, undefined);
});

test('reviews say why', async () => {
  assert.equal((await review('over')).error, '[invalid bearer token, that was yesterday]');
  assert.equal((await review('breaks')).error, '[invalid bearer token, the server answered with status 404]');
});

test('who asks is counted, by sort of user', async () => {
  const linesOf = async () => {
    const { text } = await api.ask('/metrics');
    return (name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1] ?? 0,
      );
  };
  const before = await linesOf();
  await who('of-ann');
  await who('over');
  const now = await linesOf();
  const grown = (name: string) => now(name) - before(name);
  assert.equal(grown('authentication_attempts{result="error"}'), 1);
  assert.equal(grown('authentication_duration_seconds_count{result="error"}'), 1);
  // That of ann, and the one that reads this.
  assert.equal(grown('authentication_attempts{result="success"}'), 2);
  assert.equal(grown('authenticated_user_requests{username="other"}'), 1);
  assert.equal(grown('authenticated_user_requests{username="admin"}'), 1);
});
