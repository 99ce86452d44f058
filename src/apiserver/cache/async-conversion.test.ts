import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStored } from '../../apimachinery/canonical-json.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { nextTurn } from '../../base/turn.ts';
import { AsyncConversion } from './async-conversion.ts';
import { CachedObject, type KindForm } from './cached-object.ts';

const prefix = '/registry/widgets/';

function objectOf(name: string, metadata: Partial<KubeObject['metadata']> = {}): CachedObject {
  return new CachedObject(prefix + name, prefix.length, encodeStored({ metadata: { name, ...metadata } }), 1, 1);
}

const nameOf = ({ metadata }: KubeObject) => metadata.name;

/** A conversion whose calls wait until the test lets them go on. */
function held() {
  const calls: { names: string[]; answer(): void; fail(error: Error): void }[] = [];
  const conversion = new AsyncConversion((stored) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly KubeObject[]>();
    calls.push({ names: stored.map(nameOf), answer: () => resolve(stored), fail: reject });
    return promise;
  });
  return { calls, conversion };
}

test('an object is asked for once, whoever needs it and however often', async () => {
  const { calls, conversion } = held();
  const [a, b] = [objectOf('a'), objectOf('b')];
  const first = conversion.ready([a, b, a]);
  const second = conversion.ready([b, a.under(7)]);
  calls[0]!.answer();
  await Promise.all([first, second]);
  assert.deepEqual(
    calls.map(({ names }) => names),
    [['a', 'b']],
  );
  assert.equal(conversion.ready([a, b]), undefined);
});

test('objects of many values are asked for one by one', async () => {
  const { calls, conversion } = held();
  const finalizers = Array.from({ length: 7000 }, (_, at) => `a/${at}`);
  const ready = conversion.ready(['a', 'b'].map((name) => objectOf(name, { finalizers })))!;
  calls[0]!.answer();
  while (calls.length < 2) await nextTurn();
  calls[1]!.answer();
  await ready;
  assert.deepEqual(
    calls.map(({ names }) => names),
    [['a'], ['b']],
  );
});

test('who waits for what another one has asked for does not fail with him', async () => {
  const { calls, conversion } = held();
  const [good, bad] = [objectOf('good'), objectOf('bad')];
  const both = conversion.ready([good, bad])!;
  const one = conversion.ready([good])!;
  calls[0]!.fail(new Error('bad cannot be converted'));
  await assert.rejects(both, /bad cannot/);
  await nextTurn();
  calls[1]!.answer();
  await one;
  assert.deepEqual(calls[1]!.names, ['good']);
});

test('who wants all that another one has asked for fails with him, and asks nothing', async () => {
  const { calls, conversion } = held();
  const [a, b] = [objectOf('a'), objectOf('b')];
  const waiting = Array.from({ length: 5 }, () => conversion.ready([a, b])!);
  const outcomes = Promise.allSettled(waiting);
  calls[0]!.fail(new Error('too late'));
  assert.deepEqual(new Set((await outcomes).map(({ status }) => status)), new Set(['rejected']));
  assert.equal(calls.length, 1);
});

test('who has waited for one question of others waits for no second one', async () => {
  const { calls, conversion } = held();
  const objects = ['a', 'b', 'c'].map((name) => objectOf(name));
  const all = conversion.ready(objects)!;
  const some = conversion.ready(objects.slice(0, 2))!;
  const one = conversion.ready(objects.slice(0, 1))!;
  calls[0]!.fail(new Error('the first hangs'));
  await assert.rejects(all, /the first hangs/);
  await nextTurn();
  calls[1]!.fail(new Error('the second hangs'));
  await assert.rejects(some, /the second hangs/);
  assert.deepEqual(
    calls.map(({ names }) => names.join()),
    ['a,b,c', 'a,b', 'a'],
  );
  calls[2]!.answer();
  await one;
});

test('what failed is asked for again when it is needed again, and can be read by nobody before', async () => {
  const { calls, conversion } = held();
  const object = objectOf('a');
  const failing = conversion.ready([object])!;
  calls[0]!.fail(new Error('not now'));
  await assert.rejects(failing, /not now/);
  assert.throws(
    () => conversion.bytesOf(object),
    /Cannot read "\/registry\/widgets\/a": it has not been converted yet/,
  );
  const again = conversion.ready([object])!;
  calls[1]!.answer();
  await again;
  assert.ok(conversion.bytesOf(object).length > 0);
});

test('an answer of another number of objects is none', async () => {
  const conversion = new AsyncConversion(async () => []);
  await assert.rejects(conversion.ready([objectOf('a')])!, /Cannot convert 1 objects: 0 came back/);
});

test('of the metadata a conversion changes labels and annotations only', async () => {
  const conversion = new AsyncConversion(async () => [
    { metadata: { name: 'other', uid: 'other', labels: { is: 'new' }, finalizers: ['mine'] } },
  ]);
  const form: KindForm = { kind: 'Widget', apiVersion: 'example.com/v2', conversion };
  const object = objectOf('a', { uid: 'u', labels: { is: 'old' }, annotations: { gone: 'yes' } });
  await conversion.ready([object]);
  assert.deepEqual(object.object(form), {
    kind: 'Widget',
    apiVersion: 'example.com/v2',
    metadata: { name: 'a', uid: 'u', labels: { is: 'new' }, resourceVersion: '1' },
  });
});

test('what fails at once, before it has answered anything, is asked for again too', async () => {
  let calls = 0;
  const conversion = new AsyncConversion((stored) => {
    if (++calls === 1) throw new Error('not even begun');
    return Promise.resolve(stored);
  });
  const object = objectOf('a');
  await assert.rejects(conversion.ready([object])!, /not even begun/);
  await conversion.ready([object]);
  assert.equal(calls, 2);
});
