import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../api/core/v1/types.ts';
import { pullCredentials } from './pull-credentials.ts';

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
/** A Secret with a user for each place, who is named for it. */
function secretOf(...places: string[]): Secret {
  const auths = Object.fromEntries(places.map((place) => [place, { username: `of ${place}`, password: 'p' }]));
  return {
    metadata: { name: 's' },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': encoded({ auths }) },
  };
}

for (const [what, repository, places, users] of [
  ['its registry', 'r.example.com/web', ['r.example.com', 'example.com', 'x.example.com'], ['r.example.com']],
  ['its port too', 'r.example.com:5000/web', ['r.example.com', 'r.example.com:5000'], ['r.example.com:5000']],
  ['a part of it first', 'r.io/team/web', ['r.io', 'r.io/team', 'r.io/other'], ['r.io/team', 'r.io']],
  [
    'a pattern',
    'a.example.com/web',
    ['*.example.com', 'b*.example.com', '?.example.com'],
    ['?.example.com', '*.example.com'],
  ],
  ['no pattern over dots', 'a.b.example.com/web', ['*.example.com'], []],
  ['the URL of a registry', 'r.io/web', ['https://r.io/v2/', 'http://r.io'], ['https://r.io/v2/', 'http://r.io']],
  [
    'Docker Hub by its old name',
    'docker.io/library/web',
    ['https://index.docker.io/v1/', 'r.io'],
    ['https://index.docker.io/v1/'],
  ],
  ['Docker Hub by its own name first', 'docker.io/team/web', ['index.docker.io', 'docker.io'], ['docker.io']],
  ['a pattern that takes long to fit', `${'a'.repeat(60)}.io/web`, [`${'*a'.repeat(30)}b.io`], []],
] as const)
  test(`credentials for an image: ${what}`, () => {
    const found = pullCredentials(repository, [secretOf(...places)]);
    assert.deepEqual(
      found.map(({ username }) => username),
      users.map((place) => `of ${place}`),
    );
  });

test('user and password may stand together, and in the older form of a Secret', () => {
  const auth = Buffer.from('me:se:cret').toString('base64');
  const older: Secret = {
    metadata: { name: 's' },
    type: 'kubernetes.io/dockercfg',
    data: { '.dockercfg': encoded({ 'r.io': { auth, username: 'other' } }) },
  };
  assert.deepEqual(pullCredentials('r.io/web', [older]), [{ username: 'me', password: 'se:cret' }]);
});

test('other Secrets, and what cannot be read, count for nothing', () => {
  const { data, ...rest } = secretOf('r.io');
  const broken = (value: string): Secret => ({ ...rest, data: { '.dockerconfigjson': value } });
  const secrets = [{ ...rest, data: data!, type: 'Opaque' }, rest, broken('e30='), broken('bnVsbA=='), broken('!')];
  assert.deepEqual(pullCredentials('r.io/web', secrets), []);
});

test('what a pod names many times is shown once', () => {
  const secrets = Array.from({ length: 5000 }, () => secretOf('r.io'));
  assert.deepEqual(pullCredentials('r.io/web', secrets), [{ username: 'of r.io', password: 'p' }]);
});
