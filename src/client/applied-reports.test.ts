import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aborted } from '../base/abort.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { reportApplied, type LineSender } from './applied-reports.ts';

/** A server that notes each line with the second in which it came; `end` ends the request under way. */
function setting() {
  const clock = new VirtualClock();
  const life = new AbortController();
  const heard: string[] = [];
  let end = (_error?: Error): void => {};
  const sender: LineSender = {
    async tell(path, lines, signal) {
      heard.push(path);
      const ended = Promise.withResolvers<void>();
      end = (error) => (error === undefined ? ended.resolve() : ended.reject(error));
      const listen = async () => {
        for await (const line of lines) heard.push(`${clock.monotonic() / 1000} ${line}`);
      };
      await Promise.race([listen(), ended.promise, aborted(signal)]);
    },
  };
  const reports = reportApplied({
    sender,
    node: 'worker-1',
    component: 'kube-proxy',
    clock,
    random: new SeededRandom(1),
    log: silentLogger,
    signal: life.signal,
  });
  return { clock, heard, reports, life, end: (error?: Error) => end(error) };
}

const path = '/kubeling/v1/applied?node=worker-1&component=kube-proxy';

test('a reporter says at first that it is there, then what it has applied, and repeats itself', async () => {
  const { clock, heard, reports, life } = setting();
  await clock.advance(1500);
  reports.applied('7');
  await clock.advance(1000);
  reports.applied('8');
  reports.applied('9');
  await clock.advance(100);
  assert.deepEqual(heard, [path, '0 \n', '1 \n', '1.5 7\n', '2.5 7\n', '2.5 9\n']);
  life.abort();
  await clock.settle();
  assert.equal(clock.pendingTimers, 0);
});

test('a request that ends, well or not, is followed by another with what was applied', async () => {
  const { clock, heard, reports, life, end } = setting();
  reports.applied('7');
  await clock.settle();
  end();
  await clock.advance(900);
  end(new Error('lost'));
  await clock.advance(900);
  const requests = heard.join(' ').split(path).slice(1);
  assert.equal(requests.length, 3);
  for (const lines of requests) assert.match(lines, /^ [\d. \n]+ 7\n/);
  life.abort();
  await clock.settle();
  assert.equal(clock.pendingTimers, 0);
});
