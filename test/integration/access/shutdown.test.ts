import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionPlugin } from '../../../src/apiserver/admission/admission.ts';
import { startHttpsApi } from '../../kit/https-api.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

/** Keeps the creation of one ConfigMap waiting until it is told; the server makes some of its own. */
function gate() {
  const entered = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const plugin: AdmissionPlugin = {
    name: 'gate',
    async validate({ type, operation, name }) {
      if (type.resource !== 'configmaps' || operation !== 'CREATE' || name !== 'held') return;
      entered.resolve();
      await opened.promise;
    },
  };
  return { plugin, entered: entered.promise, open: opened.resolve };
}

test('a server that ends says so, ends watches, refuses what comes, and finishes what is under way', async () => {
  const { plugin, entered, open } = gate();
  await using api = await startHttpsApi({ admission: [plugin], shutdown: { drainMs: 60_000 } });
  const watch = api.ask(`${configMaps}?watch=1`);
  // The watch has begun when the metrics count it.
  while (!/apiserver_longrunning_requests\{[^}]*\} 1\b/.test((await api.ask('/metrics')).text)) {}
  const writing = api.ask(configMaps, { method: 'POST', body: { metadata: { name: 'held' } } });
  await entered;
  const ending = api.shutDown();
  const { code, text } = await api.ask('/readyz');
  assert.equal(code, 500);
  assert.match(text, /^\[-\]shutdown failed: reason withheld$/m);
  assert.equal((await api.ask('/livez')).code, 200, 'it is alive');
  assert.equal((await watch).code, 200, 'the watch ends as one that has come to its end');
  const refused = await api.ask(configMaps);
  assert.deepEqual(
    [refused.code, refused.headers['retry-after'], refused.headers.connection, refused.text],
    [429, '5', 'close', 'The apiserver is shutting down, please try again later.\n'],
  );
  open();
  assert.equal((await writing).code, 201);
  await ending;
});
