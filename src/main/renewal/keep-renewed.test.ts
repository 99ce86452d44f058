import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateExpiry, createAuthority, issueCertificate } from '../../apiserver/auth/certificates.ts';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { keepRenewed, renewalTime } from './keep-renewed.ts';

const dayMs = 86_400_000;
const days = 100;

async function start() {
  const clock = new VirtualClock();
  const sources = { clock, random: new SeededRandom(1) };
  const authority = await createAuthority({ commonName: 'test', days: 3650 }, sources);
  const issue = () => issueCertificate(authority, { commonName: 'one', usage: 'client', days }, sources);
  return { clock, sources, issue };
}

test('it is due after 70 to 90 % of its life', async () => {
  const { issue } = await start();
  const identity = await issue();
  const { validFrom, validTo } = new X509Certificate(identity.certificate);
  const share = (chance: number): number => {
    const due = renewalTime(identity, { ...new SeededRandom(1), next: () => chance } as SeededRandom);
    return (due - Date.parse(validFrom)) / (Date.parse(validTo) - Date.parse(validFrom));
  };
  assert.deepEqual(
    [0, 0.5, 1].map((chance) => share(chance).toFixed(3)),
    ['0.700', '0.800', '0.900'],
  );
});

test('it is replaced before it ends, again and again, and after failures', async () => {
  const { clock, sources, issue } = await start();
  const identity = await issue();
  let present = identity;
  /** How many days the certificate had left at each order. */
  const left: number[] = [];
  let ordered: Promise<unknown> | undefined;
  const stop = new AbortController();
  const kept = keepRenewed(
    {
      name: 'one',
      identity,
      async order() {
        left.push((certificateExpiry(present.certificate) - clock.now()) / dayMs);
        if (left.length < 4) throw new Error('not now');
        return (ordered = issue());
      },
      use: async (next) => void (present = next),
    },
    { ...sources, log: silentLogger, signal: stop.signal },
  );
  for (let day = 0; day < 190; day++) {
    await clock.advance(dayMs);
    await ordered; // certificates are made outside of virtual time
  }
  stop.abort();
  await kept;
  assert.equal(left.length, 3 + 2);
  for (const days of left) assert.ok(days > 8 && days <= 31, `asked with ${days} days left`);
});
