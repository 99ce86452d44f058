import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import type { Cluster } from '../state/cluster.ts';
import { mounted, settled } from './testing/mounted.ts';
import { kindOf, servedKind, sessionOf } from './testing/session-of.ts';

const { App } = await import('./app.tsx');

function shown() {
  const pods = kindOf(servedKind('pods', 'Pod')).kind as Cluster['pods'];
  return sessionOf({ pods, namespaces: signal(['default', 'shop']) }, { view: 'pods' });
}

test('the page says which view it shows, of which cluster, and whether it is reached', async () => {
  const session = shown();
  using app = await mounted(App, { session, name: 'kubeling' });
  const current = app.root.named('a').filter((link) => link.getAttribute('aria-current') === 'page');
  assert.deepEqual(
    current.map(({ textContent }) => textContent),
    ['Pods'],
  );
  assert.match(app.text(), /kubeling live · Kubernetes v1\.36\.0/);
  session.reach.value = 'proxy lost';
  await settled();
  assert.match(app.text(), /offline · Kubernetes/);
  assert.match(app.text(), /"kubeling dashboard" does not answer/);
});

test('a filter is what the user has chosen and typed', async () => {
  const session = shown();
  using app = await mounted(App, { session, name: 'kubeling' });
  app.root.named('select')[0]!.fire('change', { currentTarget: { value: 'shop' } });
  app.root.named('input')[0]!.fire('input', { currentTarget: { value: 'web' } });
  assert.deepEqual(session.filter.value, { namespace: 'shop', text: 'web' });
});
