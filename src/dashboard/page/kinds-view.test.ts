import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import type { ServedKind } from '../state/kinds.ts';
import { mounted, settled } from './testing/mounted.ts';
import { kindOf, row, servedKind, sessionOf } from './testing/session-of.ts';

const { KindsView } = await import('./kinds-view.tsx');
const orders = servedKind('orders.shop.example', 'Order');
const kinds = signal([servedKind('pods', 'Pod'), servedKind('nodes', 'Node', false), orders]);

test('all kinds are there by section, custom ones too, each with its count', async () => {
  const counts: Record<string, () => Promise<number | undefined>> = {
    pods: () => Promise.resolve(5000),
    nodes: () => Promise.reject(new Error('forbidden')),
    'orders.shop.example': () => Promise.resolve(undefined),
  };
  const namespaces: string[] = [];
  const count = ({ id }: ServedKind, namespace: string) => (namespaces.push(namespace), counts[id]!());
  const session = sessionOf({ kinds, count }, { view: 'kinds' });
  session.filter.value = { namespace: 'shop', text: '' };
  using view = await mounted(KindsView, { session });
  assert.equal(view.text(), 'WorkloadsPods5000ClusterNodes–shop.exampleOrders');
  assert.deepEqual(namespaces, ['shop', 'shop', 'shop']);
  session.filter.value = { namespace: 'shop', text: 'ord' };
  await settled();
  assert.equal(view.text(), 'shop.exampleOrders');
  assert.equal(view.root.named('a')[0]!.getAttribute('href'), '#kinds:orders.shop.example');
});

test('one kind is followed while it is shown', async () => {
  const signals: AbortSignal[] = [];
  const shown = kindOf(orders, [row('shop/one', ['True'])], 'Name', 'Ready');
  const kind = (_: ServedKind, stop: AbortSignal) => (signals.push(stop), shown.kind);
  const session = sessionOf({ kinds, kind, count: () => Promise.resolve(1) }, { view: 'kinds', kind: orders.id });
  using view = await mounted(KindsView, { session });
  assert.match(view.text(), /^All kindsOrders 1NameNamespaceReadyoneshopTrue$/);
  session.route.value = { view: 'kinds' };
  await settled();
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true],
  );
});

test('a kind that is gone is told of', async () => {
  const session = sessionOf({ kinds }, { view: 'kinds', kind: 'x.example' });
  using view = await mounted(KindsView, { session });
  assert.match(view.text(), /The server has no x\.example\.$/);
});
