import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signal } from '@preact/signals';
import type { KubeObject } from '../../apimachinery/object.ts';
import { AsyncQueue } from '../../base/async-queue.ts';
import type { Cluster } from '../state/cluster.ts';
import type { Opened } from '../state/route.ts';
import type { Row } from '../state/table-rows.ts';
import { mounted, settled } from './testing/mounted.ts';
import { row, servedKind, sessionOf } from './testing/session-of.ts';

const { Details } = await import('./details.tsx');

const kinds = [
  servedKind('pods', 'Pod'),
  servedKind('secrets', 'Secret'),
  servedKind('replicasets.apps', 'ReplicaSet'),
  servedKind('orders.shop.example', 'Order'),
];

function live<T>(items: readonly T[], synced = true) {
  return { items: signal(items), synced: signal(synced), problem: signal<string | undefined>(undefined) };
}

/** Details of one object; its row is there from the beginning. */
function opened(open: Opened, object: Partial<KubeObject> | undefined, more: Partial<Cluster> = {}) {
  const shown = row(`shop/${open.name}`, ['Sold', '3'], object && { metadata: { name: open.name }, ...object });
  const objects = live([{ ...shown, kind: 'Any', apiVersion: 'v1' } as Row<KubeObject | undefined>]);
  const signals: AbortSignal[] = [];
  const columns = ['Name', 'Status', 'Amount', 'Age'].map((name) => ({ name, priority: 0 }));
  const session = sessionOf(
    {
      kinds: signal(kinds),
      columnsOf: () => signal(columns),
      object: (_kind, _key, stop) => (signals.push(stop), objects),
      eventsOf: () => live([]),
      ...more,
    },
    { view: 'kinds', open: { namespace: 'shop', ...open } },
  );
  return { session, objects, signals };
}

test('details of any kind have what kubectl prints of it', async () => {
  const { session } = opened(
    { id: 'orders.shop.example', name: 'one' },
    { metadata: { name: 'one', labels: { a: 'b' } } },
  );
  using details = await mounted(Details, { session });
  assert.match(details.text(), /^Order in shopone✕SummaryYAML/);
  assert.match(details.text(), /StatusSoldAmount3Labelsa=bEventsNone\.$/);
  assert.equal(details.root.named('a', 'Logs').length, 0);
});

test('an object that is not there, or not yet, is told of', async () => {
  const { session, objects } = opened({ id: 'pods', name: 'web' }, undefined);
  objects.items.value = [];
  objects.synced.value = false;
  using details = await mounted(Details, { session });
  assert.match(details.text(), /Loading…$/);
  objects.synced.value = true;
  await settled();
  assert.match(details.text(), /It is not there, or no more\.$/);
});

test('a kind that the server does not have is told of', async () => {
  const { session } = opened({ id: 'gone.example', name: 'x' }, undefined);
  using details = await mounted(Details, { session });
  assert.match(details.text(), /The server has no gone\.example\.$/);
});

test('an owner is linked where its kind is known', async () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'u', controller: true };
  const { session } = opened({ id: 'pods', name: 'web' }, {
    metadata: { name: 'web', namespace: 'shop', ownerReferences: [owner] },
    spec: { containers: [] },
  } as Partial<KubeObject>);
  using details = await mounted(Details, { session });
  const [link] = details.root.named('a', 'ReplicaSet web-1');
  assert.equal(link!.getAttribute('href'), '#kinds/replicasets.apps/shop/web-1');
});

test('what is no longer opened is no longer followed', async () => {
  const { session, signals } = opened({ id: 'orders.shop.example', name: 'one' }, {});
  using details = await mounted(Details, { session });
  assert.deepEqual([signals.length, signals[0]!.aborted], [1, false]);
  session.route.value = { view: 'kinds' };
  await settled();
  assert.deepEqual([details.text(), signals[0]!.aborted], ['', true]);
});

test('the YAML of an object follows it', async () => {
  const managedFields = [{ manager: 'kubectl' }];
  const { session, objects } = opened(
    { id: 'orders.shop.example', name: 'one', part: 'yaml' },
    { metadata: { name: 'one', managedFields } },
  );
  using details = await mounted(Details, { session });
  const text = () => details.root.named('pre')[0]!.textContent;
  assert.equal(text(), 'metadata:\n  name: one\n');
  details.root.named('input')[0]!.fire('change', { currentTarget: { checked: true } });
  await settled();
  assert.match(text(), /managedFields/);
  objects.items.value = [row('shop/one', [], { metadata: { name: 'one' }, kind: 'Order' } as KubeObject)];
  await settled();
  assert.equal(text(), 'kind: Order\nmetadata:\n  name: one\n');
});

describe('a Secret', () => {
  const secret = { metadata: { name: 'password' }, data: { word: btoa('do not tell') } } as KubeObject;
  const asked: unknown[] = [];
  const reveal = (key: unknown) => (asked.push(key), Promise.resolve(secret));

  for (const [part, value] of [
    [undefined, /worddo not tell/],
    ['yaml', new RegExp(`word: ${btoa('do not tell')}`)],
  ] as const)
    test(`has its values read when they are asked for, and hidden again: ${part ?? 'summary'}`, async () => {
      asked.length = 0;
      const open = { id: 'secrets', name: 'password', ...(part && { part }) };
      const { session } = opened(open, undefined, { reveal });
      using details = await mounted(Details, { session });
      assert.deepEqual(asked, []);
      assert.doesNotMatch(details.text(), value);
      details.root.named('button', 'Show the values')[0]!.click();
      await settled();
      assert.equal(asked.length, 1);
      assert.match(details.text(), value);
      details.root.named('button', 'Hide the values')[0]!.click();
      await settled();
      assert.doesNotMatch(details.text(), value);
    });

  test('that has changed is hidden, as its values are others', async () => {
    const { session, objects } = opened({ id: 'secrets', name: 'password' }, undefined, { reveal });
    using details = await mounted(Details, { session });
    details.root.named('button', 'Show the values')[0]!.click();
    await settled();
    const [shown] = objects.items.value;
    objects.items.value = [{ ...shown!, metadata: { ...shown!.metadata, resourceVersion: '8' } }];
    await settled();
    assert.doesNotMatch(details.text(), /do not tell/);
  });

  test('that may not be read says so', async () => {
    const refuse = () => Promise.reject(new Error('secrets "password" is forbidden'));
    const { session } = opened({ id: 'secrets', name: 'password' }, undefined, { reveal: refuse });
    using details = await mounted(Details, { session });
    details.root.named('button', 'Show the values')[0]!.click();
    await settled();
    assert.match(details.text(), /Show the valuessecrets "password" is forbidden/);
  });
});

describe('logs of a pod', () => {
  const names = ['main', 'side'];
  const pod = (restartCount: number) => ({
    metadata: { name: 'web', namespace: 'shop', annotations: { 'kubectl.kubernetes.io/default-container': 'side' } },
    spec: { initContainers: [{ name: 'first' }], containers: names.map((name) => ({ name })) },
    status: { containerStatuses: names.map((name) => ({ name, restartCount })) },
  });

  function read() {
    const logs: { choice: object; stop: AbortSignal; pieces: AsyncQueue<string> }[] = [];
    const open = { id: 'pods', name: 'web', part: 'logs' } as const;
    const { session, objects } = opened(open, pod(0), {
      logs(_pod, choice, stop) {
        const pieces = new AsyncQueue<string>();
        logs.push({ choice, stop, pieces });
        return pieces;
      },
    });
    return { session, objects, logs };
  }

  test('begin with the container that kubectl would take, and show what comes', async () => {
    const { session, logs } = read();
    using details = await mounted(Details, { session });
    assert.deepEqual(logs[0]!.choice, { container: 'side', follow: true, previous: false, timestamps: false });
    assert.deepEqual(
      details.root.named('option').map(({ textContent }) => textContent),
      ['first', 'main', 'side'],
    );
    logs[0]!.pieces.push('one\n');
    logs[0]!.pieces.close();
    await settled();
    assert.equal(details.root.named('pre')[0]!.textContent, 'one\n');
    assert.match(details.text(), /The log has ended\.$/);
  });

  test('of another container are read in the place of the first', async () => {
    const { session, logs } = read();
    using details = await mounted(Details, { session });
    details.root.named('select')[0]!.fire('change', { currentTarget: { value: 'main' } });
    details.root
      .named('label', /Previous/)[0]!
      .named('input')[0]!
      .fire('change', { currentTarget: { checked: true } });
    await settled();
    assert.deepEqual(logs.at(-1)!.choice, { container: 'main', follow: true, previous: true, timestamps: false });
    assert.deepEqual(
      logs.map(({ stop }) => stop.aborted),
      logs.map((_, at) => at < logs.length - 1),
    );
  });

  test('are read anew when the container was started again', async () => {
    const { session, objects, logs } = read();
    using _ = await mounted(Details, { session });
    objects.items.value = [row('shop/web', [], pod(0) as KubeObject)];
    await settled();
    assert.equal(logs.length, 1, 'any other change');
    objects.items.value = [row('shop/web', [], pod(1) as KubeObject)];
    await settled();
    assert.equal(logs.length, 2);
  });
});
