import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Deployments } from '../../../src/api/apps/v1/types.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
const path = '/apis/apps/v1/namespaces/default/deployments/web';
const labels = { app: 'web' };
const types = {
  strategic: 'application/strategic-merge-patch+json',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
};

before(async () => {
  api = await startHttpsApi();
  await api.client.create(Deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app' }] } },
    },
  });
});
after(() => api[Symbol.asyncDispose]());

const send = (type: keyof typeof types, body: unknown, where = path) =>
  api.ask(where, { method: 'PATCH', headers: { 'content-type': types[type] }, body });

for (const { name, type, body, want, where = path } of [
  {
    name: 'a strategic merge of a text for a number, with the patch',
    type: 'strategic',
    body: { spec: { replicas: 'two' } },
    want: [422, ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:two]]": unrecognized type: int32'],
  },
  {
    name: 'a merge of a text for a number, with what came out',
    type: 'merge',
    body: { spec: { replicas: 'two' } },
    want: [
      422,
      / "" is invalid: patch: Invalid value: "\{.*\\"name\\":\\"web\\".*\}": json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32/,
    ],
  },
  { name: 'half a strategic merge', type: 'strategic', body: '{"spec":', want: [400, 'unexpected end of JSON input'] },
  {
    name: 'half a merge',
    type: 'merge',
    body: '{"spec":',
    want: [400, 'error decoding patch: unexpected end of JSON input'],
  },
  {
    name: 'a text for the number of a scale',
    type: 'merge',
    body: { spec: { replicas: 'two' } },
    where: `${path}/scale`,
    want: [422, /json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32/],
  },
  {
    name: 'a repeated member of a strict strategic merge',
    type: 'strategic',
    body: '{"spec":{"paused":true,"paused":true}}',
    where: `${path}?fieldValidation=Strict`,
    want: [422, /: strict decoding error: duplicate field "spec.paused"$/],
  },
] as const)
  test(`${name} is refused`, async () => {
    const { code, body: answer } = await send(type, body, where);
    assert.equal(code, want[0]);
    if (typeof want[1] === 'string') assert.equal(answer.message, want[1]);
    else assert.match(answer.message, want[1]);
  });

test('a patch warns of what it has twice and of what the type does not have', async () => {
  const merge = await send('strategic', '{"spec":{"odd":1,"paused":true,"paused":true}}');
  assert.deepEqual([merge.code, merge.warnings], [200, ['duplicate field "spec.paused"', 'unknown field "spec.odd"']]);
  const operations = await send('json', '[{"op":"test","path":"/spec/paused","value":true,"value":true,"odd":1}]');
  assert.deepEqual(
    [operations.code, operations.warnings],
    [200, ['json patch duplicate field "[0].value"', 'json patch unknown field "[0].odd"']],
  );
});
