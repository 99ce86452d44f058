import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startHttpsApi } from '../../kit/https-api.ts';

test('admins get profiles of the server, others get none', async () => {
  await using api = await startHttpsApi();
  const jane = await api.identity('jane');
  assert.equal((await api.ask('/debug/pprof/heap?seconds=0.1', { who: jane })).code, 403);
  assert.equal((await api.ask('/debug/pprof/nonsense')).code, 404);
  const { code, headers, bytes } = await api.ask('/debug/pprof/heap?seconds=0.1');
  assert.deepEqual([code, headers['content-type']], [200, 'application/octet-stream']);
  assert.ok(gunzipSync(bytes).length > 0);
});
