import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { definitions } from '../../../src/apiserver/resources/all.ts';
import { apiVersionOf, type ResourceType } from '../../../src/apimachinery/resource-type.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import { minimalObject } from '../../kit/minimal-objects.ts';

let api: HttpsApi;

before(async () => {
  api = await startHttpsApi();
  // Pods do not come before it.
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};
const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io';
/** Deleted objects of these wait for somebody to let them go. */
const held = new Set(['namespaces', 'persistentvolumes', 'persistentvolumeclaims', 'volumeattributesclasses']);

function collectionPath({ group, version, resource, namespaced }: ResourceType): string {
  return `${group === '' ? `/api/${version}` : `/apis/${group}/${version}`}/${namespaced ? 'namespaces/default/' : ''}${resource}`;
}

/** Asks and answers the body; anything but `code` fails. */
async function ask(path: string, code: number, asked: Parameters<HttpsApi['ask']>[1] = {}) {
  const answer = await api.ask(path, asked);
  assert.equal(answer.code, code, `${asked.method ?? 'GET'} ${path}: ${answer.text}`);
  return answer.body;
}

function patch(path: string, type: keyof typeof patchTypes, body: unknown) {
  return ask(type === 'apply' ? `${path}?fieldManager=it` : path, 200, {
    method: 'PATCH',
    headers: { 'content-type': patchTypes[type] },
    body,
  });
}

/** Most names can be anything. */
function nameOf({ kind, resource }: ResourceType): string {
  if (kind === 'APIService') return 'v1.example.com';
  return kind === 'IPAddress' ? '10.200.0.7' : `a-${resource}`;
}

/** The server itself writes to definitions as soon as they are made: custom-resources.test.ts has them. */
const written = definitions.filter(({ type }) => type.kind !== 'CustomResourceDefinition');

for (const { type } of written) {
  const apiVersion = apiVersionOf(type);
  const typeMeta = { kind: type.kind, apiVersion };
  const collection = collectionPath(type);
  const name = nameOf(type);
  const path = `${collection}/${name}`;
  const labelled = (label: string) => ({ ...typeMeta, metadata: { name, labels: { [label]: 'yes' } } });

  test(`${apiVersion} ${type.kind} is created, read, written in every way, watched and deleted`, async () => {
    const wanted = minimalObject(type, name);
    const { metadata: start } = await ask(collection, 200);
    const created = await ask(collection, 201, { method: 'POST', body: wanted });
    assert.deepEqual({ kind: created.kind, apiVersion: created.apiVersion }, typeMeta);
    assert.deepEqual(await ask(path, 200), created);

    const replaced = {
      ...created,
      metadata: { ...created.metadata, labels: { ...created.metadata.labels, put: 'yes' } },
    };
    await ask(path, 200, { method: 'PUT', body: replaced });
    await patch(path, 'json', [{ op: 'add', path: '/metadata/labels/json', value: 'yes' }]);
    await patch(path, 'merge', labelled('merge'));
    await patch(path, 'strategic', labelled('strategic'));
    const last = await patch(path, 'apply', labelled('apply'));
    const { json, merge, strategic, apply, put } = last.metadata.labels;
    assert.deepEqual([put, json, merge, strategic, apply], Array(5).fill('yes'));
    assert.deepEqual(await ask(path, 200), last);

    const list = await ask(collection, 200);
    assert.deepEqual([list.kind, list.apiVersion], [`${type.kind}List`, apiVersion]);
    const { kind: _kind, apiVersion: _apiVersion, ...item } = last;
    assert.deepEqual(
      list.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === name),
      item,
    );

    const table = await ask(path, 200, { headers: { accept: asTable } });
    assert.equal(table.kind, 'Table');
    assert.equal(table.rows.length, 1);
    // Upstream prints the age of an IPAddress, for which there is no column.
    const more = type.kind === 'IPAddress' ? 1 : 0;
    assert.equal(table.rows[0].cells.length, table.columnDefinitions.length + more);
    assert.ok(table.rows[0].cells.includes(name) || type.kind === 'Event');

    // Without a policy a ReplicationController would wait for its pods to be orphaned.
    await ask(`${path}?propagationPolicy=Background`, 200, { method: 'DELETE' });
    if (held.has(type.resource)) assert.ok((await ask(path, 200)).metadata.deletionTimestamp);
    else await ask(path, 404);
    const events = await watched(type, name, start.resourceVersion, held.has(type.resource) ? 'MODIFIED' : 'DELETED');
    assert.deepEqual([events[0]!.type, events[1]!.type, events[2]!.type], ['ADDED', 'MODIFIED', 'MODIFIED']);
    assert.deepEqual(events[0]!.object, created);
    for (const { object } of events) assert.deepEqual({ kind: object.kind, apiVersion: object.apiVersion }, typeMeta);
  });
}

test('every kind is watched as Tables, whose bookmarks say no more than a version', async () => {
  const query =
    'watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=none&includeObject=None';
  const watches = definitions.map(async ({ type }) => {
    const { text } = await api.ask(`${collectionPath(type)}?${query}`, { headers: { accept: asTable } });
    const [first] = text.trimEnd().split('\n');
    const { type: event, object } = JSON.parse(first!);
    assert.equal(event, 'BOOKMARK', `${type.kind}: ${text}`);
    assert.equal(object.rows[0].cells.length, object.columnDefinitions.length);
    const { resourceVersion, annotations } = object.rows[0].object.metadata;
    assert.deepEqual([object.metadata, annotations], [{ resourceVersion }, { 'k8s.io/initial-events-end': 'true' }]);
  });
  await Promise.all(watches);
});

/** What happened to one object since a version: the create, five writes, and the delete, whose event is of type `end`. */
async function watched(type: ResourceType, name: string, resourceVersion: string, end: string) {
  const stop = new AbortController();
  const events = [];
  const namespace = type.namespaced ? { namespace: 'default' } : {};
  const options = { ...namespace, resourceVersion, fieldSelector: `metadata.name=${name}`, signal: stop.signal };
  for await (const event of api.client.watch(type, options)) {
    if (event.type === 'BOOKMARK') continue;
    events.push(event);
    if (events.length === 7) break;
  }
  assert.equal(events[6]!.type, end);
  return events;
}
