import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { mounted, settled } from './testing/mounted.ts';
import { kindOf, row, servedKind, sessionOf } from './testing/session-of.ts';

const { Overview } = await import('./overview.tsx');

function shown(pods: readonly ReturnType<typeof row>[]) {
  const nodes = kindOf(servedKind('nodes', 'Node', false), [row('one', ['Ready'])]);
  const judged = signal([nodes.kind, kindOf(servedKind('pods', 'Pod'), pods).kind]);
  return sessionOf({ judged });
}

test('everything is well when everything was read, and not before', async () => {
  const session = shown([row('shop/web', ['1/1', 'Running'])]);
  session.unread.value = [
    { what: 'jobs.batch', why: 'jobs.batch is forbidden' },
    { what: 'services', why: undefined },
  ];
  using overview = await mounted(Overview, { session });
  assert.match(overview.text(), /Not everything could be read yet: jobs\.batch, services\. ?jobs\.batch is forbidden/);
  assert.doesNotMatch(overview.text(), /well\./);
  session.unread.value = [];
  await settled();
  assert.match(overview.text(), /Not settled 0Everything is well\./);
});

test('what was well when a server was lost is not said to be well now', async () => {
  const session = shown([]);
  session.reach.value = 'server lost';
  using overview = await mounted(Overview, { session });
  assert.match(overview.text(), /Everything was well when it was last read\./);
});

test('what is in trouble comes first, with a link to it', async () => {
  const session = shown([row('shop/slow', ['0/1', 'Pending']), row('shop/bad', ['0/1', 'CrashLoopBackOff'])]);
  using overview = await mounted(Overview, { session });
  const [concerns] = overview.root.named('ul');
  assert.match(concerns!.textContent, /^bad.*CrashLoopBackOff, 0\/1 readyslow.*Pending/);
  assert.deepEqual(
    concerns!.named('a').map((link) => link.getAttribute('href')),
    ['#overview/pods/shop/bad', '#overview/pods/shop/slow'],
  );
});

test('a filter leaves out what it does not match, and says so', async () => {
  const session = shown([row('shop/bad', ['0/1', 'CrashLoopBackOff'])]);
  session.filter.value = { namespace: 'other', text: '' };
  using overview = await mounted(Overview, { session });
  assert.match(overview.text(), /Everything that matches the filter is well\./);
  assert.match(overview.text(), /Pods0none/);
});

test('many concerns are counted, and not all drawn', async () => {
  const pods = Array.from({ length: 500 }, (_, at) => row(`shop/bad-${at}`, ['0/1', 'Error']));
  using overview = await mounted(Overview, { session: shown(pods) });
  assert.equal(overview.root.named('ul')[0]!.named('li').length, 13);
  assert.match(overview.text(), /Not settled 500.*and 488 more/);
  assert.match(overview.text(), /Pods500500 in trouble/);
});
