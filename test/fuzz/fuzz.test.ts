import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHttpsApi } from '../kit/https-api.ts';
import { defineCustomKinds } from './custom-kinds.ts';
import { describe, fuzz } from './fuzz.ts';
import { letReaderView } from './identities.ts';

const requests = 1500;

/** The same requests each time; `npm run fuzz` sends others, and more of them, to a whole server. */
test(`${requests} requests made of a seed are answered, and none with a fault`, async () => {
  await using api = await startHttpsApi();
  await letReaderView(api.client);
  await defineCustomKinds(api.client);
  const { server, ca, cert, key } = api.access;
  const reader = await api.identity('reader');
  const statuses = new Set<number>();
  const complaints = await fuzz({
    seed: 'check',
    from: 0,
    to: requests,
    clients: 16,
    url: server,
    ca: ca!,
    identities: {
      admin: { cert: cert!, key: key! },
      reader: { cert: reader.certificate, key: reader.key },
      stranger: undefined,
    },
    onAnswer: (_request, answer) => void statuses.add(answer?.status ?? 0),
  });
  assert.deepEqual(
    complaints.map(({ request, why }) => `${why}\n${describe(request)}`),
    [],
  );
  // What never gets past the door tests nothing behind it.
  for (const status of [200, 201, 400, 403, 404, 405, 409, 415, 422])
    assert.ok(statuses.has(status), `nothing was answered ${status}`);
});
