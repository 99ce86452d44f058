import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/apimachinery/object.ts';
import type { WatchEvent } from '../../../src/apimachinery/request.ts';
import { nextTurn } from '../../../src/base/turn.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import { asyncWidgets, type ConvertLater, type OldWidget } from '../../kit/widgets.ts';

/** Versions of a kind that somebody else makes, who is slow, fails, or never answers: what that costs, and whom. */

const oldCollection = '/apis/example.com/v1beta1/namespaces/default/widgets';

async function serve(convert: ConvertLater) {
  const api = await startHttpsApi();
  const { kind, v1, v1beta1 } = asyncWidgets(convert);
  api.catalogs.add({ kinds: [kind] });
  const create = (name: string, size: number) =>
    api.client.create(v1, { metadata: { name, namespace: 'default', labels: { size: String(size) } }, spec: { size } });
  return { api, v1, v1beta1, create, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

/** The changes of a watch in this process. */
function changesOf(api: HttpsApi, type: Parameters<HttpsApi['client']['watch']>[0], fieldSelector?: string) {
  const stop = new AbortController();
  const selected = fieldSelector === undefined ? {} : { fieldSelector };
  const options = { namespace: 'default', resourceVersion: '0', signal: stop.signal, ...selected };
  const events = api.client.watch(type, options)[Symbol.asyncIterator]();
  return {
    async next(): Promise<string> {
      for (;;) {
        const { value, done } = await events.next();
        if (done) return 'the end';
        if (value.type !== 'BOOKMARK') return textOf(value);
      }
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await events.return?.();
    },
  };
}

function textOf({ type, object }: WatchEvent): string {
  const { apiVersion, metadata, spec } = object as OldWidget;
  return `${type} ${metadata.name} ${apiVersion} ${spec?.dimension ?? JSON.stringify(spec)}`;
}

test('each change is converted once, for all who watch, list and get in that version', async () => {
  const asked: string[] = [];
  await using served = await serve(async (objects, answer) => {
    asked.push(...objects.map(({ metadata }) => metadata.name));
    return answer;
  });
  const { api, v1beta1, create } = served;
  await create('a', 1);
  await using first = changesOf(api, v1beta1);
  await using second = changesOf(api, v1beta1);
  const selected = changesOf(api, v1beta1, 'spec.dimension=2');
  await using _selected = selected;
  for (const watch of [first, second]) assert.equal(await watch.next(), 'ADDED a example.com/v1beta1 1');
  await create('b', 2);
  for (const watch of [first, second, selected]) assert.equal(await watch.next(), 'ADDED b example.com/v1beta1 2');
  assert.equal((await api.client.list(v1beta1, { namespace: 'default' })).items.length, 2);
  assert.equal((await api.ask(`${oldCollection}/b`)).body.spec.dimension, 2);
  await api.ask(`${oldCollection}/b`, { method: 'DELETE' });
  for (const watch of [first, selected]) assert.equal(await watch.next(), 'DELETED b example.com/v1beta1 2');
  assert.deepEqual(asked, ['a', 'b']);
});

test('what leaves a selection is told in the version of the watch, as it was', async () => {
  await using served = await serve(async (_objects, answer) => answer);
  const { api, v1, v1beta1, create } = served;
  await create('a', 1);
  await using watch = changesOf(api, v1beta1, 'spec.dimension=1');
  assert.equal(await watch.next(), 'ADDED a example.com/v1beta1 1');
  const body = { spec: { size: 2 } };
  await api.client.patch(v1, { namespace: 'default', name: 'a' }, { type: 'merge', body });
  assert.equal(await watch.next(), 'DELETED a example.com/v1beta1 1');
});

test('a conversion that fails ends what needed it, and nothing else', async () => {
  let isBroken = true;
  await using served = await serve(async (objects, answer) => {
    if (isBroken && objects.some(({ metadata }) => metadata.name === 'bad')) throw new Error('nobody knows how');
    return answer;
  });
  const { api, v1, v1beta1, create } = served;
  await create('good', 1);
  await using ofOld = changesOf(api, v1beta1);
  await using ofNew = changesOf(api, v1);
  assert.equal(await ofOld.next(), 'ADDED good example.com/v1beta1 1');
  await ofNew.next();
  const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const table = api.ask(`${oldCollection}?watch=1&resourceVersion=0`, { headers: asTable });
  await create('bad', 2);

  await assert.rejects(ofOld.next(), /nobody knows how/);
  assert.match(await ofNew.next(), /^ADDED bad example\.com\/v1 /);
  const lines = (await table).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([lines.at(-1).type, lines.at(-1).object.code], ['ERROR', 500]);
  assert.equal((await api.ask(oldCollection)).code, 500);
  assert.equal((await api.ask(`${oldCollection}/bad`)).code, 500);
  assert.equal((await api.ask(`${oldCollection}/good`)).code, 200);
  assert.equal((await api.client.list(v1, { namespace: 'default' })).items.length, 2);
  const patch = { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: {} };
  assert.equal((await api.ask(`${oldCollection}/bad`, patch)).code, 500);

  isBroken = false;
  assert.equal((await api.ask(`${oldCollection}/bad`, patch)).code, 200);
  await create('later', 3);
  assert.match(await ofNew.next(), /^ADDED later /);
});

test('while a conversion does not answer, writes and watches of other versions go on, and its own get all in order', async () => {
  const waiting: (() => void)[] = [];
  let isHeld = false;
  await using served = await serve(async (_objects: readonly KubeObject[], answer) => {
    if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
    return answer;
  });
  const { api, v1, v1beta1, create } = served;
  await create('a', 1);
  await using ofOld = changesOf(api, v1beta1);
  await using ofNew = changesOf(api, v1);
  assert.equal(await ofOld.next(), 'ADDED a example.com/v1beta1 1');
  assert.match(await ofNew.next(), /^ADDED a /);
  isHeld = true;
  const next = ofOld.next();
  for (const [name, size] of [
    ['b', 2],
    ['c', 3],
  ] as const) {
    await create(name, size);
    assert.match(await ofNew.next(), new RegExp(`^ADDED ${name} example`));
  }
  // Its writes are seen by the watch of v1 first: the other may only now ask for a conversion.
  while (waiting.length === 0) await nextTurn();
  isHeld = false;
  for (const go of waiting) go();
  assert.equal(await next, 'ADDED b example.com/v1beta1 2');
  assert.equal(await ofOld.next(), 'ADDED c example.com/v1beta1 3');
});
