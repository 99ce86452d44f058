import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { certificateExpiry, isGoodUntil } from '../../apiserver/auth/certificates.ts';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { ensureServerPki, type ServerPki } from '../pki.ts';
import { renewServerPki } from './renew-server-pki.ts';

const dayMs = 86_400_000;

test('a server that runs for a year works with new certificates before the old ones end', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kubeling-pki-'));
  t.after(() => rm(folder, { recursive: true }));
  const clock = new VirtualClock();
  const names = { dnsNames: ['localhost'], addresses: ['127.0.0.1'] };
  const renew = () => ensureServerPki(folder, names, { clock, random: new SeededRandom(2) });
  const pki = await renew();
  const used = Promise.withResolvers<ServerPki>();
  const stop = new AbortController();
  let uses = 0;
  const use = (renewed: ServerPki): void => {
    uses++;
    used.resolve(renewed);
  };
  const renewing = renewServerPki({ pki, renew, use }, { clock, log: silentLogger, signal: stop.signal });
  await clock.advance(304 * dayMs);
  assert.equal(uses, 0);
  await clock.advance(2 * dayMs);
  const { authority, server, kubeletClient } = await used.promise;
  stop.abort();
  await renewing;
  assert.equal(uses, 1);
  assert.equal(authority.key, pki.authority.key);
  for (const one of [server, kubeletClient]) assert.ok(isGoodUntil(one, authority, clock.now() + 364 * dayMs));
  const stored = await readFile(join(folder, 'admin.crt'), 'utf8');
  assert.ok(certificateExpiry(stored) > clock.now() + 364 * dayMs);
});
