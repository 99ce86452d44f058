import assert from 'node:assert/strict';
import test from 'node:test';
import protobuf from 'protobufjs';
import { servedResources } from '../../api/resources.ts';
import { createOpenApi } from './openapi.ts';

const few = new Set(['pods', 'deployments', 'nodes', 'serviceaccounts', 'poddisruptionbudgets']);
const openApi = createOpenApi({
  served: servedResources.filter(({ type }) => few.has(type.resource)),
  version: 'v1.36.0',
  descriptions: () => ({
    'io.k8s.api.core.v1.Pod': { '': 'A pod.' },
    'io.k8s.api.core.v1.PodSpec': { '': 'What a pod is to be.', nodeName: 'Where it runs.' },
  }),
});

async function json(path: string, hash?: string) {
  return JSON.parse(Buffer.from((await openApi.handle(path, undefined, hash))!.body).toString());
}

const core = await json('/openapi/v3/api/v1');
const apps = await json('/openapi/v3/apis/apps/v1');
const swagger = await json('/openapi/v2');
const schemas = core.components.schemas;

test('the index names a document for each group and version, under the hash of its content', async () => {
  const { paths } = await json('/openapi/v3');
  const names = Object.keys(paths);
  assert.ok(
    ['api', 'api/v1', 'apis', 'apis/apps', 'apis/apps/v1', 'apis/policy/v1', 'version'].every((name) =>
      names.includes(name),
    ),
  );
  const [path, hash] = paths['apis/apps/v1'].serverRelativeURL.split('?hash=');
  assert.equal(path, '/openapi/v3/apis/apps/v1');
  assert.equal((await openApi.handle(path, undefined, hash))?.headers?.['cache-control'], 'public, immutable');
  const moved = await openApi.handle(path, undefined, 'OLD');
  assert.deepEqual([moved?.code, moved?.headers?.['location']], [301, `${path}?hash=${hash}`]);
});

test('every reference in a document leads to a schema in it', async () => {
  for (const document of [core, apps, swagger]) {
    const references = new Set(JSON.stringify(document).match(/(?<="\$ref":")[^"]+/g));
    assert.ok(references.size > 20);
    for (const reference of references) {
      const found = reference
        .slice(2)
        .split('/')
        .reduce((part, name) => part?.[name], document);
      assert.ok(found, `${reference} leads nowhere`);
    }
  }
});

test('operation names are unique', async () => {
  const names = Object.values(swagger.paths as Record<string, Record<string, { operationId?: string }>>)
    .flatMap((item) => Object.values(item).map(({ operationId }) => operationId))
    .filter((name) => name !== undefined);
  assert.deepEqual(names.length, new Set(names).size);
});

const operations: [path: string, method: string, name: string][] = [
  ['/api/v1/pods', 'get', 'listCoreV1PodForAllNamespaces'],
  ['/api/v1/namespaces/{namespace}/pods', 'post', 'createCoreV1NamespacedPod'],
  ['/api/v1/namespaces/{namespace}/pods', 'delete', 'deleteCoreV1CollectionNamespacedPod'],
  ['/api/v1/namespaces/{namespace}/pods/{name}', 'put', 'replaceCoreV1NamespacedPod'],
  ['/api/v1/namespaces/{namespace}/pods/{name}/log', 'get', 'readCoreV1NamespacedPodLog'],
  ['/api/v1/namespaces/{namespace}/pods/{name}/exec', 'post', 'connectCoreV1PostNamespacedPodExec'],
  ['/api/v1/namespaces/{namespace}/pods/{name}/eviction', 'post', 'createCoreV1NamespacedPodEviction'],
  ['/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token', 'post', 'createCoreV1NamespacedServiceAccountToken'],
  ['/api/v1/nodes/{name}', 'get', 'readCoreV1Node'],
  ['/api/v1/nodes/{name}/proxy/{path}', 'get', 'connectCoreV1GetNodeProxyWithPath'],
];
for (const [path, method, name] of operations) {
  test(`${method.toUpperCase()} ${path} is ${name}`, async () => {
    assert.equal(core.paths[path]?.[method]?.operationId, name);
    assert.equal(swagger.paths[path]?.[method]?.operationId, name);
  });
}

test('lists carry the keys by which they are merged', async () => {
  assert.deepEqual(pick(schemas['io.k8s.api.core.v1.Container'].properties.ports, /^x-/), {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
    'x-kubernetes-patch-merge-key': 'containerPort',
    'x-kubernetes-patch-strategy': 'merge',
  });
  assert.deepEqual(
    pick(swagger.definitions['io.k8s.api.core.v1.Container'].properties.ports, /^x-/),
    pick(schemas['io.k8s.api.core.v1.Container'].properties.ports, /^x-/),
  );
});

test('a kind carries its group, version and kind', async () => {
  const pod = [{ group: '', kind: 'Pod', version: 'v1' }];
  assert.deepEqual(schemas['io.k8s.api.core.v1.Pod']['x-kubernetes-group-version-kind'], pod);
  const everyGroup = [
    { group: '', kind: 'DeleteOptions', version: 'v1' },
    { group: 'apps', kind: 'DeleteOptions', version: 'v1' },
    { group: 'policy', kind: 'DeleteOptions', version: 'v1' },
  ];
  const options = schemas['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'];
  assert.deepEqual(
    options['x-kubernetes-group-version-kind'],
    everyGroup.toSorted((a, b) => (a.group < b.group ? -1 : 1)),
  );
});

test('version 3 has enums and defaults, version 2 has no defaults', async () => {
  const protocol = { type: 'string', default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] };
  assert.deepEqual(schemas['io.k8s.api.core.v1.ContainerPort'].properties.protocol, protocol);
  const { default: _, ...without } = protocol;
  assert.deepEqual(swagger.definitions['io.k8s.api.core.v1.ContainerPort'].properties.protocol, without);
});

test('numbers that may be texts are a union in version 3 and a format in version 2', async () => {
  const name = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
  assert.deepEqual(apps.components.schemas[name], {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  });
  assert.deepEqual(swagger.definitions[name], { type: 'string', format: 'int-or-string' });
});

test('a field without words of its own gets those of its type', async () => {
  const { spec } = schemas['io.k8s.api.core.v1.Pod'].properties;
  const reference = { $ref: '#/components/schemas/io.k8s.api.core.v1.PodSpec' };
  assert.deepEqual(spec, { allOf: [reference], description: 'What a pod is to be.' });
  assert.equal(schemas['io.k8s.api.core.v1.PodSpec'].properties.nodeName.description, 'Where it runs.');
});

test('a patch names its four forms and the parameters that kubectl looks for', async () => {
  const { patch } = apps.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'];
  assert.deepEqual(Object.keys(patch.requestBody.content), [
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
  ]);
  const names = patch.parameters.map(({ name }: { name: string }) => name);
  assert.deepEqual(names, ['dryRun', 'fieldManager', 'fieldValidation', 'force']);
});

/** The part of gnostic's OpenAPIv2.proto and OpenAPIv3.proto that the tests read back. */
const { root } = protobuf.parse(`syntax = "proto3";
message Any { string yaml = 2; }
message NamedAny { string name = 1; Any value = 2; }
message Schema2 {
  string ref = 1; string format = 2; string description = 4; repeated string required = 19; repeated Any enum = 20;
  Types type = 22; Items2 items = 23; Properties2 properties = 25; repeated NamedAny vendor_extension = 31;
}
message Types { repeated string value = 1; }
message Items2 { repeated Schema2 schema = 1; }
message NamedSchema2 { string name = 1; Schema2 value = 2; }
message Properties2 { repeated NamedSchema2 additional_properties = 1; }
message Document2 { string swagger = 1; Properties2 definitions = 9; }
message Schema3 {
  repeated Any enum = 24; string type = 25; repeated SchemaOrReference all_of = 26; Properties3 properties = 31;
  Default default = 33; string description = 34; repeated NamedAny specification_extension = 36;
}
message Default { oneof value { double number = 1; bool boolean = 2; string string = 3; } }
message Reference { string ref = 1; }
message SchemaOrReference { oneof value { Schema3 schema = 1; Reference reference = 2; } }
message NamedSchema3 { string name = 1; SchemaOrReference value = 2; }
message Properties3 { repeated NamedSchema3 additional_properties = 1; }
message Components { Properties3 schemas = 1; }
message Document3 { string openapi = 1; Components components = 5; }
`);

async function decoded(type: string, path: string, accept: string) {
  const message = root.lookupType(type);
  return message.toObject(message.decode((await openApi.handle(path, accept, undefined))!.body)) as any;
}

test('version 2 as protobuf says the same as JSON', async () => {
  const document = await decoded(
    'Document2',
    '/openapi/v2',
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  );
  const definitions = byName(document.definitions);
  assert.deepEqual(Object.keys(definitions), Object.keys(swagger.definitions));
  const ports = byName(definitions['io.k8s.api.core.v1.Container'].properties)['ports'];
  assert.deepEqual(ports, {
    type: { value: ['array'] },
    items: { schema: [{ ref: '#/definitions/io.k8s.api.core.v1.ContainerPort' }] },
    vendorExtension: [
      { name: 'x-kubernetes-list-type', value: { yaml: '"map"\n' } },
      { name: 'x-kubernetes-list-map-keys', value: { yaml: '["containerPort","protocol"]\n' } },
      { name: 'x-kubernetes-patch-merge-key', value: { yaml: '"containerPort"\n' } },
      { name: 'x-kubernetes-patch-strategy', value: { yaml: '"merge"\n' } },
    ],
  });
});

test('version 3 as protobuf says the same as JSON', async () => {
  const path = '/openapi/v3/api/v1';
  const document = await decoded('Document3', path, 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf');
  const found = byName(document.components.schemas);
  assert.deepEqual(Object.keys(found), Object.keys(schemas));
  const pod = found['io.k8s.api.core.v1.Pod'].schema;
  assert.equal(pod.description, 'A pod.');
  assert.deepEqual(byName(pod.properties)['spec'].schema, {
    allOf: [{ reference: { ref: '#/components/schemas/io.k8s.api.core.v1.PodSpec' } }],
    description: 'What a pod is to be.',
  });
  const protocol = byName(found['io.k8s.api.core.v1.ContainerPort'].schema.properties)['protocol'].schema;
  assert.deepEqual([protocol.default, protocol.enum.length], [{ string: 'TCP' }, 3]);
});

function byName({
  additionalProperties,
}: {
  additionalProperties: { name: string; value: any }[];
}): Record<string, any> {
  return Object.fromEntries(additionalProperties.map(({ name, value }) => [name, value]));
}

function pick(object: object, pattern: RegExp): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => pattern.test(name)));
}
