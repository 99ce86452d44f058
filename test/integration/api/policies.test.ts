import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const maps = '/api/v1/namespaces/shop/configmaps';
const constraints = (more: object = {}, match: object = {}) => ({
  resourceRules: [
    {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['CREATE', 'UPDATE', 'DELETE'],
      resources: ['configmaps', 'nodes', 'namespaces'],
      ...more,
    },
  ],
  ...match,
});

describe('policies', () => {
  const opened = new AsyncDisposableStack();
  let api: HttpsApi;
  const create = (path: string, body: object) => api.ask(path, { method: 'POST', body });

  before(async () => {
    api = opened.use(await startHttpsApi());
    await create('/api/v1/namespaces', { metadata: { name: 'shop', labels: { tier: 'gold' } } });
    for (const [name, limit] of Object.entries({ low: '1', high: '5' }))
      await create(maps, { metadata: { name, labels: { limits: 'yes' } }, data: { limit } });
  });
  after(() => opened.disposeAsync());

  beforeEach(async () => {
    for (const kind of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies'])
      await api.ask(`${group}/${kind}`, { method: 'DELETE' });
  });

  /** Makes a policy and binds it. */
  async function policy(spec: object, binding: object = {}, name = 'p'): Promise<void> {
    const made = await create(`${group}/validatingadmissionpolicies`, {
      metadata: { name },
      spec: { matchConstraints: constraints(), ...spec },
    });
    assert.equal(made.code, 201, made.body.message);
    const bound = await create(`${group}/validatingadmissionpolicybindings`, {
      metadata: { name: `${name}-bound` },
      spec: { policyName: name, validationActions: ['Deny'], ...binding },
    });
    assert.equal(bound.code, 201, bound.body.message);
  }
  const rule = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] });
  const tell = (messageExpression: string) => rule('false', { messageExpression });
  const one = { metadata: { name: 'a' }, data: { k: 'v' } };
  /** The reason of a refusal, without what is the same in all; `undefined` where there is none. */
  async function refusal(path = maps, body: object = one): Promise<string | undefined> {
    const answer = await create(`${path}?dryRun=All`, body);
    return answer.code < 300 ? undefined : answer.body.message.replace(/^.* denied request: /, '');
  }

  test('what fails is refused as Kubernetes refuses it', async () => {
    await policy(rule('object.data.k == "w"'));
    const { code, body } = await create(maps, one);
    const message = `ValidatingAdmissionPolicy 'p' with binding 'p-bound' denied request: failed expression: object.data.k == "w"`;
    assert.deepEqual([code, body.reason, body.message], [422, 'Invalid', `configmaps "a" is forbidden: ${message}`]);
    assert.deepEqual(body.details, { name: 'a', kind: 'configmaps', causes: [{ message }] });
  });

  test('a policy gives its own reason and message', async () => {
    await policy(rule('false', { reason: 'Forbidden', message: ' no ' }));
    const { code, body } = await create(maps, one);
    assert.deepEqual([code, body.reason], [403, 'Forbidden']);
    assert.match(body.message, /denied request: no$/);
  });

  test('a message is computed, and where it cannot be, the plain one is given', async () => {
    await policy(rule('false', { message: 'no', messageExpression: '"k is " + object.data.k' }));
    assert.equal(await refusal(), 'k is v');
    assert.equal(await refusal(maps, { metadata: { name: 'a' } }), 'no');
  });

  test('what cannot be evaluated is refused, unless failures are ignored', async () => {
    await policy(rule('object.data.z == "w"'));
    assert.equal(await refusal(), `expression 'object.data.z == "w"' resulted in error: no such key: z`);
    const { body } = await api.ask(`${group}/validatingadmissionpolicies/p`);
    body.spec.failurePolicy = 'Ignore';
    await api.ask(`${group}/validatingadmissionpolicies/p`, { method: 'PUT', body });
    assert.equal(await refusal(), undefined);
  });

  test('who is only warned is warned of all that fails', async () => {
    const validations = ['one', 'two'].map((message) => ({ expression: 'false', message }));
    await policy({ validations }, { validationActions: ['Warn', 'Audit'] });
    const { code, warnings } = await create(maps, one);
    assert.equal(code, 201);
    assert.deepEqual(
      warnings,
      ['one', 'two'].map((why) => `Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-bound': ${why}`),
    );
    await api.ask(`${maps}/a`, { method: 'DELETE' });
  });

  test('a policy that nobody has bound, or that was deleted, says nothing', async () => {
    await policy(rule('false'), { policyName: 'other' });
    assert.equal(await refusal(), undefined);
    await policy(rule('false', { message: 'q' }), {}, 'q');
    assert.equal(await refusal(), 'q');
    await api.ask(`${group}/validatingadmissionpolicies/q`, { method: 'DELETE' });
    assert.equal(await refusal(), undefined);
  });

  test('expressions see the request, its namespace and the rights of the user', async () => {
    await policy(
      tell(
        '[request.operation, request.name, request.namespace, request.resource.resource, string(has(request.subResource)), namespaceObject.metadata.labels["tier"], string(namespaceObject.metadata.creationTimestamp > timestamp("2020-01-01T00:00:00Z")), string(object.kind), string(oldObject == null)].join(" ")',
      ),
    );
    assert.equal(await refusal(), 'CREATE a shop configmaps false gold true ConfigMap true');
  });

  test('request and object have the name that the server has generated', async () => {
    await policy(tell('request.name + " " + object.metadata.name'));
    assert.match((await refusal(maps, { metadata: { generateName: 'g-' } }))!, /^(g-.{5}) \1$/);
  });

  test('rights can be asked for, of the user and of service accounts', async () => {
    await policy(
      rule(
        'authorizer.requestResource.check("create").allowed() && !authorizer.serviceAccount("shop", "x").group("").resource("configmaps").namespace("shop").check("create").allowed()',
      ),
    );
    assert.equal(await refusal(), undefined);
  });

  test('what is in no namespace has none, and neither has a namespace', async () => {
    await policy(rule('namespaceObject == null'));
    assert.equal(await refusal('/api/v1/nodes', { metadata: { name: 'n' } }), undefined);
    assert.equal(await refusal('/api/v1/namespaces', { metadata: { name: 'n' } }), undefined);
    assert.equal(await refusal(), 'failed expression: namespaceObject == null');
  });

  test('variables are made of each other', async () => {
    const variables = [
      { name: 'a', expression: 'object.data.k' },
      { name: 'b', expression: 'variables.a + "!"' },
    ];
    await policy({ variables, ...tell('"got " + variables.b') });
    assert.equal(await refusal(), 'got v!');
  });

  test('conditions decide whether the policy is asked: one that is false before those that fail', async () => {
    const condition = (name: string, expression: string) => ({ name, expression });
    const [bad, worse] = [condition('a', 'object.data.y == ""'), condition('b', 'object.data.z == ""')];
    await policy({ ...rule('false'), matchConditions: [bad, condition('c', 'object.data.k == "w"')] });
    assert.equal(await refusal(), undefined);
    await policy({ ...rule('false'), matchConditions: [bad, worse] }, {}, 'q');
    const why = (text: string, key: string) => `expression '${text}' resulted in error: no such key: ${key}`;
    assert.equal(await refusal(), `[${why('object.data.y == ""', 'y')}, ${why('object.data.z == ""', 'z')}]`);
  });

  test('names, exclusions and selectors narrow what a policy is about', async () => {
    const cases: readonly (readonly [object, object])[] = [
      [{ matchConstraints: constraints({ resourceNames: ['b'] }) }, {}],
      [{ matchConstraints: { ...constraints(), excludeResourceRules: constraints().resourceRules } }, {}],
      [{ matchConstraints: constraints({}, { objectSelector: { matchLabels: { x: 'y' } } }) }, {}],
      [{ matchConstraints: constraints({}, { namespaceSelector: { matchLabels: { tier: 'tin' } } }) }, {}],
      [{}, { matchResources: constraints({ resources: ['nodes'] }) }],
      [{}, { matchResources: { excludeResourceRules: constraints({ resourceNames: ['a'] }).resourceRules } }],
    ];
    for (const [at, [spec, binding]] of cases.entries()) await policy({ ...rule('false'), ...spec }, binding, `p${at}`);
    assert.equal(await refusal(), undefined);
    assert.equal(await refusal(maps, { metadata: { name: 'b' } }), 'failed expression: false');
  });

  test('a policy of another version is asked with that version, unless it wants exactly its own', async () => {
    const autoscalers = { apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] };
    const path = '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers';
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
    const autoscaler = { metadata: { name: 'h' }, spec: { maxReplicas: 2, scaleTargetRef } };
    await policy({
      matchConstraints: constraints(autoscalers, { matchPolicy: 'Exact' }),
      ...tell('"exact"'),
    });
    assert.equal(await refusal(path, autoscaler), undefined);
    await policy(
      {
        matchConstraints: constraints(autoscalers),
        ...tell('object.apiVersion + " " + request.kind.version + " " + request.requestKind.version'),
      },
      {},
      'q',
    );
    assert.equal(await refusal(path, autoscaler), 'autoscaling/v1 v1 v2');
  });

  describe('with parameters', () => {
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    const limited = { paramKind, ...tell('params.kind + " " + params.metadata.name + " " + params.data.limit') };
    const bind = (paramRef: object) => ({ paramRef: { parameterNotFoundAction: 'Deny', ...paramRef } });
    const none = 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction';

    test('one is found by its name, in the namespace of the request or in another', async () => {
      await policy(limited, bind({ name: 'low' }));
      assert.equal(await refusal(), 'ConfigMap low 1');
      assert.equal(
        await refusal('/api/v1/nodes', { metadata: { name: 'n' } }),
        'failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
      );
      await policy(limited, bind({ name: 'high', namespace: 'shop' }), 'a');
      assert.equal(await refusal('/api/v1/namespaces/default/configmaps'), 'ConfigMap high 5');
    });

    test('each that a selector finds has to agree', async () => {
      const selector = { matchLabels: { limits: 'yes' } };
      const spec = {
        ...limited,
        ...rule('params.data.limit == "1"', { messageExpression: 'string(params.metadata.name)' }),
      };
      await policy(spec, bind({ selector }));
      assert.equal(await refusal(), 'high');
    });

    test('where there is none the binding says what follows', async () => {
      await policy(limited, bind({ name: 'gone', parameterNotFoundAction: 'Allow' }));
      assert.equal(await refusal(), undefined);
      await policy(limited, bind({ selector: { matchLabels: { limits: 'no' } } }), 'q');
      assert.equal(await refusal(), none);
    });

    test('a binding that names none has null', async () => {
      await policy({ paramKind, ...rule('params != null', { message: 'null' }) });
      assert.equal(await refusal(), 'null');
    });

    test('a kind that is not served is told of, and a scope that is wrong', async () => {
      const unknown = { apiVersion: 'a.b/v1', kind: 'Foo' };
      await policy({ ...limited, paramKind: { apiVersion: 'v1', kind: 'Node' } }, bind({ name: 'n', namespace: 'x' }));
      assert.equal(
        await refusal(),
        'failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`',
      );
      await policy({ ...limited, paramKind: unknown }, {}, 'a');
      assert.equal(
        await refusal(),
        "failed to configure policy: failed to find resource referenced by paramKind: 'a.b/v1, Kind=Foo'",
      );
    });
  });

  test('what never ends is ended', async () => {
    const ten = '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]';
    const deep = [...'abcdef'].reduceRight((inner, name) => `${ten}.all(${name}, ${inner})`, 'true');
    await policy(rule(deep));
    assert.match((await refusal())!, /resulted in error: operation cancelled: actual cost limit exceeded$/);
  });

  test('no policy has a say in policies', async () => {
    const everything = constraints({ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] });
    await policy({ matchConstraints: everything, ...rule('false') });
    assert.equal((await refusal(`${group}/validatingwebhookconfigurations`))!, 'failed expression: false');
    const { code } = await api.ask(`${group}/validatingadmissionpolicybindings/p-bound`, { method: 'DELETE' });
    assert.equal(code, 200);
  });
});
