import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAuthority, issueCertificate, type KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const sources = { clock: systemClock, random: systemRandom };
let api: HttpsApi;
let proxy: KeyAndCertificate;
let other: KeyAndCertificate;

before(async () => {
  const authority = await createAuthority({ commonName: 'proxies', days: 1 }, sources);
  const issue = (commonName: string) => issueCertificate(authority, { commonName, usage: 'client', days: 1 }, sources);
  [proxy, other] = [await issue('front-proxy'), await issue('another')];
  const requestHeader = {
    // Two in one text, as where an authority is replaced.
    clientCA: `${(await createAuthority({ commonName: 'before', days: 1 }, sources)).certificate}${authority.certificate}`,
    allowedNames: ['front-proxy'],
    usernameHeaders: ['X-Remote-User', 'X-Old-User'],
    uidHeaders: ['X-Remote-Uid'],
    groupHeaders: ['X-Remote-Group'],
    extraHeadersPrefix: ['X-Remote-Extra-'],
  };
  api = await startHttpsApi({ configuration: { authenticationOptions: { requestHeader } } });
});
after(() => api[Symbol.asyncDispose]());

async function who(identity: KeyAndCertificate | null, headers: Readonly<Record<string, string | string[]>>) {
  // Bytes, because Node sends headers in the encoding of a text that follows them.
  const body = Buffer.from(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }));
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const answer = await api.ask(path, { who: identity, method: 'POST', headers, body });
  return answer.code === 201 ? answer.body.status.userInfo : answer.code;
}

test('a proxy asks for whom its headers say', async () => {
  const headers = {
    'x-remote-user': Buffer.from('jürgen').toString('latin1'),
    'x-remote-uid': '7',
    'x-remote-group': ['devs', 'ops', ''],
    'x-remote-extra-example.com%2Ffloor': ['3', '4'],
  };
  assert.deepEqual(await who(proxy, headers), {
    username: 'jürgen',
    uid: '7',
    groups: ['devs', 'ops', 'system:authenticated'],
    extra: { 'example.com/floor': ['3', '4'] },
  });
});

test('requests of one connection are for those of their own headers', async () => {
  const names = [];
  for (const name of ['ann', 'bob', 'ann']) names.push((await who(proxy, { 'x-old-user': name })).username);
  assert.deepEqual(names, ['ann', 'bob', 'ann']);
});

test('a proxy that names nobody is nobody, and so is one that is not allowed', async () => {
  assert.equal(await who(proxy, { 'x-remote-group': 'system:masters' }), 401);
  assert.equal(await who(other, { 'x-remote-user': 'ann' }), 401);
});

test('the headers say nothing where no proxy shows its certificate', async () => {
  const headers = { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' };
  const jane = await api.identity('jane');
  assert.equal((await who(jane, headers)).username, 'jane');
  assert.equal((await api.ask('/api/v1/pods', { who: null, headers })).code, 403);
});

test('for whom a proxy asks may act as another', async () => {
  const headers = { 'x-remote-user': 'root', 'x-remote-group': 'system:masters', 'impersonate-user': 'ann' };
  assert.equal((await who(proxy, headers)).username, 'ann');
});
