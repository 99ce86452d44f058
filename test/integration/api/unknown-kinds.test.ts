import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
before(async () => (api = await startHttpsApi()));
after(() => api[Symbol.asyncDispose]());

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

test('a client that looks for custom kinds hears that there are none', async () => {
  const { code, body } = await api.ask(definitions);
  assert.equal(code, 200);
  assert.deepEqual([body.kind, body.items], ['CustomResourceDefinitionList', []]);
});

test('custom kinds are not offered, and cannot be made', async () => {
  const groups = (await api.ask('/apis')).body.groups.map(({ name }: { name: string }) => name);
  assert.equal(groups.includes('apiextensions.k8s.io'), false);
  assert.equal((await api.ask(definitions, { method: 'POST', body: {} })).code, 404);
});

test('who may not list the definitions is not told', async () => {
  assert.equal((await api.ask(definitions, { who: await api.identity('eve') })).code, 403);
});
