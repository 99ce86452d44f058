import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { WatchEvent } from '../../../src/apimachinery/request.ts';
import { nextTurn } from '../../../src/base/turn.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import type { OldWidget, Widgets } from '../../kit/widgets.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A kind comes to a server that runs, is used in both of its versions, and goes again. `make` makes it, each time anew. */
export function describeComingKind(name: string, make: () => Widgets): void {
  describe(name, () => story(make));
}

function story(make: () => Widgets): void {
  let api: HttpsApi;
  const { kind, v1, v1beta1 } = make();
  const collection = '/apis/example.com/v1/namespaces/default/widgets';
  const oldCollection = '/apis/example.com/v1beta1/namespaces/default/widgets';
  const spec = { size: 3 };
  const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io';

  before(async () => {
    api = await startHttpsApi();
  });
  after(() => api[Symbol.asyncDispose]());

  const named = (name: string, size = 3) => ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name },
    spec: { size },
  });

  function patch(path: string, type: string, body: unknown) {
    return api.ask(path, { method: 'PATCH', headers: { 'content-type': `application/${type}` }, body });
  }

  async function groupNames(): Promise<string[]> {
    const { body } = await api.ask('/apis', { headers: { accept: aggregated } });
    return body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
  }

  test('before it comes nobody knows it', async () => {
    assert.equal((await api.ask(collection)).code, 404);
    assert.equal((await api.ask('/apis/example.com')).code, 404);
    assert.ok(!(await groupNames()).includes('example.com'));
  });

  test('discovery and OpenAPI find it as soon as it has come, under new entity tags', async () => {
    const tag = async () => (await api.ask('/apis', { headers: { accept: aggregated } })).headers.etag;
    const [before, core] = [await tag(), (await api.ask('/openapi/v3/api/v1')).headers.etag];
    api.catalogs.add({ kinds: [kind] });
    assert.notEqual(await tag(), before);
    assert.ok((await groupNames()).includes('example.com'));

    const { body: group } = await api.ask('/apis/example.com');
    assert.deepEqual(
      [group.versions.map(({ version }: { version: string }) => version), group.preferredVersion.version],
      [['v1', 'v1beta1'], 'v1'],
    );
    const { body: resources } = await api.ask('/apis/example.com/v1beta1');
    const [entry, status] = resources.resources;
    assert.deepEqual(
      [entry.name, entry.shortNames, entry.categories, status.name],
      ['widgets', ['wd'], ['all'], 'widgets/status'],
    );
    const { body: stored } = await api.ask('/apis/example.com/v1');
    assert.equal(entry.storageVersionHash, stored.resources[0].storageVersionHash);

    const { body: index } = await api.ask('/openapi/v3');
    const { body: document } = await api.ask(index.paths['apis/example.com/v1'].serverRelativeURL);
    const { schemas } = document.components;
    assert.ok(schemas['com.example.v1.WidgetSpec'].properties.size);
    assert.ok(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'].properties.name);
    assert.ok(
      !Object.keys(
        document.paths[`${collection.replace('default', '{namespace}')}/{name}`].patch.requestBody.content,
      ).includes('application/strategic-merge-patch+json'),
    );
    const { body: swagger } = await api.ask('/openapi/v2');
    assert.ok(swagger.definitions['com.example.v1beta1.WidgetSpec'].properties.dimension);
    // Documents that it does not stand in are the same.
    assert.equal((await api.ask('/openapi/v3/api/v1')).headers.etag, core);
  });

  test('its cache opens with the first request', async () => {
    assert.equal(api.cache.opened(kind.prefix), undefined);
    const { body } = await api.ask(collection);
    assert.deepEqual([body.kind, body.items], ['WidgetList', []]);
    assert.notEqual(api.cache.opened(kind.prefix), undefined);
  });

  test('it is created with its defaults, and refused as its rules say', async () => {
    const { code, body } = await api.ask(collection, { method: 'POST', body: named('a') });
    assert.equal(code, 201);
    assert.deepEqual([body.spec, body.metadata.generation], [{ size: 3, tags: ['plain'] }, 1]);
    const refused = await api.ask(collection, { method: 'POST', body: { ...named('b'), spec: {} } });
    assert.equal(refused.body.message, 'Widget.example.com "b" is invalid: spec.size: Required value');
    const unknown = await api.ask(`${collection}?fieldValidation=Strict`, {
      method: 'POST',
      body: { ...named('b'), spec: { ...spec, color: 'red' } },
    });
    assert.match(unknown.body.message, /strict decoding error: unknown field "spec\.color"/);
    const asProtobuf = await api.ask(collection, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
      body: 'k8s\0',
    });
    assert.equal(asProtobuf.code, 415);
  });

  test('every version shows the same object in its own form', async () => {
    const old = await api.ask(`${oldCollection}/a`);
    assert.deepEqual(
      [old.body.apiVersion, old.body.spec, old.warnings],
      [
        'example.com/v1beta1',
        { dimension: 3, tags: ['plain'] },
        ['example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget'],
      ],
    );
    const made = await api.ask(oldCollection, {
      method: 'POST',
      body: { apiVersion: 'example.com/v1beta1', kind: 'Widget', metadata: { name: 'old' }, spec: { dimension: 7 } },
    });
    assert.equal(made.code, 201);
    assert.equal((await api.ask(`${collection}/old`)).body.spec.size, 7);
    const { body: list } = await api.ask(oldCollection);
    assert.deepEqual(
      list.items.map(({ kind: own, apiVersion, spec: { dimension } }: any) => [own, apiVersion, dimension]),
      [
        ['Widget', 'example.com/v1beta1', 3],
        ['Widget', 'example.com/v1beta1', 7],
      ],
    );
    const { body: table } = await api.ask(collection, { headers: { accept: asTable } });
    assert.deepEqual(
      table.rows.map(({ cells }: { cells: unknown[] }) => cells.slice(0, 2)),
      [
        ['a', 3],
        ['old', 7],
      ],
    );
  });

  test('objects are selected by a field of their own, in the words of each version', async () => {
    const names = async (path: string, selector: string) => {
      const { body } = await api.ask(`${path}?fieldSelector=${selector}`);
      return body.items?.map(({ metadata }: { metadata: { name: string } }) => metadata.name) ?? body.message;
    };
    assert.deepEqual(await names(collection, 'spec.size=7'), ['old']);
    assert.deepEqual(await names(oldCollection, 'spec.dimension=7'), ['old']);
    assert.equal(await names(collection, 'spec.dimension=7'), 'field label not supported: spec.dimension');
  });

  test('it is patched and applied, but for strategic merges, which need a schema of their own', async () => {
    const strategic = await patch(`${collection}/a`, 'strategic-merge-patch+json', { spec });
    assert.deepEqual(
      [strategic.code, strategic.body.message],
      [
        415,
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      ],
    );
    assert.equal((await patch(`${collection}/a`, 'merge-patch+json', { spec: { size: 4 } })).body.spec.size, 4);
    const added = await patch(`${oldCollection}/a`, 'json-patch+json', [
      { op: 'replace', path: '/spec/dimension', value: 5 },
    ]);
    assert.deepEqual([added.body.spec.dimension, added.body.metadata.generation], [5, 3]);
    const applied = await patch(`${collection}/a?fieldManager=one`, 'apply-patch+yaml', {
      ...named('a', 5),
      spec: { size: 5, tags: ['applied'] },
    });
    assert.deepEqual([applied.code, applied.body.spec.tags], [200, ['plain', 'applied']]);
    const conflict = await patch(`${collection}/a?fieldManager=two`, 'apply-patch+yaml', named('a', 6));
    assert.equal(conflict.code, 409);
    const status = await patch(`${collection}/a/status`, 'merge-patch+json', {
      status: { ready: true },
      spec: { size: 9 },
    });
    assert.deepEqual([status.body.status, status.body.spec.size], [{ ready: true }, 5]);
  });

  test('watches see it in the version that they ask for', async () => {
    const stop = new AbortController();
    const { metadata } = await api.client.list(v1, { namespace: 'default' });
    const options = { namespace: 'default', resourceVersion: metadata.resourceVersion!, signal: stop.signal };
    const now = api.client.watch(v1, options)[Symbol.asyncIterator]();
    const before = api.client.watch(v1beta1, options)[Symbol.asyncIterator]();
    await api.client.create(v1, { metadata: { name: 'seen', namespace: 'default' }, spec: { size: 1 } });
    assert.deepEqual((await nextChange(now)).object, await api.client.get(v1, { namespace: 'default', name: 'seen' }));
    const { type, object } = await nextChange(before);
    assert.deepEqual(
      [type, object.apiVersion, (object as OldWidget).spec?.dimension],
      ['ADDED', 'example.com/v1beta1', 1],
    );
    stop.abort();
    await Promise.all([now.return?.(), before.return?.()]);
  });

  async function nextChange<T extends WatchEvent>(events: AsyncIterator<T>): Promise<T> {
    for (;;) {
      const { value } = await events.next();
      if ((value as T).type !== 'BOOKMARK') return value as T;
    }
  }

  test('when it goes its watches end, nothing of it is found, and its objects are in memory no more', async () => {
    const endless = api.ask(`${collection}?watch=1&resourceVersion=0`);
    const inProcess = Array.fromAsync(
      api.client.watch(v1, { namespace: 'default', resourceVersion: '0', signal: new AbortController().signal }),
    );
    await api.client.get(v1, { namespace: 'default', name: 'a' });
    const cache = new WeakRef(api.cache.opened(kind.prefix)!);
    // The watch over HTTPS has begun when the metrics count it.
    while (!/apiserver_longrunning_requests\{[^}]*\} 1\b/.test((await api.ask('/metrics')).text)) {}
    api.catalogs.remove([kind]);

    const { code, text } = await endless;
    assert.equal(code, 200);
    assert.deepEqual(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
      ['ADDED', 'ADDED', 'ADDED'],
    );
    assert.equal((await inProcess).length >= 3, true);
    assert.equal((await api.ask(`${collection}/a`)).code, 404);
    assert.ok(!(await groupNames()).includes('example.com'));
    assert.equal((await api.ask('/openapi/v3/apis/example.com/v1')).code, 404);
    await assert.rejects(api.client.get(v1, { namespace: 'default', name: 'a' }), {
      message: 'the server could not find the requested resource',
    });
    assert.equal(api.cache.opened(kind.prefix), undefined);
    await nextTurn();
    collectGarbage();
    assert.equal(cache.deref(), undefined);
  });

  test('what is stored is there again when it comes again, and names that are taken are refused', async () => {
    api.catalogs.add({ kinds: [make().kind] });
    assert.equal((await api.ask(`${collection}/a`)).body.spec.size, 5);
    assert.throws(() => api.catalogs.add({ kinds: [kind] }), /something is served there already/);
  });
}
