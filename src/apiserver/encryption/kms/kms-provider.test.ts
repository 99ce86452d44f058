import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../../base/logger.ts';
import { SeededRandom } from '../../../base/seeded-random.ts';
import { nextTurn } from '../../../base/turn.ts';
import { VirtualClock } from '../../../base/virtual-clock.ts';
import type { EncryptedKey, KeyService } from './key-service.ts';
import { KmsProvider } from './kms-provider.ts';

/** A plugin whose keys are letters: what it encrypts is exclusive-or-ed with them. */
class LetterKeys implements KeyService {
  keyId = 'a';
  healthz = 'ok';
  failure: Error | undefined;
  readonly calls: string[] = [];

  async status() {
    return { version: 'v2', healthz: this.healthz, keyId: this.#answer('status') };
  }

  async encrypt(plaintext: Uint8Array): Promise<EncryptedKey> {
    const keyId = this.#answer('encrypt');
    return {
      ciphertext: this.#with(keyId, plaintext),
      keyId,
      annotations: new Map([['a.example.com', Buffer.from('x')]]),
    };
  }

  async decrypt({ ciphertext, keyId }: EncryptedKey): Promise<Uint8Array> {
    this.#answer('decrypt');
    return this.#with(keyId, ciphertext);
  }

  [Symbol.dispose](): void {}

  #answer(call: string): string {
    this.calls.push(call);
    if (this.failure !== undefined) throw this.failure;
    return this.keyId;
  }

  #with(keyId: string, bytes: Uint8Array): Uint8Array {
    return bytes.map((byte) => byte ^ keyId.charCodeAt(0));
  }
}

const place = '/registry/secrets/default/a';
const value = Buffer.from('geheim');

async function open(keys = new LetterKeys(), clock = new VirtualClock(), seed = 1) {
  const provider = new KmsProvider('keys', keys, { clock, random: new SeededRandom(seed), log: silentLogger });
  await provider.start();
  return { provider, keys, clock };
}

/** Moves time on and lets the provider come to rest. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  await clock.advance(ms);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

test('values are encrypted with one seed, which the plugin encrypts once', async () => {
  const { provider, keys } = await open();
  await using _ = provider;
  const stored = [1, 2, 3].map(() => provider.toStorage(value, place));
  for (const one of stored) assert.deepEqual(Buffer.from((await provider.fromStorage(one, place)).bytes), value);
  assert.deepEqual(keys.calls, ['status', 'encrypt']);
  assert.ok(!Buffer.from(stored[0]!).includes(value));
});

test('a seed of an earlier start is decrypted by the plugin, once for all who need it', async () => {
  const keys = new LetterKeys();
  const { provider: before } = await open(keys);
  const stored = [1, 2, 3].map(() => before.toStorage(value, place));
  await before[Symbol.asyncDispose]();
  const { provider } = await open(keys, new VirtualClock(), 2);
  await using _ = provider;
  keys.calls.length = 0;
  const read = await Promise.all(stored.map(async (one) => provider.fromStorage(one, place)));
  assert.deepEqual(keys.calls, ['decrypt']);
  assert.deepEqual(
    read.map(({ bytes, isStale }) => [Buffer.from(bytes).toString(), isStale]),
    [1, 2, 3].map(() => ['geheim', false]),
  );
});

test('another key of the plugin makes another seed within a minute, and what was before is stale', async () => {
  const { provider, keys, clock } = await open();
  await using _ = provider;
  const stored = provider.toStorage(value, place);
  keys.keyId = 'b';
  await pass(clock, 60_000);
  assert.equal((await provider.fromStorage(stored, place)).isStale, true);
  assert.equal((await provider.fromStorage(provider.toStorage(value, place), place)).isStale, false);
});

test('without the plugin values are written for three minutes and read for ever', async () => {
  const { provider, keys, clock } = await open();
  await using _ = provider;
  const stored = provider.toStorage(value, place);
  keys.failure = new Error('14 UNAVAILABLE: No connection established');
  await pass(clock, 60_000);
  assert.match(provider.problem!, /^failed to perform status section .*UNAVAILABLE/);
  await pass(clock, 110_000);
  provider.toStorage(value, place);
  await pass(clock, 20_000);
  assert.throws(() => provider.toStorage(value, place), /^Error: encryptedDEKSource .* expired at /);
  assert.deepEqual(Buffer.from((await provider.fromStorage(stored, place)).bytes), value);
  keys.failure = undefined;
  await pass(clock, 10_000);
  assert.equal(provider.problem, undefined);
  provider.toStorage(value, place);
});

test('a plugin that is not well, or lies about its key, says so in the health check', async () => {
  const keys = new LetterKeys();
  keys.healthz = 'broken';
  keys.keyId = '';
  const { provider } = await open(keys);
  await using _ = provider;
  assert.equal(
    provider.problem,
    'kmsv2 Provider keys is not healthy, error: [got unexpected healthz status: broken, got invalid KMSv2 KeyID: keyID is empty]',
  );
  assert.throws(() => provider.toStorage(value, place), /^Error: got unexpected nil transformer$/);
});
