import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeContinue, encodeContinue } from './continue-token.ts';

const tokenOf = (text: string) => Buffer.from(text).toString('base64url');

test('a token says what it was made of, whatever letters a key has', () => {
  const place = { revision: 7, start: 'default/ä\0' };
  assert.deepEqual(decodeContinue(encodeContinue(place)), place);
});

const refusals: readonly (readonly [token: string, why: string])[] = [
  ['!', 'illegal base64 data at input byte 0'],
  ['e30=', 'illegal base64 data at input byte 3'],
  ['e30ab', 'illegal base64 data at input byte 4'],
  ['zz', "invalid character 'Ï' looking for beginning of value"],
  [tokenOf('{'), 'unexpected end of JSON input'],
  [tokenOf('[]'), 'json: cannot unmarshal array into Go value of type storage.continueToken'],
  [tokenOf('7'), 'json: cannot unmarshal number into Go value of type storage.continueToken'],
  [tokenOf('null'), 'server does not recognize this encoded version '],
  [tokenOf('{"v":"v2"}'), 'server does not recognize this encoded version v2'],
  [tokenOf('{"v":"v2","rv":"1"}'), 'json: cannot unmarshal string into Go struct field continueToken.rv of type int64'],
  [
    tokenOf('{"v":"v2","rv":1.5}'),
    'json: cannot unmarshal number 1.5 into Go struct field continueToken.rv of type int64',
  ],
  [tokenOf('{"v":"meta.k8s.io/v1"}'), 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
  [tokenOf('{"v":"meta.k8s.io/v1","rv":1}'), 'encoded start key empty (version meta.k8s.io/v1)'],
  [tokenOf('{"v":"meta.k8s.io/v1","rv":1,"start":"a/../b"}'), 'a/../b'],
];

for (const [token, why] of refusals)
  test(`the token ${JSON.stringify(token)} is refused in Go's words`, () => {
    assert.throws(() => decodeContinue(token), {
      message: `invalid continue token: continue key is not valid: ${why}`,
    });
  });
