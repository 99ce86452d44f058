import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ConfigMaps,
  Events as CoreEvents,
  Pods,
  ServiceAccounts,
  type ConfigMap,
} from '../../../src/api/core/v1/types.ts';
import { Events } from '../../../src/api/events/v1/types.ts';
import type { KubeObject } from '../../../src/apimachinery/object.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { StatusError } from '../../../src/apimachinery/status.ts';
import type { WatchEvent } from '../../../src/apimachinery/request.ts';
import { describeLists } from './lists.ts';
import { configMap, namespace } from './objects.ts';
import { SharedApi } from './shared-api.ts';
import { describeSlowReaders } from './slow-readers.ts';
import { eventsUntil, isError, startWatchedApi, textOf, type OpenWatch, type Way } from './watched-api.ts';

/**
 * What every client of lists and watches may rely on, whatever way it came (API concepts, "Efficient detection of
 * changes").
 */
export function describeWatchContract(way: Way): void {
  describe(`lists and watches ${way === 'in process' ? way : `over ${way}`}`, { concurrency: true }, () => {
    const shared = new SharedApi(way);
    describeVersions(way, shared);
    describeSelections(shared);
    describeForms(shared);
    describeRestarts(way);
    describeBookmarks(way);
    describeSlowReaders(way);
    describeLists(way, shared);
    if (way !== 'in process') describeRepresentations(shared);
  });
}

function describeVersions(way: Way, shared: SharedApi): void {
  shared.test('without a version all that is there comes first', async ({ api, namespace, configMap }) => {
    await api.client.create(ConfigMaps, configMap('a'));
    await using watch = await api.watch(ConfigMaps, { namespace });
    assert.equal(textOf((await watch.next())!), 'ADDED a');
    await api.client.create(ConfigMaps, configMap('b'));
    assert.equal(textOf((await watch.next())!), 'ADDED b');
  });

  shared.test('sendInitialEvents=false without a version starts now', async ({ api, namespace, configMap }) => {
    await api.client.create(ConfigMaps, configMap('a'));
    const options = { sendInitialEvents: 'false', resourceVersionMatch: 'NotOlderThan' };
    await using watch = await api.watch(ConfigMaps, { namespace, ...options });
    await api.client.create(ConfigMaps, configMap('b'));
    assert.equal(textOf((await watch.next())!), 'ADDED b');
  });

  shared.test(
    'the end of the initial events is told to those who allow bookmarks',
    async ({ api, namespace, configMap }) => {
      await api.client.create(ConfigMaps, configMap('a'));
      const options = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' };
      await using watch = await api.watch(ConfigMaps, { namespace, ...options });
      const [, bookmark] = await eventsUntil(watch, ({ type }) => type === 'BOOKMARK');
      assert.deepEqual(bookmark!.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
    },
  );

  shared.test('a watch that begins anywhere tells it too', async ({ api, namespace, configMap }) => {
    await api.client.create(ConfigMaps, configMap('a'));
    for (const options of [{}, { resourceVersion: '0' }]) {
      await using watch = await api.watch(ConfigMaps, { namespace, allowWatchBookmarks: 'true', ...options });
      const [, bookmark] = await eventsUntil(watch, ({ type }) => type === 'BOOKMARK');
      assert.deepEqual(bookmark!.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
    }
  });

  shared.test('and to nobody else', async ({ api, namespace, configMap }) => {
    await api.client.create(ConfigMaps, configMap('a'));
    const options = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };
    await using watch = await api.watch(ConfigMaps, { namespace, ...options });
    assert.equal(textOf((await watch.next())!), 'ADDED a');
    await api.client.create(ConfigMaps, configMap('b'));
    assert.equal(textOf((await watch.next())!), 'ADDED b');
  });

  test('one from the future is waited for', async () => {
    await using api = await startWatchedApi(way);
    const { resourceVersion } = (await api.client.create(ConfigMaps, configMap('a'))).metadata;
    const future = String(Number(resourceVersion) + 2);
    await using watch = await api.watch(ConfigMaps, { namespace, resourceVersion: future });
    for (const name of ['b', 'c', 'd']) await api.client.create(ConfigMaps, configMap(name));
    assert.equal(textOf((await watch.next())!), 'ADDED d');
  });

  shared.test('initial events of a version from the future are refused in the stream', async ({ api, namespace }) => {
    const options = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', resourceVersion: '999999' };
    await using watch = await api.watch(ConfigMaps, { namespace, ...options });
    const { type, object } = (await watch.next())!;
    assert.deepEqual([type, (object as unknown as { code: number }).code], ['ERROR', 504]);
    assert.equal(await watch.next(), undefined);
  });

  test('what is wrong with the request is refused before the stream', async () => {
    await using api = await startWatchedApi(way);
    for (const [options, code] of [
      [{ labelSelector: 'a b' }, 400],
      [{ fieldSelector: 'data.a=b' }, 400],
      [{ timeoutSeconds: 'x' }, 400],
      [{ continue: 'x' }, 422],
      [{ sendInitialEvents: 'true' }, 422],
      [{ resourceVersionMatch: 'NotOlderThan', resourceVersion: '1' }, 422],
    ] as const) {
      const outcome = await firstOf(api.watch(ConfigMaps, { namespace, ...options }));
      assert.equal(outcome, code, JSON.stringify(options));
    }
  });

  shared.test('a version whose history is gone is answered with an event', async ({ api, namespace, configMap }) => {
    await api.client.create(ConfigMaps, configMap('a'));
    await using watch = await api.watch(ConfigMaps, { namespace, resourceVersion: '1' });
    const { type, object } = (await watch.next())!;
    assert.equal(type, 'ERROR');
    const { code, reason, message } = object as unknown as Record<string, string>;
    assert.deepEqual([code, reason], [410, 'Expired']);
    assert.match(message!, /^too old resource version: 1 \(\d+\)$/);
    assert.equal(await watch.next(), undefined);
  });
}

function describeBookmarks(way: Way): void {
  test('a bookmark tells how far a quiet watch has come, once events of others have moved it', async () => {
    const clock = new VirtualClock(systemClock.now());
    await using api = await startWatchedApi(way, { clock });
    const { resourceVersion } = (await api.client.create(ConfigMaps, configMap('a'))).metadata;
    const options = { resourceVersion, allowWatchBookmarks: 'true' };
    await using watch = await api.watch(ConfigMaps, { namespace, ...options });
    const other = await api.client.create(ServiceAccounts, { metadata: { name: 'b', namespace } });
    await clock.advance(31_000);
    const { type, object } = (await watch.next())!;
    assert.deepEqual([type, Object.keys(object)], ['BOOKMARK', ['kind', 'apiVersion', 'metadata']]);
    assert.equal(object.kind, 'ConfigMap');
    assert.equal(object.metadata.resourceVersion, other.metadata.resourceVersion);
  });

  if (way === 'in process') return;

  test('a watch ends without an error when its time is over, and has told nobody of bookmarks who wants none', async () => {
    const clock = new VirtualClock(systemClock.now());
    await using api = await startWatchedApi(way, { clock });
    const { resourceVersion } = (await api.client.create(ConfigMaps, configMap('a'))).metadata;
    await using watch = await api.watch(ConfigMaps, { namespace, resourceVersion, timeoutSeconds: '100' });
    await clock.advance(99_000);
    await api.client.create(ConfigMaps, configMap('b'));
    assert.equal(textOf((await watch.next())!), 'ADDED b');
    await clock.advance(1000);
    assert.equal(await watch.next(), undefined);
  });
}

function describeSelections(shared: SharedApi): void {
  shared.test(
    'watchers of a name, of a node and of another namespace get what is theirs',
    async ({ api, namespace, pod }) => {
      await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'kube-system' } });
      const named = await api.watch(Pods, { namespace, fieldSelector: 'metadata.name=b' });
      const placed = await api.watch(Pods, { fieldSelector: 'spec.nodeName=n1' });
      const waiting = await api.watch(Pods, { fieldSelector: 'spec.nodeName=' });
      const elsewhere = await api.watch(Pods, { namespace: 'kube-system' });
      await using opened = new AsyncDisposableStack();
      for (const watch of [named, placed, waiting, elsewhere]) opened.use(watch);
      await api.client.create(Pods, pod('a', 'n1'));
      await api.client.create(Pods, pod('b'));
      const target = { apiVersion: 'v1', kind: 'Node', name: 'n1' };
      await api.client.post(Pods, { namespace, name: 'b' }, 'binding', { metadata: { name: 'b' }, target });
      await api.client.delete(Pods, { namespace, name: 'a' }, { gracePeriodSeconds: 0 });
      const texts = async (watch: OpenWatch, last: string) =>
        (await eventsUntil(watch, (event) => textOf(event) === last)).map(textOf);
      assert.deepEqual(await texts(named, 'MODIFIED b'), ['ADDED b', 'MODIFIED b']);
      assert.deepEqual(await texts(placed, 'DELETED a'), ['ADDED a', 'ADDED b', 'DELETED a']);
      assert.deepEqual(await texts(waiting, 'DELETED b'), ['ADDED b', 'DELETED b']);
      await api.client.create(Pods, { ...pod('c'), metadata: { name: 'c', namespace: 'kube-system' } });
      assert.equal(textOf((await elsewhere.next())!), 'ADDED c');
    },
  );

  shared.test(
    'an object that leaves a selection is deleted in its last matching form, under the new version',
    async ({ api, namespace, configMap }) => {
      const made = await api.client.create(ConfigMaps, configMap('a', { app: 'x' }, { data: 'old' }));
      const { resourceVersion } = made.metadata;
      await using watch = await api.watch(ConfigMaps, { namespace, labelSelector: 'app=x', resourceVersion });
      const changed = await api.client.update(ConfigMaps, configMap('a', { app: 'y' }, { data: 'new' }));
      const { type, object } = (await watch.next())! as WatchEvent<ConfigMap>;
      assert.equal(type, 'DELETED');
      assert.deepEqual([object.metadata.labels, object.data], [{ app: 'x' }, { data: 'old' }]);
      assert.equal(object.metadata.resourceVersion, changed.metadata.resourceVersion);
    },
  );

  shared.test(
    'one that enters it is added, one that stays is modified, one that is deleted is deleted',
    async ({ api, namespace, configMap }) => {
      const made = await api.client.create(ConfigMaps, configMap('a'));
      const { resourceVersion } = made.metadata;
      await using watch = await api.watch(ConfigMaps, { namespace, labelSelector: 'app in (x,z)', resourceVersion });
      await api.client.update(ConfigMaps, configMap('a', { app: 'x' }));
      await api.client.update(ConfigMaps, configMap('a', { app: 'z' }));
      await api.client.delete(ConfigMaps, { namespace, name: 'a' });
      const events = await eventsUntil(watch, ({ type }) => type === 'DELETED');
      assert.deepEqual(events.map(textOf), ['ADDED a', 'MODIFIED a', 'DELETED a']);
      const [, modified, deleted] = events;
      assert.deepEqual(deleted!.object.metadata.labels, { app: 'z' });
      assert.ok(Number(deleted!.object.metadata.resourceVersion) > Number(modified!.object.metadata.resourceVersion));
    },
  );
}

function describeForms(shared: SharedApi): void {
  shared.test('an Event comes to the watchers of both groups, to each in its own form', async ({ api, namespace }) => {
    const fieldSelector = 'involvedObject.kind=Pod';
    await using core = await api.watch(CoreEvents, { namespace });
    await using pods = await api.watch(CoreEvents, { namespace, fieldSelector });
    await using events = await api.watch(Events, { namespace });
    await api.client.create(CoreEvents, {
      metadata: { name: 'e', namespace },
      involvedObject: { kind: 'Pod', name: 'web', namespace },
      reason: 'Started',
      type: 'Normal',
    });
    for (const [watch, apiVersion, field] of [
      [core, 'v1', 'involvedObject'],
      [pods, 'v1', 'involvedObject'],
      [events, 'events.k8s.io/v1', 'regarding'],
    ] as const) {
      const { object } = (await watch.next())!;
      assert.equal(object.apiVersion, apiVersion);
      assert.equal((object as unknown as Record<string, { name: string }>)[field]?.name, 'web');
    }
  });

  shared.test(
    'an Event is read in the form of the group that was asked, also after a list with a selector',
    async ({ api, namespace }) => {
      const regarding = { kind: 'Pod', name: 'web', namespace };
      const made = { metadata: { name: 'e', namespace }, reason: 'Started', type: 'Normal', regarding };
      const eventTime = '2026-01-01T00:00:00.000000Z';
      const reporter = { action: 'Starting', reportingController: 'x.y/z', reportingInstance: 'z-1' };
      await api.client.create(Events, { ...made, ...reporter, eventTime });
      for (const [type, apiVersion, field] of [
        [CoreEvents, 'v1', 'involvedObject'],
        [Events, 'events.k8s.io/v1', 'regarding'],
        [CoreEvents, 'v1', 'involvedObject'],
      ] as const) {
        const { items } = await api.list(type, { namespace, fieldSelector: 'type=Normal' });
        assert.equal(items[0].apiVersion ?? apiVersion, apiVersion);
        assert.equal(items[0][field]?.name, 'web');
        const got = await api.client.get<KubeObject>(type, { namespace, name: 'e' });
        assert.equal(got.apiVersion, apiVersion);
      }
    },
  );
}

function describeRepresentations(shared: SharedApi): void {
  const tables = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const metadata = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

  shared.test('a Table watch and a watch of the other group of Events harm nobody', async ({ api, namespace }) => {
    await using events = await api.watch(Events, { namespace });
    await using table = await api.watch(CoreEvents, { namespace }, tables);
    for (const name of ['e', 'f'])
      await api.client.create(CoreEvents, {
        metadata: { name, namespace },
        involvedObject: { kind: 'Pod', name: 'web', namespace },
        reason: 'Started',
        message: `${name} happened`,
        type: 'Normal',
      });
    for (const [name, columns] of [
      ['e', 10],
      ['f', undefined],
    ] as const) {
      const { object } = (await table.next())! as unknown as { object: any };
      assert.equal(object.kind, 'Table');
      // Columns come with the first row only.
      assert.equal(object.columnDefinitions?.length, columns);
      assert.deepEqual(object.rows[0].cells.slice(1, 5), ['Normal', 'Started', 'pod/web', '']);
      assert.equal(object.rows[0].object.metadata.name, name);
      assert.equal(textOf((await events.next())!), `ADDED ${name}`);
    }
  });

  shared.test(
    'a metadata watch shows no more than metadata, of what leaves the selection too',
    async ({ api, namespace, configMap }) => {
      const { resourceVersion } = (await api.client.create(ConfigMaps, configMap('a', { app: 'x' }, { b: 'c' })))
        .metadata;
      await using watch = await api.watch(
        ConfigMaps,
        { namespace, labelSelector: 'app=x', resourceVersion, allowWatchBookmarks: 'true' },
        metadata,
      );
      await api.client.update(ConfigMaps, configMap('a', { app: 'y' }));
      const { type, object } = (await watch.next())!;
      assert.deepEqual([type, Object.keys(object)], ['DELETED', ['kind', 'apiVersion', 'metadata']]);
      assert.equal(object.kind, 'PartialObjectMetadata');
      assert.deepEqual(object.metadata.labels, { app: 'x' });
    },
  );
}

function describeRestarts(way: Way): void {
  test('a watch from before a restart goes on, whether it missed something or not', async () => {
    await using api = await startWatchedApi(way);
    const { resourceVersion } = (await api.client.create(ConfigMaps, configMap('a'))).metadata;
    await api.client.create(ConfigMaps, configMap('b'));
    const c = await api.client.create(ConfigMaps, configMap('c'));
    await api.client.create(ServiceAccounts, { metadata: { name: 'of-another-kind', namespace } });
    await api.restart();
    await using behind = await api.watch(ConfigMaps, { namespace, resourceVersion });
    await using abreast = await api.watch(ConfigMaps, {
      namespace,
      resourceVersion: c.metadata.resourceVersion,
    });
    await api.client.create(ConfigMaps, configMap('d'));
    const missed = await eventsUntil(behind, ({ object }) => object.metadata.name === 'd');
    assert.deepEqual(missed.map(textOf), ['ADDED b', 'ADDED c', 'ADDED d']);
    assert.equal(textOf((await abreast.next())!), 'ADDED d');
  });
}

/** The code with which a watch is refused, or its first event. */
async function firstOf(opening: Promise<OpenWatch>): Promise<unknown> {
  try {
    await using watch = await opening;
    const event = await watch.next();
    return event !== undefined && isError(event) ? (event.object as unknown as { code: number }).code : event?.type;
  } catch (error) {
    return (error as StatusError).status.code;
  }
}
