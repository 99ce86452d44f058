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
  assert.equal(textOf(secret({ auth: 'a:{SHA}b\n'.repeat(10_001) })), 'it has more than 10000 users');
});

const [salt, sha512, bcrypt] = ['saltsalt', 'a'.repeat(86), 'a'.repeat(53)];
const cheap = [
  `$6$${salt}$${sha512}`,
  `$6$rounds=99999$${salt}$${sha512}`,
  `$5$${salt}$${'a'.repeat(43)}`,
  `$2y$12$${bcrypt}`,
  `$y$j9T$${salt}$${'a'.repeat(43)}`,
  '$1$x$y',
  'abcdefghijklm',
];
const costly = [
  `$6$rounds=999999999$${salt}$${sha512}`,
  `$5$rounds=100000$${salt}$${'a'.repeat(43)}`,
  `$2y$31$${bcrypt}`,
  `$2y$13$${bcrypt}`,
  `$y$jFT$${salt}$${'a'.repeat(43)}`,
  `$7$CU..../....${salt}$${'a'.repeat(43)}`,
  '_zzzzsaltabcdefghijk',
];
test('a user whose password takes long to check is none: nginx checks it while others wait', () => {
  const auth = [...cheap, ...costly].map((hash, at) => `u${at}:${hash}\n`).join('');
  assert.equal(textOf(secret({ auth })), cheap.map((hash, at) => `u${at}:${hash}\n`).join(''));
});
