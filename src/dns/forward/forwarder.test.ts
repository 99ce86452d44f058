import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { questionBytes } from '../wire/question.ts';
import { recordType } from '../wire/record.ts';
import { Forwarder } from './forwarder.ts';

/** Nobody answers there. */
const servers = [{ host: '127.0.0.1', port: 9 }];

test('a client that asks very much leaves room for others', async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const sources = { clock, random: new SeededRandom('questions'), log: silentLogger, signal: stop.signal };
  const forwarder = new Forwarder({ ...sources, servers });
  const asking: Promise<unknown>[] = [];
  const ask = async (name: string, client: string): Promise<boolean> => {
    const question = questionBytes(`${name}.example.com`, recordType.A);
    const answer = forwarder.ask({ question, wantsDnssec: false, isCheckingDisabled: false }, false, client);
    asking.push(answer);
    return (await Promise.race([answer, Promise.resolve('asked')])) !== 'busy';
  };
  let taken = 0;
  for (let i = 0; i < 300; i++) if (await ask(`a${i % 100}`, '10.0.0.1')) taken++;
  assert.equal(taken, 250);
  assert.ok(await ask('b', '10.0.0.2'));
  assert.ok(await ask('a0', '10.0.0.2'));
  assert.ok(!(await ask('a0', '10.0.0.1')), 'who waits for what is asked already waits too');
  stop.abort();
  await Promise.all(asking);
  assert.ok(await ask('c', '10.0.0.1'), 'places are given back');
  await Promise.all(asking);
});
