import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHttpsApi } from '../../../test/kit/https-api.ts';
import { systemClock } from '../../base/system-clock.ts';
import { HttpConnection, type HttpAnswer } from './http-connection.ts';

async function textOf({ body }: HttpAnswer): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

test('an answer that has come whole before anybody reads it is read whole', async () => {
  await using api = await startHttpsApi();
  await using connection = new HttpConnection(() => api.access, systemClock);
  const first = await connection.send({ method: 'GET', path: '/version' });
  // Answers on one connection come in order: behind this one, nothing of the first is on its way.
  assert.match(await textOf(await connection.send({ method: 'GET', path: '/api' })), /APIVersions/);
  assert.match(await textOf(first), /"minor": "36"/);
});
