import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import { ConfigMaps, Namespaces } from '../../../src/api/core/v1/types.ts';
import { isStatus, type StatusError } from '../../../src/apimachinery/status.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import { startToldServer, webhooksOf, withoutWebhooks, type ToldServer } from '../../kit/told-webhooks.ts';

type Webhooks = ReturnType<typeof webhooksOf>;

/**
 * For the tests of a `describe`: an API server with a namespace `shop`, whose objects the webhooks are asked about that a
 * test makes. Each test begins without webhooks, and nobody has been asked.
 */
export function askedWebhooks(options?: Parameters<typeof startHttpsApi>[0]) {
  const opened = new AsyncDisposableStack();
  let api: HttpsApi;
  let server: ToldServer;
  let webhooks: Webhooks;
  let made = 0;

  before(async () => {
    server = opened.use(await startToldServer());
    api = opened.use(await startHttpsApi(options));
    await api.client.create(Namespaces, { metadata: { name: 'shop', labels: { hooked: 'yes' } }, spec: {} });
    webhooks = webhooksOf(api.client, server);
  });
  after(() => opened.disposeAsync());
  beforeEach(async () => {
    await withoutWebhooks(api.client);
    server.asked.length = 0;
  });

  /** A ConfigMap of its own name. */
  const map = (data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({
    metadata: { namespace: 'shop', name: `map-${made++}`, labels },
    data,
  });
  return {
    get api() {
      return api;
    },
    get server() {
      return server;
    },
    mutating: (...given: Parameters<Webhooks['mutating']>) => webhooks.mutating(...given),
    validating: (...given: Parameters<Webhooks['validating']>) => webhooks.validating(...given),
    map,
    create: (...given: Parameters<typeof map>) => api.client.create(ConfigMaps, map(...given)),
  };
}

export function refusal(work: Promise<unknown>): Promise<StatusError> {
  return work.then(
    () => assert.fail('nobody refused'),
    (error: unknown) => (isStatus(error) ? error : assert.fail(String(error))),
  );
}
