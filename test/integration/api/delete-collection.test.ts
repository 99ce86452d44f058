import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { isStatus, refused } from '../../../src/apimachinery/status.ts';
import type { AdmissionPlugin } from '../../../src/apiserver/admission/admission.ts';
import { superuser } from '../../../src/apiserver/api-server.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

test('a collection whose deletion fails half way: nothing goes on unseen, and the failure is told', async () => {
  let running = 0;
  let begun = 0;
  const failed = Promise.withResolvers<void>();
  const keeper: AdmissionPlugin = {
    name: 'Keeper',
    async validate({ operation, type, name }) {
      if (operation !== 'DELETE' || type !== ConfigMaps) return;
      running++;
      begun++;
      // The others take longer than the one that fails.
      if (name === 'c-010') failed.resolve();
      else {
        await failed.promise;
        for (let turn = 0; turn < 200; turn++) await Promise.resolve();
      }
      running--;
      if (name === 'c-010') throw refused.forbidden(ConfigMaps, name, 'is to stay');
    },
  };
  await using api = await startMemoryApi({ admission: [keeper] });
  const client = createClient(api.transport(superuser, 'test'));
  const namespace = 'default';
  const names = Array.from({ length: 200 }, (_, at) => `c-${String(at).padStart(3, '0')}`);
  for (const name of names) await client.create(ConfigMaps, { metadata: { name, namespace } });
  await assert.rejects(
    client.deleteCollection(ConfigMaps, { namespace }),
    (error) => isStatus(error, 'Forbidden') && error.message === 'configmaps "c-010" is forbidden: is to stay',
  );
  assert.equal(running, 0);
  assert.ok(begun < names.length, `${begun} were begun`);
  const left = (await client.list(ConfigMaps, { namespace })).items.length;
  assert.equal(left, names.length - begun + 1);
});
