import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import type { Cluster } from '../state/cluster.ts';
import type { ServedKind } from '../state/kinds.ts';
import { mounted } from './testing/mounted.ts';
import { kindOf, row, servedKind, sessionOf } from './testing/session-of.ts';

const { EventsView, NodesView, PodsView, ServicesView, WorkloadsView } = await import('./views.tsx');
const pods = servedKind('pods', 'Pod');

test('pods have the status that kubectl prints, and how long ago they were started again', async () => {
  const extract = { restarted: '2026-01-01T00:58:00Z' };
  const rows = [
    row('shop/web', ['0/1', 'CrashLoopBackOff', '4 (12s ago)', '1h'], extract),
    row('shop/db', ['1/1', 'Running', '0', '1h'], {}),
  ];
  const shown = kindOf(pods, rows, 'Name', 'Ready', 'Status', 'Restarts', 'Age').kind as Cluster['pods'];
  using view = await mounted(PodsView, { session: sessionOf({ pods: shown }) });
  assert.match(view.root.named('tr', /^web/)[0]!.textContent, /CrashLoopBackOff4 \(2m ago\)60m$/);
  assert.match(view.root.named('tr', /^db/)[0]!.textContent, /Running060m$/);
  const pills = view.root.named('span').filter((one) => one.getAttribute('class')?.startsWith('pill'));
  assert.deepEqual(
    pills.map(({ textContent }) => textContent),
    ['CrashLoopBackOff', 'Running'],
  );
});

test('services have the number of their endpoints', async () => {
  const rows = [row('shop/web', ['ClusterIP', '10.96.0.7', '<none>', '80/TCP', '1h', 'app=web'])];
  const services = kindOf(servedKind('services', 'Service'), rows, 'Name', 'Type').kind;
  const around = signal({ endpoints: new Map([['shop/web', { used: 2, of: 3 }]]), patientClasses: new Set<string>() });
  using view = await mounted(ServicesView, { session: sessionOf({ services, around }) });
  assert.match(view.text(), /ClusterIP2\/3$/);
});

test('nodes have what their pods ask for', async () => {
  const nodes = kindOf(servedKind('nodes', 'Node', false), [row('one', ['Ready'])], 'Name', 'Status');
  const share = { used: 1.5, of: 4 };
  const usages = signal(new Map([['one', { pods: share, cpu: share, memory: { used: 2 ** 30, of: 2 ** 32 } }]]));
  using view = await mounted(NodesView, { session: sessionOf({ nodes: nodes.kind as Cluster['nodes'], usages }) });
  assert.match(view.text(), /oneReady1\.5 of 41\.5 of 41 Gi of 4 Gi$/);
});

test('workloads are all that run pods, Deployments first', async () => {
  const kinds = [
    'replicasets.apps ReplicaSet',
    'jobs.batch Job',
    'pods Pod',
    'deployments.apps Deployment',
    'services Service',
  ];
  const served = kinds.map((text) => servedKind(text.split(' ')[0]!, text.split(' ')[1]!));
  const kind = (one: ServedKind) => kindOf(one).kind;
  using view = await mounted(WorkloadsView, { session: sessionOf({ kinds: signal(served), kind }) });
  assert.deepEqual(
    view.root.named('h2').map(({ textContent }) => textContent.trim()),
    ['Deployments 0', 'Jobs 0', 'ReplicaSets 0'],
  );
});

test('events have their age from when they were last seen, and lead to what they are about', async () => {
  const events = servedKind('events', 'Event');
  const extract = { lastSeen: '2026-01-01T00:59:00Z', isWarning: true };
  const event = { ...row('shop/web.1', [], extract), cells: ['1m', 'Warning', 'BackOff', 'pod/web', 'again'] };
  const shown = kindOf(events, [event], 'Last Seen', 'Type', 'Reason', 'Object', 'Message', 'Name+').kind;
  const session = sessionOf({ kinds: signal([pods, events]), kind: () => shown as never }, { view: 'events' });
  using view = await mounted(EventsView, { session });
  assert.match(view.text(), /60sshopWarningBackOffpod\/webagain$/);
  assert.deepEqual(
    view.root.named('a').map((link) => link.getAttribute('href')),
    ['#events/events/shop/web.1', '#events/pods/shop/web'],
  );
});
