import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../apimachinery/object.ts';
import type { ApiRequest, Transport, WatchEvent } from '../apimachinery/request.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import { refused } from '../apimachinery/status.ts';
import { AsyncQueue } from '../base/async-queue.ts';
import { onAbort } from '../base/abort.ts';
import { silentLogger, type Logger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { createInformer } from './informer-cache.ts';
import { withoutManagedFields, type Transform } from './transform.ts';
import { createClient } from './typed-client.ts';

const Widgets: ResourceType = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  resource: 'widgets',
  singular: 'widget',
  namespaced: true,
  definition: 'com.example.v1.Widget',
};

function widget(name: string, resourceVersion: number, more: Partial<KubeObject['metadata']> = {}): KubeObject {
  return {
    metadata: { namespace: 'default', name, uid: `uid-${name}`, resourceVersion: String(resourceVersion), ...more },
  };
}

/** A server whose every answer the test gives by hand. */
class Script implements Transport {
  readonly log: string[] = [];
  items: KubeObject[] = [];
  version = 1;
  stream = new AsyncQueue<WatchEvent>();
  failure: Error | undefined;

  call(request: ApiRequest): Promise<unknown> {
    this.log.push(request.verb);
    if (this.failure) return Promise.reject(this.failure);
    return Promise.resolve({ metadata: { resourceVersion: String(this.version) }, items: [...this.items] });
  }

  watch(request: ApiRequest, signal: AbortSignal): AsyncIterable<WatchEvent> {
    this.log.push(`watch from ${request.options?.['resourceVersion']}`);
    const stream = (this.stream = new AsyncQueue<WatchEvent>());
    onAbort(signal, () => stream.close());
    return stream;
  }
}

function setUp(options: { labelSelector?: string; transform?: Transform; log?: Logger } = {}) {
  const clock = new VirtualClock();
  const script = new Script();
  const stop = new AbortController();
  const start = () => {
    const informer = createInformer(createClient(script), Widgets, {
      clock,
      random: new SeededRandom(1),
      log: silentLogger,
      signal: stop.signal,
      indexes: { color: (object) => [object.metadata.labels?.['color'] ?? 'none'] },
      ...options,
    });
    const seen: string[] = [];
    informer.onChange(({ type, object }) =>
      seen.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`),
    );
    return { informer, seen };
  };
  return { clock, script, stop, start };
}

test('an informer lists, then follows, and tells its handlers in the order of revisions', async () => {
  const { clock, script, stop, start } = setUp();
  script.items = [widget('a', 3), widget('b', 2)];
  script.version = 3;
  const { informer, seen } = start();
  assert.equal(informer.hasSynced(), false);
  await informer.synced();
  await clock.settle();
  script.stream.push({ type: 'MODIFIED', object: widget('a', 4, { labels: { color: 'red' } }) });
  script.stream.push({ type: 'DELETED', object: widget('b', 5) });
  script.stream.push({ type: 'BOOKMARK', object: { metadata: { name: '', resourceVersion: '9' } } });
  await clock.settle();
  assert.deepEqual(seen, ['added b@2', 'added a@3', 'updated a@4', 'deleted b@5']);
  assert.equal(informer.resourceVersion(), '9');
  assert.deepEqual(
    informer.byIndex('color', 'red').map((one) => one.metadata.name),
    ['a'],
  );
  assert.deepEqual(informer.byIndex('color', 'none'), []);
  stop.abort();
  await clock.settle();
  assert.equal(clock.pendingTimers, 0);
});

test('a watch that ends goes on from the last version, without a list', async () => {
  const { clock, script, stop, start } = setUp();
  const { informer } = start();
  await informer.synced();
  await clock.settle();
  script.stream.push({ type: 'BOOKMARK', object: { metadata: { name: '', resourceVersion: '7' } } });
  script.stream.close();
  await clock.settle();
  assert.deepEqual(script.log, ['list', 'watch from 1', 'watch from 7']);
  stop.abort();
});

test('a version that the server forgot leads to a new list, of which handlers see the differences', async () => {
  const { clock, script, stop, start } = setUp();
  script.items = [widget('same', 1), widget('changed', 1), widget('gone', 1), widget('replaced', 1)];
  const { seen } = start();
  await clock.settle();
  seen.length = 0;
  script.items = [widget('same', 1), widget('changed', 8), widget('replaced', 7, { uid: 'other' }), widget('new', 9)];
  script.version = 9;
  script.stream.close(refused.expired('too old resource version: 1 (5)'));
  await clock.settle();
  assert.deepEqual(seen, [
    'deleted gone@1',
    'deleted replaced@1',
    'added replaced@7',
    'updated changed@8',
    'added new@9',
  ]);
  assert.deepEqual(script.log, ['list', 'watch from 1', 'list', 'watch from 9']);
  stop.abort();
});

test('a server that is away is asked again, ever more seldom, and the log is told once', async () => {
  const told: string[] = [];
  const log = { ...silentLogger, warn: (message: string) => void told.push(message) };
  const { clock, script, stop, start } = setUp({ log });
  script.failure = new Error('connection refused');
  const { informer } = start();
  await clock.advance(60_000);
  assert.ok(script.log.length > 6 && script.log.length < 14, String(script.log.length));
  assert.deepEqual(told, ['list and watch failed']);
  script.failure = undefined;
  await clock.advance(30_000);
  assert.equal(informer.hasSynced(), true);
  stop.abort();
});

test('a server that came back with another history is listed anew, and its versions count from there', async () => {
  const { clock, script, stop, start } = setUp();
  script.items = [widget('a', 900)];
  script.version = 900;
  const { informer } = start();
  await clock.settle();
  script.items = [widget('b', 3)];
  script.version = 3;
  script.stream.close(refused.timeout('Too large resource version: 900, current: 3'));
  await clock.advance(1000);
  assert.deepEqual(
    informer.list().map((one) => one.metadata.name),
    ['b'],
  );
  assert.equal(informer.resourceVersion(), '3');
  let reached: boolean | undefined;
  void informer.reached('4', 1000).then((yes) => (reached = yes));
  await clock.advance(1000);
  assert.equal(reached, false);
  stop.abort();
});

test('a server that keeps forgetting is not asked in a tight loop', async () => {
  const { clock, script, stop, start } = setUp();
  script.failure = refused.gone('gone');
  start();
  await clock.advance(10_000);
  assert.ok(script.log.length < 10, String(script.log.length));
  stop.abort();
});

test('reached answers when the version has been seen, or false when time is up', async () => {
  const { clock, script, stop, start } = setUp();
  const { informer } = start();
  await informer.synced();
  await clock.settle();
  const answers: string[] = [];
  void informer.reached('1', 5000).then((yes) => answers.push(`1 ${yes}`));
  void informer.reached('5', 5000).then((yes) => answers.push(`5 ${yes}`));
  void informer.reached('6', 5000).then((yes) => answers.push(`6 ${yes}`));
  await clock.advance(4000);
  script.stream.push({ type: 'ADDED', object: widget('a', 5) });
  await clock.advance(500);
  assert.deepEqual(answers, ['1 true', '5 true']);
  await clock.advance(500);
  assert.deepEqual(answers, ['1 true', '5 true', '6 false']);
  stop.abort();
});

test('relist lists anew at once', async () => {
  const { clock, script, stop, start } = setUp();
  const { informer } = start();
  await informer.synced();
  await clock.settle();
  script.items = [widget('missed', 4)];
  script.version = 4;
  void informer.relist();
  await clock.settle();
  assert.equal(informer.get({ namespace: 'default', name: 'missed' })?.metadata.resourceVersion, '4');
  assert.deepEqual(informer.list('other'), []);
  stop.abort();
});

test('a handler that comes late gets what is there, one that throws harms nobody', async () => {
  const { clock, script, stop, start } = setUp();
  script.items = [widget('a', 1)];
  const { informer, seen } = start();
  await clock.settle();
  const late: string[] = [];
  informer.onChange(({ type }) => {
    late.push(type);
    if (late.length > 1) throw new Error('broken');
  });
  script.stream.push({ type: 'MODIFIED', object: widget('a', 2) });
  script.stream.push({ type: 'MODIFIED', object: widget('a', 3) });
  await clock.settle();
  assert.deepEqual(late, ['added', 'updated', 'updated']);
  assert.deepEqual(seen, ['added a@1', 'updated a@2', 'updated a@3']);
  stop.abort();
});

test('what is listed, watched and deleted is kept and told as the transform makes it', async () => {
  const { clock, script, stop, start } = setUp({ transform: withoutManagedFields() });
  const managedFields = [{ manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' }] as const;
  const managed = (name: string, version: number) => widget(name, version, { managedFields: [...managedFields] });
  script.items = [managed('a', 1)];
  const { informer } = start();
  const told: KubeObject[] = [];
  informer.onChange((change) => told.push(change.object, ...('old' in change ? [change.old] : [])));
  await clock.settle();
  script.stream.push({ type: 'ADDED', object: managed('b', 2) });
  script.stream.push({ type: 'MODIFIED', object: managed('a', 3) });
  script.stream.push({ type: 'DELETED', object: managed('b', 4) });
  await clock.settle();
  assert.deepEqual(
    informer.list().map(({ metadata }) => metadata.resourceVersion),
    ['3'],
  );
  assert.equal(told.length, 5);
  for (const object of [...informer.list(), ...told]) assert.equal(object.metadata.managedFields, undefined);
  stop.abort();
});
