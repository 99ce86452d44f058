import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../apimachinery/object.ts';
import { answeredObjects, ConversionError, conversionReview, type ConversionQuestion } from './conversion-review.ts';

// The messages are those of kube-apiserver 1.36.3, which was asked with the same answers.

const asked = (name: string, more: Partial<KubeObject['metadata']> = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, generation: 3, ...more },
  spec: { size: 3 },
});
const question = (objects: KubeObject[] = [asked('a')], version: 'v1' | 'v1beta1' = 'v1'): ConversionQuestion => ({
  version,
  uid: 'one',
  objects,
  apiVersion: 'example.com/v2',
});
const made = (name: string, metadata: object = {}) => ({
  ...asked(name),
  apiVersion: 'example.com/v2',
  metadata: { ...asked(name).metadata, ...metadata },
});
const answer = (convertedObjects: unknown, response: object = {}, review: object = {}) =>
  JSON.stringify({
    kind: 'ConversionReview',
    apiVersion: 'apiextensions.k8s.io/v1',
    response: { uid: 'one', convertedObjects, result: { status: 'Success' }, ...response },
    ...review,
  });

const one = 'conversion webhook for example.com/v1, Kind=Thing';
const noType =
  'type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

const call = 'conversion_webhook_call_failure';
const malformed = 'conversion_webhook_malformed_response_failure';
const partial = 'conversion_webhook_partial_response_failure';
const object = 'conversion_webhook_invalid_converted_object_failure';

const refusals: readonly [name: string, text: string, failure: string, message: string][] = [
  [
    'garbage',
    'hello',
    call,
    `${one} failed: couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of ${noType}`,
  ],
  [
    'a list',
    '[1]',
    call,
    `${one} failed: couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of ${noType}`,
  ],
  [
    'half of an answer',
    answer([]).slice(0, 40),
    call,
    `${one} failed: couldn't get version/kind; json parse error: unexpected end of JSON input`,
  ],
  [
    'no kind',
    answer([], {}, { kind: undefined }),
    malformed,
    `${one} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got apiextensions.k8s.io/v1, Kind=`,
  ],
  [
    'no apiVersion',
    answer([], {}, { apiVersion: undefined }),
    malformed,
    `${one} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=ConversionReview`,
  ],
  [
    'another kind',
    answer([], {}, { kind: 'Foo' }),
    call,
    `${one} failed: no kind "Foo" is registered for version "apiextensions.k8s.io/v1" in scheme "pkg/runtime/scheme.go:111"`,
  ],
  ['no response', answer([], {}, { response: null }), malformed, `${one} failed: no response provided`],
  [
    'the answer to something else',
    answer([], { uid: 'x' }),
    malformed,
    `${one} failed: expected response.uid="one", got "x"`,
  ],
  [
    'a refusal',
    answer([], { result: { status: 'Failure', message: 'I will not' } }),
    malformed,
    `${one} failed: I will not`,
  ],
  [
    'no result',
    answer([], { result: undefined }),
    malformed,
    `${one} failed: response.result.status was '', not 'Success'`,
  ],
  [
    'objects that are no list',
    answer({ a: 1 }),
    call,
    `${one} failed: json: cannot unmarshal object into Go struct field ConversionResponse.response.convertedObjects of type []runtime.RawExtension`,
  ],
  ['too few', answer([]), partial, `${one} returned 0 objects, expected 1`],
  ['too many', answer([made('a'), made('a')]), partial, `${one} returned 2 objects, expected 1`],
  ['null', answer([null]), object, 'unexpected end of JSON input'],
  ['a text', answer(['x']), object, 'json: cannot unmarshal string into Go value of type map[string]interface {}'],
  [
    'another version',
    answer([{ ...made('a'), apiVersion: 'example.com/v3' }]),
    object,
    `${one} returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v3)`,
  ],
  [
    'an object of another kind',
    answer([{ ...made('a'), kind: 'Other' }]),
    object,
    `${one} returned invalid object at index 0: invalid kind (expected Thing, received Other)`,
  ],
  [
    'another name',
    answer([made('a', { name: 'other' })]),
    object,
    `${one} returned invalid object: must have the same name: a != other`,
  ],
  [
    'another namespace',
    answer([made('a', { namespace: 'other' })]),
    object,
    `${one} returned invalid object: must have the same namespace: default != other`,
  ],
  [
    'another uid',
    answer([made('a', { uid: 'other' })]),
    object,
    `${one} returned invalid object: must have the same UID: uid-a != other`,
  ],
  [
    'no metadata',
    answer([{ ...made('a'), metadata: undefined }]),
    object,
    `${one} returned invalid object: must have the same name: a != `,
  ],
  [
    'labels that are none',
    answer([made('a', { labels: 'x' })]),
    object,
    `${one} returned invalid metadata: invalid metadata.labels of type string in converted object`,
  ],
  [
    'a label that is a number',
    answer([made('a', { labels: { a: 1 } })]),
    object,
    `${one} returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object`,
  ],
];

describe('the answer of a conversion webhook', () => {
  for (const [name, text, failure, message] of refusals)
    test(`is refused: ${name}`, () => {
      assert.throws(() => answeredObjects(text, question()), { name: 'ConversionError', message, failure });
    });

  test('is refused for labels that nobody may have, once for each complaint', () => {
    const text = answer([made('a', { labels: { '-a': 'b c' } })]);
    assert.throws(
      () => answeredObjects(text, question()),
      (error) =>
        error instanceof ConversionError &&
        error.message.startsWith(`${one} returned invalid metadata: [metadata.labels: Invalid value: "-a": name part`),
    );
  });

  test('names the object of several that is wrong', () => {
    const text = answer([made('a'), made('c')]);
    assert.throws(() => answeredObjects(text, question([asked('a'), asked('b')])), {
      message: `${one} returned invalid converted object at index 1: must have the same name: b != c`,
    });
  });

  test('changes labels and annotations, and no other metadata', () => {
    const before = asked('a', { labels: { is: 'old' }, annotations: { gone: 'yes' }, finalizers: ['a.b/c'] });
    const text = answer([made('a', { labels: { is: 'new' }, generation: 77, finalizers: [] })]);
    const [after] = answeredObjects(text, question([before]));
    assert.deepEqual(after!.metadata, {
      name: 'a',
      namespace: 'default',
      uid: 'uid-a',
      generation: 3,
      finalizers: ['a.b/c'],
      labels: { is: 'new' },
    });
  });

  test('keeps numbers as they were written', () => {
    const text = answer([made('a')]).replace('"size":3', '"size":12345678901234567890');
    assert.match(JSON.stringify(answeredObjects(text, question())), /"size":12345678901234567890/);
  });

  test('need not say what it answers in v1beta1', () => {
    const beta = question([asked('a')], 'v1beta1');
    const text = answer([made('a')], { uid: undefined }, { kind: undefined, apiVersion: undefined });
    assert.deepEqual(answeredObjects(text, beta), [made('a')]);
    assert.deepEqual(conversionReview(beta), {
      kind: 'ConversionReview',
      apiVersion: 'apiextensions.k8s.io/v1beta1',
      request: { uid: 'one', desiredAPIVersion: 'example.com/v2', objects: [asked('a')] },
    });
  });
});
