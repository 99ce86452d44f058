import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { ValidatingWebhookConfigurations } from '../../../src/api/admissionregistration/v1/types.ts';
import { Services } from '../../../src/api/core/v1/types.ts';
import { patch, type Answer, type Review } from '../../kit/told-webhooks.ts';
import { askedWebhooks, refusal } from './asked-webhooks.ts';

describe('webhooks that fail', () => {
  const webhooks = askedWebhooks();
  const { mutating, validating, map, create } = webhooks;

  for (const [state, port, why] of [
    ['is not there', undefined, 'service "hook" not found'],
    ['has another port', 8443, 'no service port 443 found for service "hook"'],
    ['has no endpoints', 443, 'no endpoints available for service "hook"'],
  ] as const)
    test(`what it must allow fails, with the address, when its Service ${state}`, async () => {
      const { caBundle } = webhooks.server;
      const place = { namespace: 'shop', name: 'hook' };
      if (port !== undefined)
        await webhooks.api.client.create(Services, { metadata: place, spec: { ports: [{ port }] } });
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
      if (port !== undefined) await webhooks.api.client.delete(Services, place);
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
      const [one] = (await webhooks.api.client.list(ValidatingWebhookConfigurations)).items;
      await webhooks.api.client.update(ValidatingWebhookConfigurations, {
        ...one!,
        webhooks: one!.webhooks!.map((webhook) => ({ ...webhook, failurePolicy: 'Ignore' as const })),
      });
      await create();
    });

  test('a request waits for all of them together no longer than it was told to', async () => {
    const silent: Answer = () => undefined;
    await mutating('a', silent, { failurePolicy: 'Ignore', timeoutSeconds: 10 });
    await mutating('b', silent, { failurePolicy: 'Ignore', timeoutSeconds: 10 });
    const { body, code } = await webhooks.api.ask('/api/v1/namespaces/shop/configmaps?timeout=200ms', {
      method: 'POST',
      body: { kind: 'ConfigMap', apiVersion: 'v1', ...map() },
    });
    const message = 'Timeout: request did not complete within requested timeout - context deadline exceeded';
    assert.deepEqual([code, body.reason, body.message], [504, 'Timeout', message]);
    const ofMaps = webhooks.server.asked.filter(({ request }) => request['resource'].resource === 'configmaps');
    assert.equal(ofMaps.length, 1, 'events about the webhooks themselves are asked about, too');
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
