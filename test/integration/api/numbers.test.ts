import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
const path = '/apis/apps/v1/namespaces/default/controllerrevisions';
const named = `${path}/numbers`;
const data = '{"deep":[{"x":9007199254740993,"e":1e400,"f":1.50,"plain":7}]}';
const revision = '"revision":9007199254740993';

before(async () => (api = await startHttpsApi()));
after(() => api[Symbol.asyncDispose]());

const patch = (type: string, body: string, query = '') =>
  api.ask(named + query, { method: 'PATCH', headers: { 'content-type': `application/${type}` }, body });
const holds = ({ code, text }: { code: number; text: string }, ...parts: string[]) => {
  assert.ok(code < 300, text);
  for (const part of parts) assert.ok(text.includes(part), `${part} is not in ${text}`);
};

test('numbers that JavaScript cannot hold survive every way through the server', async () => {
  const headers = { 'content-type': 'application/json' };
  const made = await api.ask(path, {
    method: 'POST',
    headers,
    body: `{"metadata":{"name":"numbers"},${revision},"data":${data}}`,
  });
  holds(made, revision, `"data":${data}`);
  holds(await api.ask(named), revision, `"data":${data}`);
  holds(await api.ask(path), revision, `"data":${data}`);
  holds(await api.ask(`${path}?labelSelector=a!%3Db`), revision, `"data":${data}`);
  holds(await patch('merge-patch+json', '{"metadata":{"labels":{"a":"1"}}}'), revision, `"data":${data}`);
  holds(await patch('strategic-merge-patch+json', '{"metadata":{"labels":{"a":"2"}}}'), revision, `"data":${data}`);
  const test = `{"op":"test","path":"/data/deep/0/x","value":9007199254740993}`;
  const raise = `{"op":"replace","path":"/revision","value":9223372036854775807}`;
  holds(await patch('json-patch+json', `[${test},${raise}]`), '"revision":9223372036854775807', `"data":${data}`);
  const applied = `{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"numbers","labels":{"a":"3"}},"revision":9223372036854775807,"data":{"deep":[{"x":9007199254740993}]}}`;
  holds(await patch('apply-patch+yaml', `${applied.replace(/,"data".*/, '')}}`, '?fieldManager=me&force=true'), data);
  const other = `[{"op":"test","path":"/data/deep/0/x","value":9007199254740992}]`;
  assert.equal((await patch('json-patch+json', other)).code, 422);
});

test('a write that changes nothing is none, whatever its numbers', async () => {
  const { text, body } = await api.ask(named);
  const again = await api.ask(named, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: text });
  assert.equal(again.body.metadata.resourceVersion, body.metadata.resourceVersion);
  const lower = text.replace('9007199254740993', '9007199254740992');
  const refused = await api.ask(named, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: lower });
  assert.deepEqual([refused.code, refused.body.details.causes[0].field], [422, 'data']);
});

test('an integer of more than 64 bits is refused', async () => {
  const { code, body } = await patch('merge-patch+json', '{"revision":9223372036854775808}');
  assert.equal(code, 422);
  assert.match(
    body.message,
    /cannot unmarshal number 9223372036854775808 into Go struct field ControllerRevision.revision of type int64$/,
  );
});
