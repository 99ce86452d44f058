import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { unreadOf } from './unread.ts';

test('nothing is said to be well before all of it was read, and what was not is named', () => {
  const live = () => ({ synced: signal(false), problem: signal<string | undefined>(undefined) });
  const kinds = ['pods', 'jobs.batch'].map((id) => ({ id, ...live() }));
  const endpoints = live();
  const names = (isDiscovered: boolean) => unreadOf(isDiscovered, kinds, endpoints).map(({ what }) => what);
  assert.deepEqual(names(false), [
    'the kinds that the server has',
    'pods',
    'jobs.batch',
    'endpointslices.discovery.k8s.io',
  ]);
  kinds[0]!.synced.value = true;
  endpoints.synced.value = true;
  kinds[1]!.problem.value = 'jobs.batch is forbidden';
  assert.deepEqual(unreadOf(true, kinds, endpoints), [{ what: 'jobs.batch', why: 'jobs.batch is forbidden' }]);
  kinds[1]!.synced.value = true;
  assert.deepEqual(unreadOf(true, kinds, endpoints), []);
});
