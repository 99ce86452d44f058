import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReview } from './review.ts';

const patch = Buffer.from('[{"op":"remove","path":"/a"}]').toString('base64');
const answer = (response: object | undefined, review: object = {}) =>
  JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response, ...review });

const refusals: readonly [name: string, text: string, mayPatch: boolean, message: RegExp][] = [
  ['no JSON', 'hello', true, /^couldn't get version\/kind; json parse error: /],
  ['no response', answer(undefined), true, /^webhook response was absent$/],
  ['the answer to something else', answer({ uid: 'x' }), true, /^expected response\.uid="one", got "x"$/],
  ['another kind', answer({ uid: 'one' }, { kind: 'Foo' }), true, /got admission\.k8s\.io\/v1, Kind=Foo$/],
  ['a patch where none may be', answer({ uid: 'one', patch }), false, /may not return response\.patch$/],
  ['a patch without its type', answer({ uid: 'one', patch }), true, /response\.patch but not response\.patchType$/],
  [
    'a type without a patch',
    answer({ uid: 'one', patchType: 'JSONPatch' }),
    true,
    /patchType but not response\.patch$/,
  ],
  [
    'a patch of another type',
    answer({ uid: 'one', patch, patchType: 'X' }),
    true,
    /invalid response\.patchType of "X"$/,
  ],
];
for (const [name, text, mayPatch, message] of refusals)
  test(`the review of a webhook is refused: ${name}`, () =>
    assert.throws(() => readReview(text, 'v1', 'one', mayPatch), { message }));

test('the review of a webhook says what it allows, changes and warns of', () => {
  const response = {
    uid: 'one',
    allowed: true,
    patch,
    patchType: 'JSONPatch',
    warnings: ['old'],
    auditAnnotations: { a: 1 },
  };
  assert.deepEqual(readReview(answer(response), 'v1', 'one', true), {
    allowed: true,
    patch: [{ op: 'remove', path: '/a' }],
    warnings: ['old'],
    auditAnnotations: { a: '1' },
  });
});
