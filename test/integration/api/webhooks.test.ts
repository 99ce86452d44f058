import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  ValidatingWebhookConfigurations,
  type MutatingWebhook,
} from '../../../src/api/admissionregistration/v1/types.ts';
import { HorizontalPodAutoscalers } from '../../../src/api/autoscaling/v1/types.ts';
import { ConfigMaps, Namespaces, Services } from '../../../src/api/core/v1/types.ts';
import { isStatus, type StatusError } from '../../../src/apimachinery/status.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import {
  patch,
  startToldServer,
  webhooksOf,
  withoutWebhooks,
  type Answer,
  type Review,
  type ToldServer,
} from '../../kit/told-webhooks.ts';

const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*' as const], resources: ['configmaps'] };

describe('webhooks', () => {
  const opened = new AsyncDisposableStack();
  let api: HttpsApi;
  let server: ToldServer;
  let caBundle = '';
  let url = '';
  let answers: ToldServer['answers'];
  let asked: ToldServer['asked'];
  let mutating: ReturnType<typeof webhooksOf>['mutating'];
  let validating: typeof mutating;

  before(async () => {
    server = opened.use(await startToldServer());
    ({ caBundle, url, answers, asked } = server);
    api = opened.use(await startHttpsApi());
    await api.client.create(Namespaces, { metadata: { name: 'shop', labels: { hooked: 'yes' } }, spec: {} });
    ({ mutating, validating } = webhooksOf(api.client, server));
  });
  after(() => opened.disposeAsync());

  beforeEach(async () => {
    asked.length = 0;
    await withoutWebhooks(api.client);
  });

  let made = 0;
  const map = (data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({
    metadata: { namespace: 'shop', name: `map-${made++}`, labels },
    data,
  });
  const create = (...given: Parameters<typeof map>) => api.client.create(ConfigMaps, map(...given));
  const refusal = (work: Promise<unknown>): Promise<StatusError> =>
    work.then(
      () => assert.fail('nobody refused'),
      (error: unknown) => (isStatus(error) ? error : assert.fail(String(error))),
    );

  test('a bundle of the server certificate alone will do, and its path is cleaned', async () => {
    answers.set('/own', () => ({ allowed: false, status: { message: 'asked' } }));
    const clientConfig = { url: `${url}//x/../own/`, caBundle: server.ownBundle };
    await mutating('unused', () => ({ allowed: true }), { clientConfig });
    assert.match((await refusal(create())).message, /denied the request: asked$/);
  });

  test('each changes what those before it made, in the order of their names, and the rest of the server sees it', async () => {
    await mutating('b', ({ request }) =>
      patch({ op: 'add', path: '/data/second', value: `after ${request['object'].data.first}` }),
    );
    await mutating('a', () => patch({ op: 'add', path: '/data/first', value: 'a' }));
    await validating('c', ({ request }) => ({ allowed: request['object'].data.second === 'after a' }));
    assert.deepEqual((await create({ zero: '0' })).data, { zero: '0', first: 'a', second: 'after a' });
  });

  describe('connections', () => {
    const connecting = (of: string): Partial<MutatingWebhook> => ({
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: [of] }],
    });
    const no = { allowed: false, status: { message: 'not this one' } };

    for (const [of, query, options] of [
      ['attach', 'stdin=true&container=main', { kind: 'PodAttachOptions', stdin: true, container: 'main' }],
      ['exec', 'stdout=1&command=ls&command=-l', { kind: 'PodExecOptions', stdout: true, command: ['ls', '-l'] }],
      ['portforward', 'ports=80,443', { kind: 'PodPortForwardOptions', ports: [80, 443] }],
      ['proxy/a/b', 'x=y', { kind: 'PodProxyOptions', path: '/a/b' }],
    ] as const)
      test(`by ${of} of a pod may be refused for what they are opened with, before the pod is looked up`, async () => {
        const [subresource = ''] = of.split('/');
        await validating('a', () => no, connecting(`pods/${subresource}`));
        const { code, body } = await api.ask(`/api/v1/namespaces/shop/pods/one/${of}?${query}`);
        assert.deepEqual(
          [code, body.message],
          [400, 'admission webhook "a.example.com" denied the request: not this one'],
        );
        const [{ request } = assert.fail('nobody was asked')] = asked;
        const { kind, requestKind, subResource, resource, name, operation } = request;
        assert.deepEqual(request['object'], { apiVersion: 'v1', ...options });
        assert.deepEqual(kind, { group: '', version: 'v1', kind: options.kind });
        assert.deepEqual(requestKind, kind);
        assert.deepEqual([resource.resource, subResource, name, operation], ['pods', subresource, 'one', 'CONNECT']);
        assert.equal(request['options'], null);
      });

    test('of other namespaces are nobody’s business', async () => {
      await validating('a', () => no, connecting('services/proxy'));
      assert.equal((await api.ask('/api/v1/namespaces/default/services/one/proxy/')).code, 404);
      assert.equal(asked.length, 0);
    });

    test('are never tried out', async () => {
      const { code, body } = await api.ask('/api/v1/namespaces/shop/pods/one/exec?dryRun=All&command=ls');
      assert.deepEqual([code, body.message], [400, 'dryRun is not supported']);
    });
  });

  test('what is sent to a subresource is of its own kind', async () => {
    const rules = [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE' as const], resources: ['pods/binding'] },
    ];
    await validating('a', () => ({ allowed: false }), { rules });
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'one' }, target: { kind: 'Node', name: 'n' } };
    await api.ask('/api/v1/namespaces/shop/pods/one/binding', { method: 'POST', body });
    const [{ request } = assert.fail('nobody was asked')] = asked;
    assert.deepEqual([request['kind'].kind, request['requestKind'].kind], ['Binding', 'Binding']);
    assert.equal(request['resource'].resource, 'pods');
  });

  test('it is told what is asked, by whom and of what', async () => {
    await validating('a', () => ({ allowed: true }));
    const one = await create({ a: '1' });
    await api.client.update(ConfigMaps, { ...one, data: { a: '2' } });
    await api.client.delete(ConfigMaps, one.metadata);
    const [created, updated, deleted] = asked.map(({ request }) => request);
    const { uid, object, userInfo, options, ...rest } = created!;
    assert.match(uid as string, /^[0-9a-f-]{36}$/);
    assert.equal(object.data.a, '1');
    assert.deepEqual(userInfo, { username: 'system:apiserver', groups: userInfo.groups });
    assert.equal(options.kind, 'CreateOptions');
    assert.deepEqual(rest, {
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
      requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      name: one.metadata.name,
      namespace: 'shop',
      operation: 'CREATE',
      oldObject: null,
      dryRun: false,
    });
    assert.deepEqual([updated!['object'].data.a, updated!['oldObject'].data.a], ['2', '1']);
    assert.deepEqual([deleted!['operation'], deleted!['object'], deleted!['oldObject'].data.a], ['DELETE', null, '2']);
  });

  test('its refusal is the answer, under its name', async () => {
    await validating('a', ({ request }) => ({ allowed: false, status: JSON.parse(request['object'].data.status) }));
    const plain = await refusal(create({ status: '{}' }));
    assert.deepEqual([plain.code, plain.reason], [400, undefined]);
    assert.equal(plain.message, 'admission webhook "a.example.com" denied the request without explanation');
    const full = await refusal(create({ status: JSON.stringify({ code: 418, message: 'no tea', reason: 'Teapot' }) }));
    assert.deepEqual([full.code, full.reason], [418, 'Teapot']);
    assert.equal(full.message, 'admission webhook "a.example.com" denied the request: no tea');
  });

  for (const [state, port, why] of [
    ['is not there', undefined, 'service "hook" not found'],
    ['has another port', 8443, 'no service port 443 found for service "hook"'],
    ['has no endpoints', 443, 'no endpoints available for service "hook"'],
  ] as const)
    test(`what it must allow fails, with the address, when its Service ${state}`, async () => {
      const place = { namespace: 'shop', name: 'hook' };
      if (port !== undefined) await api.client.create(Services, { metadata: place, spec: { ports: [{ port }] } });
      const clientConfig = { service: { ...place, path: '/a' }, caBundle };
      await validating('a', () => ({ allowed: true }), { clientConfig, timeoutSeconds: 5 });
      const { code, message } = await refusal(create());
      const url = 'https://hook.shop.svc:443/a?timeout=5s';
      assert.deepEqual(
        [code, message],
        [
          500,
          `Internal error occurred: failed calling webhook "a.example.com": failed to call webhook: Post "${url}": ${why}`,
        ],
      );
      if (port !== undefined) await api.client.delete(Services, place);
    });

  for (const [name, answer, want] of [
    [
      'no JSON',
      (_: Review, response: ServerResponse) => void response.end('tea'),
      /received invalid webhook response: .*json parse error/,
    ],
    [
      'another uid',
      () => ({ uid: 'x', allowed: true }),
      /received invalid webhook response: expected response.uid="[^"]+", got "x"/,
    ],
    [
      'an error',
      (_: Review, response: ServerResponse) => void response.writeHead(500).end('oops'),
      /failed to call webhook: an error on the server \("oops"\) has prevented the request from succeeding$/,
    ],
    [
      'nothing there',
      (_: Review, response: ServerResponse) => void response.writeHead(404).end(),
      /failed to call webhook: the server could not find the requested resource$/,
    ],
    [
      '100 MB',
      (_: Review, response: ServerResponse) => void endless(response),
      /failed to call webhook: the answer is longer than/,
    ],
    [
      'a million values',
      (_: Review, response: ServerResponse) => void response.end(`[${'1,'.repeat(1_000_000)}1]`),
      /failed to call webhook: the answer has more than 60000 values$/,
    ],
    [
      'a patch where none may be',
      () => patch({ op: 'add', path: '/a', value: 1 }),
      /validating webhook may not return response.patch$/,
    ],
    [
      'no end',
      (_: Review, response: ServerResponse) => void response.write(' '),
      /Post "https:[^"]+\?timeout=1s": context deadline exceeded$/,
    ],
  ] as const)
    test(`what it must allow fails when it answers ${name}, and passes when it may be left out`, async () => {
      await validating('a', answer as Answer, { timeoutSeconds: name === 'no end' ? 1 : 30 });
      const { code, message } = await refusal(create());
      assert.equal(code, 500);
      assert.match(message, /^Internal error occurred: failed calling webhook "a.example.com": /);
      assert.match(message, want);
      const [one] = (await api.client.list(ValidatingWebhookConfigurations)).items;
      await api.client.update(ValidatingWebhookConfigurations, {
        ...one!,
        webhooks: one!.webhooks!.map((webhook) => ({ ...webhook, failurePolicy: 'Ignore' as const })),
      });
      await create();
    });

  test('it is asked only about what its rules, selectors and conditions name', async () => {
    await validating('a', () => ({ allowed: true }), {
      rules: [{ ...rule, operations: ['CREATE'] }],
      objectSelector: { matchLabels: { look: 'yes' } },
      matchConditions: [{ name: 'small', expression: "object.data.size != 'large' && request.operation == 'CREATE'" }],
    });
    await create({}, { look: 'no' });
    await create({ size: 'large' }, { look: 'yes' });
    await api.client.create(ConfigMaps, { metadata: { namespace: 'default', name: 'x', labels: { look: 'yes' } } });
    assert.equal(asked.length, 0);
    await create({ size: 'small' }, { look: 'yes' });
    assert.equal(asked.length, 1);
  });

  for (const [conditions, why] of [
    [['object.data.nothing == 1'], "expression 'object.data.nothing == 1' resulted in error: no such key: nothing"],
    [
      ['true', 'object.data.x == 1', 'object.data.y == 1'],
      "[expression 'object.data.x == 1' resulted in error: no such key: x, expression 'object.data.y == 1' resulted in error: no such key: y]",
    ],
    [['object.data.x == 1', 'false'], undefined],
  ] as const)
    test(`a request is ${why ? 'refused' : 'let pass'} where conditions cannot be told: ${conditions.join(', ')}`, async () => {
      const matchConditions = conditions.map((expression, at) => ({ name: `n${at}`, expression }));
      await validating('a', () => ({ allowed: true }), { matchConditions });
      await mutating('b', () => ({ allowed: true }), { matchConditions, failurePolicy: 'Ignore' });
      const object = map({ a: '1' });
      const made = api.client.create(ConfigMaps, object);
      if (why === undefined) await made;
      else {
        const { code, message } = await refusal(made);
        assert.deepEqual([code, message], [403, `configmaps "${object.metadata.name}" is forbidden: ${why}`]);
      }
      assert.equal(asked.length, 0);
    });

  test('a request is refused where conditions take too much together', async () => {
    const digits = JSON.stringify(Array.from({ length: 40 }, (_, at) => at));
    const expression = `${digits}.all(a, ${digits}.all(b, ${digits}.all(c, ${digits}.all(d, a + b + c + d >= 0))))`;
    await validating('a', () => ({ allowed: true }), {
      matchConditions: ['one', 'two', 'three'].map((name) => ({ name, expression })),
    });
    const { code, message } = await refusal(create({ a: '1' }));
    assert.equal(code, 403);
    assert.match(
      message,
      / is forbidden: validation failed due to running out of cost budget, no further validation rules will be run$/,
    );
  });

  test('it is asked about another version of the kind in its own, and what it changes comes back', async () => {
    await mutating('a', () => patch({ op: 'replace', path: '/spec/maxReplicas', value: 7 }), {
      rules: [{ apiGroups: ['autoscaling'], apiVersions: ['v2'], operations: ['CREATE'], resources: ['*'] }],
    });
    const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };
    const spec = { maxReplicas: 3, scaleTargetRef, targetCPUUtilizationPercentage: 50 };
    const made = await api.client.create(HorizontalPodAutoscalers, {
      metadata: { namespace: 'shop', name: 'web' },
      spec,
    });
    const [{ request }] = asked as [Review];
    assert.deepEqual([request['kind'].version, request['requestKind'].version], ['v2', 'v1']);
    assert.equal(request['object'].apiVersion, 'autoscaling/v2');
    assert.equal(request['object'].spec.metrics[0].resource.target.averageUtilization, 50);
    assert.deepEqual([made.spec.maxReplicas, made.spec.targetCPUUtilizationPercentage], [7, 50]);
  });

  test('nobody who has side effects is asked in a dry run', async () => {
    await validating('a', () => ({ allowed: true }), { sideEffects: 'NoneOnDryRun' });
    const path = '/api/v1/namespaces/shop/configmaps?dryRun=All';
    const { code } = await api.ask(path, { method: 'POST', body: { metadata: { name: 'dry' } } });
    assert.equal(code, 201);
    assert.equal(asked[0]!.request['dryRun'], true);
  });

  test('its warnings reach the client', async () => {
    await validating('a', () => ({ allowed: true, warnings: ['mind the gap'] }));
    const { warnings } = await api.ask('/api/v1/namespaces/shop/configmaps', {
      method: 'POST',
      body: { metadata: { name: 'warned' } },
    });
    assert.deepEqual(warnings, ['mind the gap']);
  });

  test('nobody is asked about webhooks themselves', async () => {
    await validating('a', () => ({ allowed: false }), {
      rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
      namespaceSelector: {},
    });
    await api.client.delete(ValidatingWebhookConfigurations, { name: 'a' });
    await create();
  });

  test('a request waits for all of them together no longer than it was told to', async () => {
    const silent: Answer = () => undefined;
    await mutating('a', silent, { failurePolicy: 'Ignore', timeoutSeconds: 10 });
    await mutating('b', silent, { failurePolicy: 'Ignore', timeoutSeconds: 10 });
    const { body, code } = await api.ask('/api/v1/namespaces/shop/configmaps?timeout=200ms', {
      method: 'POST',
      body: { kind: 'ConfigMap', apiVersion: 'v1', ...map() },
    });
    const message = 'Timeout: request did not complete within requested timeout - context deadline exceeded';
    assert.deepEqual([code, body.reason, body.message], [504, 'Timeout', message]);
    const ofMaps = asked.filter(({ request }) => request['resource'].resource === 'configmaps');
    assert.equal(ofMaps.length, 1, 'events about the webhooks themselves are asked about, too');
  });

  test('one that would lock the cluster out is told of when it is written, in a warning and an event', async () => {
    const kinds = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const { warnings, code } = await api.ask(kinds, {
      method: 'POST',
      body: {
        metadata: { name: 'greedy' },
        webhooks: [
          {
            name: 'greedy.example.com',
            clientConfig: { url: `${url}/greedy`, caBundle },
            rules: [{ apiGroups: ['coordination.k8s.io'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
          },
        ],
      },
    });
    const text =
      'webhooks[0]: when "greedy.example.com" does not answer, nodes cannot renew their leases in "kube-node-lease", and count as lost';
    assert.deepEqual([code, warnings], [201, [text]]);
    for (;;) {
      const { body } = await api.ask('/api/v1/namespaces/default/events?fieldSelector=reason=MayLockOut');
      if (body.items.length === 0) continue;
      assert.deepEqual([body.items[0].involvedObject.name, body.items[0].message], ['greedy', text]);
      break;
    }
  });

  test('questions, refusals and failures are counted under the names of Kubernetes', async () => {
    await validating('counted', ({ request }) => ({ allowed: request['object'].data.ok === 'yes' }));
    await create({ ok: 'yes' });
    await refusal(create({ ok: 'no' }));
    await mutating('open', (_review, response) => void response.destroy(), { failurePolicy: 'Ignore' });
    await create({ ok: 'yes' });
    const { text: metrics } = await api.ask('/metrics');
    const labels = 'name="counted.example.com",type="validating",operation="CREATE"';
    const lines = [
      `apiserver_admission_webhook_request_total{${labels},code="200",rejected="false"} 2`,
      `apiserver_admission_webhook_request_total{${labels},code="400",rejected="true"} 1`,
      `apiserver_admission_webhook_rejection_count{${labels},error_type="no_error",rejection_code="400"} 1`,
      `apiserver_admission_webhook_admission_duration_seconds_count{${labels},rejected="false"} 2`,
      'apiserver_admission_webhook_fail_open_count{name="open.example.com",type="admit"} 1',
      'apiserver_admission_webhook_request_total{name="open.example.com",type="admit",operation="CREATE",code="503",rejected="false"} 1',
    ];
    for (const line of lines) assert.ok(metrics.split('\n').includes(line), line);
  });
});

function endless(response: ServerResponse): void {
  const part = Buffer.alloc(1024 * 1024, ' ');
  let sent = 0;
  const more = (): void => {
    while (sent++ < 100) if (!response.write(part)) return void response.once('drain', more);
    response.end();
  };
  more();
}
