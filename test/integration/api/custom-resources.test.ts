import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { nextTurn } from '../../../src/base/turn.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
before(async () => (api = await startHttpsApi()));
after(() => api[Symbol.asyncDispose]());

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const things = '/apis/example.com/v1/namespaces/default/things';
const merge = { 'content-type': 'application/merge-patch+json' };
const apply = { 'content-type': 'application/apply-patch+yaml' };

const specSchema = {
  type: 'object',
  properties: {
    size: { type: 'integer', default: 3, maximum: 10 },
    replicas: { type: 'integer' },
    color: { type: 'string' },
  },
};
const schema = (spec: object) => ({
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec,
      status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
    },
  },
});
const subresources = {
  status: {},
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
};

function definition(versions: readonly object[], name = 'things', kind = 'Thing') {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${name}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: name, kind, shortNames: [name.slice(0, 2)], categories: ['all'] },
      versions,
    },
  };
}
const v1 = {
  name: 'v1',
  served: true,
  storage: true,
  schema: schema(specSchema),
  subresources,
  selectableFields: [{ jsonPath: '.spec.color' }],
  additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
};
const v1beta1 = {
  name: 'v1beta1',
  served: true,
  storage: false,
  deprecated: true,
  schema: schema({ ...specSchema, properties: { size: { type: 'integer' } } }),
};
const thing = (name: string, spec: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name },
  spec,
});

/** Asks until the answer is as wanted; the server is at work meanwhile. */
async function until(
  path: string,
  isSo: (answer: { readonly code: number; readonly body: any }) => boolean,
): Promise<any> {
  for (;;) {
    const answer = await api.ask(path);
    if (isSo(answer)) return answer.body;
    await nextTurn();
  }
}

const condition = (body: any, type: string) =>
  body.status.conditions?.find((one: { type: string }) => one.type === type);
const isEstablished = ({ body }: { readonly body: any }) => condition(body, 'Established')?.status === 'True';

test('a definition brings a kind, which discovery and OpenAPI tell of at once', async () => {
  assert.equal((await api.ask(things)).code, 404);
  assert.equal((await api.ask(definitions, { method: 'POST', body: definition([v1, v1beta1]) })).code, 201);
  await until(`${definitions}/things.example.com`, isEstablished);
  const { body } = await api.ask('/apis/example.com/v1');
  assert.deepEqual(
    body.resources.map(({ name, shortNames }: any) => [name, shortNames]),
    [
      ['things', ['th']],
      ['things/status', undefined],
      ['things/scale', undefined],
    ],
  );
  const { body: document } = await api.ask('/openapi/v3/apis/example.com/v1');
  const described = document.components.schemas['com.example.v1.Thing'];
  assert.equal(described.properties.spec.properties.size.maximum, 10);
  assert.deepEqual(described['x-kubernetes-selectable-fields'], [{ fieldPath: 'spec.color' }]);
  assert.ok(document.components.schemas['com.example.v1.ThingList'].properties.items);
  assert.equal(document.info.title, 'Kubernetes CRD Swagger');
  assert.equal(document.paths['/apis/example.com/v1/'], undefined);
  assert.equal((await api.ask('/openapi/v3/apis/example.com')).code, 404);
  const { body: swagger } = await api.ask('/openapi/v2');
  assert.equal(swagger.definitions['com.example.v1.Thing'].properties.spec.properties.size.type, 'integer');
});

test('patches and forms that custom kinds do not know are refused in their own words', async () => {
  const patchTypes = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
  for (const type of ['application/json', 'text/plain', 'application/strategic-merge-patch+json']) {
    const { code, body } = await api.ask(`${things}/any`, {
      method: 'PATCH',
      body: {},
      headers: { 'content-type': type },
    });
    const message = `the body of the request was in an unknown format - accepted media types include: ${patchTypes}`;
    assert.deepEqual([code, body.message, body.details], [415, message, undefined]);
  }
  const { code, body } = await api.ask(things, { headers: { accept: 'text/plain' } });
  const forms = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  assert.deepEqual([code, body.message], [406, `only the following media types are accepted: ${forms}`]);
});

test('objects get defaults, lose what is unknown, and are refused as their schema says', async () => {
  const made = await api.ask(things, { method: 'POST', body: thing('a', { color: 'red', odd: 1 }) });
  assert.deepEqual(
    [made.code, made.body.spec, made.warnings],
    [201, { color: 'red', size: 3 }, ['unknown field "spec.odd"']],
  );
  const refused = await api.ask(things, { method: 'POST', body: thing('b', { size: 11 }) });
  assert.equal(
    refused.body.message,
    'Thing.example.com "b" is invalid: spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
  );
  const other = await api.ask(things, { method: 'POST', body: { ...thing('b'), kind: 'Other' } });
  assert.equal(other.body.message, 'Other.example.com "b" is invalid: kind: Invalid value: "Other": must be Thing');
});

test('other versions show what their schema knows, with a warning where they are deprecated', async () => {
  const old = await api.ask('/apis/example.com/v1beta1/namespaces/default/things/a');
  assert.deepEqual(
    [old.body.apiVersion, old.body.spec, old.warnings],
    ['example.com/v1beta1', { size: 3 }, ['example.com/v1beta1 Thing is deprecated; use example.com/v1 Thing']],
  );
});

test('status and scale are written by themselves', async () => {
  const status = { replicas: 2, selector: 'a=b' };
  const written = await api.ask(`${things}/a/status`, {
    method: 'PATCH',
    headers: merge,
    body: { status, spec: { size: 9 }, metadata: { labels: { a: 'b' } } },
  });
  assert.deepEqual([written.body.status, written.body.spec.size, written.body.metadata.labels], [status, 3, undefined]);
  const unset = await api.ask(`${things}/a/scale`);
  assert.deepEqual(
    [unset.code, unset.body.message],
    [500, 'Internal error occurred: the spec replicas field ".spec.replicas" does not exist'],
  );
  const scaled = await api.ask(`${things}/a/scale`, {
    method: 'PATCH',
    headers: merge,
    body: { spec: { replicas: 4 } },
  });
  assert.deepEqual([scaled.body.spec, scaled.body.status], [{ replicas: 4 }, status]);
  assert.deepEqual((await api.ask(`${things}/a`)).body.spec.replicas, 4);
});

test('a status that a create brings is dropped, and the one of the defaults is there', async () => {
  const status = { type: 'object', default: { ready: 0 }, properties: { ready: { type: 'integer' } } };
  const properties = { spec: { type: 'object' }, status };
  const version = { name: 'v1', served: true, storage: true, subresources: { status: {} } };
  const openAPIV3Schema = { type: 'object', properties };
  const boxes = definition([{ ...version, schema: { openAPIV3Schema } }], 'boxes', 'Box');
  await api.ask(definitions, { method: 'POST', body: boxes });
  await until(`${definitions}/boxes.example.com`, isEstablished);
  const path = things.replace(/things$/, 'boxes');
  const body = { ...thing('a'), kind: 'Box', status: { ready: 7 } };
  for (const query of ['?dryRun=All', '']) {
    const made = await api.ask(path + query, { method: 'POST', body });
    assert.deepEqual([made.code, made.body.status], [201, { ready: 0 }]);
    assert.ok(!JSON.stringify(made.body.metadata.managedFields).includes('status'));
  }
  assert.deepEqual((await api.ask(`${path}/a`)).body.status, { ready: 0 });
});

test('they are selected by their own fields, shown in their own columns and applied', async () => {
  await api.ask(`${things}/c?fieldManager=one`, {
    method: 'PATCH',
    headers: apply,
    body: thing('c', { color: 'blue' }),
  });
  const { body } = await api.ask(`${things}?fieldSelector=spec.color%3Dblue`, {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });
  assert.deepEqual([body.columnDefinitions[1].name, body.rows.map(({ cells }: any) => cells)], ['Size', [['c', 3]]]);
  const conflict = await api.ask(`${things}/c?fieldManager=two`, {
    method: 'PATCH',
    headers: apply,
    body: thing('c', { color: 'red' }),
  });
  assert.equal(conflict.body.message, 'Apply failed with 1 conflict: conflict with "one": .spec.color');
});

test('a definition that changes shows objects of before in their new form', async () => {
  const properties = { ...specSchema.properties, shape: { type: 'string', default: 'round' } };
  const { color: _color, ...fewer } = properties;
  const changed = { ...v1, selectableFields: [], schema: schema({ ...specSchema, properties: fewer }) };
  const spec = { versions: [changed, v1beta1] };
  assert.equal(
    (await api.ask(`${definitions}/things.example.com`, { method: 'PATCH', headers: merge, body: { spec } })).code,
    200,
  );
  assert.deepEqual((await api.ask(`${things}/c`)).body.spec, { size: 3, shape: 'round' });
  assert.deepEqual((await api.ask(things)).body.items[1].spec, { size: 3, shape: 'round' });
  const touched = await api.ask(`${things}/c`, {
    method: 'PATCH',
    headers: merge,
    body: { metadata: { labels: { a: 'b' } } },
  });
  assert.deepEqual([touched.code, touched.body.spec], [200, { size: 3, shape: 'round' }]);
});

test('names that are taken are told, and given when they are free', async () => {
  await api.ask(definitions, { method: 'POST', body: definition([v1], 'thieves') });
  const refused = await until(
    `${definitions}/thieves.example.com`,
    ({ body }) => condition(body, 'NamesAccepted') !== undefined,
  );
  assert.deepEqual(
    [condition(refused, 'NamesAccepted').reason, condition(refused, 'Established').reason],
    ['ListKindConflict', 'NotAccepted'],
  );
  assert.equal((await api.ask('/apis/example.com/v1/thieves')).code, 404);
});

test('a deleted definition takes its objects along, and frees its names', async () => {
  await api.ask(`${things}/c`, {
    method: 'PATCH',
    headers: merge,
    body: { metadata: { finalizers: ['example.com/hold'] } },
  });
  const deleted = await api.ask(`${definitions}/things.example.com`, { method: 'DELETE' });
  assert.deepEqual(deleted.body.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
  const held = await until(`${things}/c`, ({ body }) => body.metadata?.deletionTimestamp !== undefined);
  assert.deepEqual(held.metadata.finalizers, ['example.com/hold']);
  const late = await api.ask(things, { method: 'POST', body: thing('late') });
  assert.match(late.body.message, /create not allowed while custom resource definition is terminating$/);
  await api.ask(`${things}/c`, { method: 'PATCH', headers: merge, body: { metadata: { finalizers: null } } });
  await until(`${definitions}/things.example.com`, ({ code }) => code === 404);
  assert.equal((await api.ask(things)).code, 404);
  await until(`${definitions}/thieves.example.com`, isEstablished);
  assert.equal((await api.ask('/apis/example.com/v1/thieves')).code, 200);
});

test('a rule that is too dear is refused with its factor, and so are many that are together', async () => {
  const refusal = async (properties: object): Promise<string[]> => {
    const spec = { type: 'object', properties: { color: { type: 'string' }, ...properties } };
    const body = definition([{ ...v1, schema: schema(spec) }], 'dears', 'Dear');
    const { code, body: answer } = await api.ask(`${definitions}?dryRun=All`, { method: 'POST', body });
    if (code === 201) return [];
    assert.equal(code, 422, answer.message);
    return answer.details.causes.map(({ field, message }: any) => `${field}: ${message}`);
  };
  /** As many comparisons as there are pairs. */
  const texts = (lengths: object, count: object = {}) => ({
    type: 'array',
    ...count,
    items: { type: 'string', ...lengths },
    'x-kubernetes-validations': [{ rule: 'self.all(one, self.all(other, one == other))' }],
  });
  const root = 'spec.validation.openAPIV3Schema';
  const rule = (name: string) => `${root}.properties[spec].properties[${name}].x-kubernetes-validations[0].rule`;
  const advice =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
  const tooDear = (by: string) => `Forbidden: estimated rule cost exceeds budget by factor of ${by} ${advice}`;
  const contributed =
    'Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const total = (by: string) =>
    `${root}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of ${by} ${advice}`;

  assert.deepEqual(await refusal({ texts: texts({}) }), [
    `${rule('texts')}: ${tooDear('more than 100x')}`,
    `${rule('texts')}: ${contributed}`,
    total('more than 100x'),
  ]);
  assert.deepEqual(await refusal({ texts: texts({ maxLength: 500 }, { maxItems: 1000 }) }), [
    `${rule('texts')}: ${tooDear('20.5x')}`,
    `${rule('texts')}: ${contributed}`,
    total('2.1x'),
  ]);
  const bounded = texts({ maxLength: 500 }, { maxItems: 200 });
  assert.deepEqual(await refusal({ texts: bounded }), []);
  const together = await refusal(Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`part${at}`, bounded])));
  assert.ok(together.slice(0, -1).every((text) => text.endsWith(contributed)));
  assert.equal(together.at(-1), total('1.066130x'));
});
