import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JwtConfiguration } from '../../configuration/jwt-configuration.ts';
import { claimExpressions } from './claim-expressions.ts';
import { userOfClaims } from './user-of-claims.ts';

/** The user, or why there is none. */
function userOf(claims: Record<string, unknown>, more: Partial<JwtConfiguration>): unknown {
  const config = {
    issuer: { url: 'https://issuer', audiences: ['a'] },
    claimMappings: { username: { claim: 'sub', prefix: 'x:' }, groups: { claim: 'roles', prefix: 'g:' } },
    ...more,
  } as JwtConfiguration;
  try {
    return userOfClaims(claims, config, claimExpressions(config, 'jwt', []));
  } catch (error) {
    return (error as Error).message;
  }
}

const byEmail = { claimMappings: { username: { claim: 'email', prefix: '' } } } as Partial<JwtConfiguration>;
const byExpression = { claimMappings: { username: { expression: 'claims.name' } } } as Partial<JwtConfiguration>;

const rows: readonly (readonly [
  what: string,
  claims: Record<string, unknown>,
  more: Partial<JwtConfiguration>,
  want: unknown,
])[] = [
  [
    'a name and groups with their prefixes',
    { sub: 'a', roles: ['b', 'c'] },
    {},
    { name: 'x:a', groups: ['g:b', 'g:c'] },
  ],
  ['one group as a text', { sub: 'a', roles: 'b' }, {}, { name: 'x:a', groups: ['g:b'] }],
  ['no groups', { sub: 'a' }, {}, { name: 'x:a', groups: [] }],
  [
    'groups that are no texts',
    { sub: 'a', roles: [1] },
    {},
    'oidc: parse groups claim "roles": it is no text and no list of texts',
  ],
  ['an address that is verified', { email: 'a@b', email_verified: true }, byEmail, { name: 'a@b', groups: [] }],
  ['an address that is not', { email: 'a@b', email_verified: false }, byEmail, 'oidc: email not verified'],
  ['a name by an expression', { name: 'n' }, byExpression, { name: 'n', groups: [] }],
  [
    'an empty name by an expression',
    { name: '' },
    byExpression,
    'oidc: empty username via CEL expression is not allowed',
  ],
  [
    'a number by an expression',
    { name: 1 },
    byExpression,
    'oidc: error evaluating username claim expression: username claim expression must return a string',
  ],
];
for (const [what, claims, more, want] of rows)
  test(`claims with ${what}`, () => assert.deepEqual(userOf(claims, more), want));
