import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUsers } from './users.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');
const secret = (data: Record<string, string>) => ({
  metadata: { name: 'users' },
  data: Object.fromEntries(Object.entries(data).map(([name, text]) => [name, encode(text)])),
});
const textOf = (...given: Parameters<typeof readUsers>) => {
  const reading = readUsers(...given);
  return reading.ok ? reading.text : reading.why;
};

test('users come from a file of htpasswd, or from a member for each', () => {
  const auth = '# ours\nann:$apr1$x$y\n\nbob:{SHA}abc=\nno hash\nevil\x00:x\n';
  assert.equal(textOf(secret({ auth })), 'ann:$apr1$x$y\nbob:{SHA}abc=\n');
  assert.equal(textOf(secret({ ann: '$apr1$x$y\n', bob: '{SHA}abc=' }), 'auth-map'), 'ann:$apr1$x$y\nbob:{SHA}abc=\n');
});

test('a Secret without users says so', () => {
  assert.equal(textOf(secret({ users: 'ann:x' })), 'its "auth" holds no users');
  assert.equal(textOf(secret({ ann: 'x y' }), 'auth-map'), 'it has no member with the hash of a password');
  assert.equal(textOf(secret({ auth: 'a:b\n'.repeat(10_001) })), 'it has more than 10000 users');
});
