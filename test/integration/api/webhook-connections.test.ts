import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MutatingWebhook } from '../../../src/api/admissionregistration/v1/types.ts';
import { askedWebhooks } from './asked-webhooks.ts';

describe('webhooks that are asked about connections', () => {
  const webhooks = askedWebhooks();
  const { validating } = webhooks;

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
      const { code, body } = await webhooks.api.ask(`/api/v1/namespaces/shop/pods/one/${of}?${query}`);
      assert.deepEqual(
        [code, body.message],
        [400, 'admission webhook "a.example.com" denied the request: not this one'],
      );
      const [{ request } = assert.fail('nobody was asked')] = webhooks.server.asked;
      const { kind, requestKind, subResource, resource, name, operation } = request;
      assert.deepEqual(request['object'], { apiVersion: 'v1', ...options });
      assert.deepEqual(kind, { group: '', version: 'v1', kind: options.kind });
      assert.deepEqual(requestKind, kind);
      assert.deepEqual([resource.resource, subResource, name, operation], ['pods', subresource, 'one', 'CONNECT']);
      assert.equal(request['options'], null);
    });

  test('of other namespaces are nobody’s business', async () => {
    await validating('a', () => no, connecting('services/proxy'));
    assert.equal((await webhooks.api.ask('/api/v1/namespaces/default/services/one/proxy/')).code, 404);
    assert.equal(webhooks.server.asked.length, 0);
  });

  test('are never tried out', async () => {
    const { code, body } = await webhooks.api.ask('/api/v1/namespaces/shop/pods/one/exec?dryRun=All&command=ls');
    assert.deepEqual([code, body.message], [400, 'dryRun is not supported']);
  });
});
