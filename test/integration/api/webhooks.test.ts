import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ValidatingWebhookConfigurations } from '../../../src/api/admissionregistration/v1/types.ts';
import { HorizontalPodAutoscalers } from '../../../src/api/autoscaling/v1/types.ts';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { patch, type Review } from '../../kit/told-webhooks.ts';
import { askedWebhooks, refusal } from './asked-webhooks.ts';

describe('webhooks', () => {
  const webhooks = askedWebhooks();
  const { mutating, validating, create } = webhooks;

  test('a bundle of the server certificate alone will do, and its path is cleaned', async () => {
    const { answers, url, ownBundle } = webhooks.server;
    answers.set('/own', () => ({ allowed: false, status: { message: 'asked' } }));
    const clientConfig = { url: `${url}//x/../own/`, caBundle: ownBundle };
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

  test('what is sent to a subresource is of its own kind', async () => {
    const rules = [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE' as const], resources: ['pods/binding'] },
    ];
    await validating('a', () => ({ allowed: false }), { rules });
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'one' }, target: { kind: 'Node', name: 'n' } };
    await webhooks.api.ask('/api/v1/namespaces/shop/pods/one/binding', { method: 'POST', body });
    const [{ request } = assert.fail('nobody was asked')] = webhooks.server.asked;
    assert.deepEqual([request['kind'].kind, request['requestKind'].kind], ['Binding', 'Binding']);
    assert.equal(request['resource'].resource, 'pods');
  });

  test('it is told what is asked, by whom and of what', async () => {
    await validating('a', () => ({ allowed: true }));
    const one = await create({ a: '1' });
    await webhooks.api.client.update(ConfigMaps, { ...one, data: { a: '2' } });
    await webhooks.api.client.delete(ConfigMaps, one.metadata);
    const [created, updated, deleted] = webhooks.server.asked.map(({ request }) => request);
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

  test('it is asked about another version of the kind in its own, and what it changes comes back', async () => {
    await mutating('a', () => patch({ op: 'replace', path: '/spec/maxReplicas', value: 7 }), {
      rules: [{ apiGroups: ['autoscaling'], apiVersions: ['v2'], operations: ['CREATE'], resources: ['*'] }],
    });
    const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };
    const spec = { maxReplicas: 3, scaleTargetRef, targetCPUUtilizationPercentage: 50 };
    const made = await webhooks.api.client.create(HorizontalPodAutoscalers, {
      metadata: { namespace: 'shop', name: 'web' },
      spec,
    });
    const [{ request }] = webhooks.server.asked as [Review];
    assert.deepEqual([request['kind'].version, request['requestKind'].version], ['v2', 'v1']);
    assert.equal(request['object'].apiVersion, 'autoscaling/v2');
    assert.equal(request['object'].spec.metrics[0].resource.target.averageUtilization, 50);
    assert.deepEqual([made.spec.maxReplicas, made.spec.targetCPUUtilizationPercentage], [7, 50]);
  });

  test('nobody who has side effects is asked in a dry run', async () => {
    await validating('a', () => ({ allowed: true }), { sideEffects: 'NoneOnDryRun' });
    const path = '/api/v1/namespaces/shop/configmaps?dryRun=All';
    const { code } = await webhooks.api.ask(path, { method: 'POST', body: { metadata: { name: 'dry' } } });
    assert.equal(code, 201);
    assert.equal(webhooks.server.asked[0]!.request['dryRun'], true);
  });

  test('its warnings reach the client', async () => {
    await validating('a', () => ({ allowed: true, warnings: ['mind the gap'] }));
    const { warnings } = await webhooks.api.ask('/api/v1/namespaces/shop/configmaps', {
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
    await webhooks.api.client.delete(ValidatingWebhookConfigurations, { name: 'a' });
    await create();
  });

  test('one that would lock the cluster out is told of when it is written, in a warning and an event', async () => {
    const { url, caBundle } = webhooks.server;
    const kinds = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const { warnings, code } = await webhooks.api.ask(kinds, {
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
      const { body } = await webhooks.api.ask('/api/v1/namespaces/default/events?fieldSelector=reason=MayLockOut');
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
    const { text: metrics } = await webhooks.api.ask('/metrics');
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
