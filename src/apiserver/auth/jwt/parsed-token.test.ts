import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsedToken } from './parsed-token.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const head = part({ alg: 'RS256', kid: 'k' });
const claims = part({ sub: 'a' });

test('a token is taken apart without a look at what it says', () => {
  assert.deepEqual(parsedToken(`${head}.${claims}.AQ`), {
    algorithm: 'RS256',
    keyId: 'k',
    claims: { sub: 'a' },
    signed: `${head}.${claims}`,
    signature: Buffer.from([1]),
  });
});

const rows: readonly (readonly [what: string, token: string])[] = [
  ['two parts', `${head}.${claims}`],
  ['four parts', `${head}.${claims}.AQ.AQ`],
  ['a header that is no object', `${part([])}.${claims}.AQ`],
  ['a header that is no JSON', `AQ.${claims}.AQ`],
  ['claims that are null', `${head}.${part(null)}.AQ`],
  ['no algorithm', `${part({})}.${claims}.AQ`],
  ['a key that is named by a number', `${part({ alg: 'RS256', kid: 1 })}.${claims}.AQ`],
  ['something critical', `${part({ alg: 'RS256', crit: [] })}.${claims}.AQ`],
  ['a signature with bits that mean nothing', `${head}.${claims}.AR`],
  ['a signature with padding', `${head}.${claims}.AQ==`],
];
for (const [what, token] of rows)
  test(`what has ${what} is no token`, () => assert.equal(parsedToken(token), undefined));
