import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secrets } from '../api/core/v1/types.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { createClient } from '../client/typed-client.ts';
import { SmallServer } from '../reconciler/testing/small-server.ts';
import { NamedSecrets } from './named-secrets.ts';

const key = (name: string) => ({ namespace: 'shop', name });

test('Secrets that are followed stay so, whatever number others name', async () => {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const client = createClient(new SmallServer(clock, random));
  await client.create(Secrets, { metadata: key('old') });
  const stop = new AbortController();
  const onChange = () => undefined;
  const secrets = new NamedSecrets({ client, clock, random, log: silentLogger, signal: stop.signal, onChange });
  let isThere = false;
  const follow = async (...names: string[]) => {
    isThere = false;
    void secrets.follow(names.map(key)).then(() => (isThere = true));
    await clock.advance(2000);
    assert.ok(isThere);
  };
  await follow('old');
  const many = Array.from({ length: 1200 }, (_, at) => `a${at}`);
  await follow(...many, 'old');
  for (const name of ['a0', 'a1100']) await client.create(Secrets, { metadata: key(name) });
  await clock.settle();
  assert.deepEqual(
    ['old', 'a0', 'a1100'].map((name) => secrets.get(key(name)) !== undefined),
    [true, true, false],
  );
  await follow('a1100');
  assert.ok(secrets.get(key('a1100')));
  stop.abort();
});
