import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const maps = '/api/v1/namespaces/shop/configmaps';
const pods = '/api/v1/namespaces/shop/pods';
const applied = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const patched = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

describe('mutating policies', () => {
  const opened = new AsyncDisposableStack();
  let api: HttpsApi;
  const create = (path: string, body: object) => api.ask(path, { method: 'POST', body });

  before(async () => {
    api = opened.use(await startHttpsApi());
    await create('/api/v1/namespaces', { metadata: { name: 'shop' } });
    await create('/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'default' } });
  });
  after(() => opened.disposeAsync());

  beforeEach(async () => {
    for (const kind of ['mutatingadmissionpolicybindings', 'mutatingadmissionpolicies'])
      await api.ask(`${group}/${kind}`, { method: 'DELETE' });
  });

  async function policy(mutations: readonly object[], more: object = {}, name = 'p'): Promise<void> {
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps', 'pods'] };
    const made = await create(`${group}/mutatingadmissionpolicies`, {
      metadata: { name },
      spec: { matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: 'Never', mutations, ...more },
    });
    assert.equal(made.code, 201, made.body.message);
    await create(`${group}/mutatingadmissionpolicybindings`, { metadata: { name }, spec: { policyName: name } });
  }

  const labels = { l: '1' };
  /** The labels, annotations and data of what is made, or why it is not. */
  async function outcome(): Promise<unknown> {
    const { code, body } = await create(`${maps}?dryRun=All`, { metadata: { name: 'a', labels }, data: { k: 'v' } });
    if (code >= 300) return body.message.replace(`policy 'p' with binding 'p' denied request: `, '');
    const { annotations } = body.metadata;
    return { labels: body.metadata.labels, data: body.data, ...(annotations && { annotations }) };
  }
  async function containers(): Promise<unknown> {
    const body = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const answer = await create(`${pods}?dryRun=All`, body);
    if (answer.code >= 300) return answer.body.message;
    return answer.body.spec.containers.map(({ name, image, env }: any) => [name, image, ...(env ? [env] : [])]);
  }

  const cases: readonly (readonly [string, readonly object[], unknown])[] = [
    [
      'fields are laid over the object',
      [applied('Object{metadata: Object.metadata{labels: Object.metadata.labels{foo: "bar"}}, data: {"x": "y"}}')],
      { labels: { ...labels, foo: 'bar' }, data: { k: 'v', x: 'y' } },
    ],
    [
      'a patch is carried out, and the next mutation sees what came of it',
      [
        patched(
          '[JSONPatch{op: "add", path: "/metadata/annotations", value: {"a": "b"}}, JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("c/d"), value: "e"}]',
        ),
        applied('Object{data: {"x": object.metadata.annotations["c/d"] + "!"}}'),
      ],
      { labels, data: { k: 'v', x: 'e!' }, annotations: { a: 'b', 'c/d': 'e' } },
    ],
    [
      'a value may be a part of an object',
      [patched('[JSONPatch{op: "add", path: "/metadata/annotations", value: Object.metadata.annotations{a: "b"}}]')],
      { labels, data: { k: 'v' }, annotations: { a: 'b' } },
    ],
    [
      'fields that are optional',
      [applied('Object{metadata: Object.metadata{?labels: optional.none()}, ?data: optional.of({"o": "p"})}')],
      { labels, data: { k: 'v', o: 'p' } },
    ],
    [
      'a patch whose test fails is none',
      [
        patched('[JSONPatch{op: "remove", path: "/data/k"}, JSONPatch{op: "test", path: "/data/x", value: "no"}]'),
        applied('Object{data: {"x": "y"}}'),
      ],
      { labels, data: { k: 'v', x: 'y' } },
    ],
    [
      'a patch that does not apply',
      [patched('[JSONPatch{op: "remove", path: "/data/nope"}]')],
      `JSON Patch: error in remove for path: '/data/nope': Unable to remove nonexistent key: nope: missing value`,
    ],
    ['an operation that nobody knows', [patched('[JSONPatch{op: "x", path: "/a"}]')], 'JSON Patch: Unexpected kind: x'],
    [
      'what cannot be evaluated',
      [applied('Object{data: {"x": string(object.data.z)}}')],
      `expression 'Object{data: {"x": string(object.data.z)}}' resulted in error: no such key: z`,
    ],
    [
      'a part that is named for another place',
      [applied('Object{metadata: Object.spec{}}')],
      'type mismatch: unexpected type name "Object.spec", expected "Object.metadata", which matches field name path from root Object type',
    ],
    [
      'a field that the kind does not have',
      [applied('Object{foo: "x"}')],
      'error applying patch: failed to convert patch object to typed object: .foo: field not declared in schema',
    ],
    ['the name stays', [applied('Object{metadata: Object.metadata{name: "zz"}}')], { labels, data: { k: 'v' } }],
  ];
  for (const [name, mutations, expected] of cases)
    test(name, async () => {
      await policy(mutations);
      assert.deepEqual(await outcome(), expected);
    });

  test('a refusal is Forbidden by its code, with the reason of the policy', async () => {
    await policy([applied('Object{foo: "x"}')]);
    const { code, body } = await create(maps, { metadata: { name: 'a' } });
    assert.deepEqual([code, body.reason], [403, 'Invalid']);
    assert.deepEqual(body.details, { name: 'a', kind: 'configmaps', causes: [{ message: body.message }] });
  });

  test('who ignores failures keeps what did not fail', async () => {
    await policy([applied('Object{data: {"x": string(object.data.z)}}'), applied('Object{data: {"y": "1"}}')], {
      failurePolicy: 'Ignore',
    });
    assert.deepEqual(await outcome(), { labels, data: { k: 'v', y: '1' } });
  });

  test('policies go in the order of their names, and one that wants it sees what came later', async () => {
    const more = { reinvocationPolicy: 'IfNeeded' };
    await policy([applied('Object{data: {"seen": string(has(object.data.late))}}')], more, 'a');
    await policy([applied('Object{data: {"once": string(has(object.data.late))}}')], {}, 'b');
    await policy([applied('Object{data: {"late": "yes"}}')], {}, 'c');
    assert.deepEqual(await outcome(), { labels, data: { k: 'v', seen: 'true', once: 'false', late: 'yes' } });
  });

  test('variables, conditions and parameters are as those of validating policies', async () => {
    const variables = [{ name: 'v', expression: 'object.data.k + "!"' }];
    const matchConditions = [{ name: 'c', expression: 'object.data.k == "v"' }];
    await policy([applied('Object{data: {"x": variables.v}}')], { variables, matchConditions });
    assert.deepEqual(await outcome(), { labels, data: { k: 'v', x: 'v!' } });
  });

  test('items of lists are known by their keys', async () => {
    await policy([
      applied('Object{spec: Object.spec{containers: [Object.spec.containers{name: "s", image: "x"}]}}'),
      applied(
        'Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, env: [Object.spec.containers.env{name: "A", value: "b"}]})}}',
      ),
    ]);
    const env = [{ name: 'A', value: 'b' }];
    assert.deepEqual(await containers(), [
      ['c', 'i', env],
      ['s', 'x', env],
    ]);
  });

  test('what is owned as a whole is not replaced in passing', async () => {
    await policy([applied('Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", args: ["a"]}]}}')]);
    assert.match(
      String(await containers()),
      /invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \.spec\.containers\[0\]\.args$/,
    );
  });
});
