import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Places } from './places.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };
const logs = { ...pods, subresource: 'log' };
const jobs = { group: 'batch', version: 'v1', resource: 'jobs' };

test('what is at a place is found there and in its group, and a subresource is a place of its own', () => {
  const places = new Places<string>().with([
    [pods, 'pods'],
    [logs, 'logs'],
    [jobs, 'jobs'],
  ]);
  assert.deepEqual([places.get(pods), places.get(logs), places.get(jobs)], ['pods', 'logs', 'jobs']);
  assert.equal(places.get({ ...jobs, subresource: 'log' }), undefined);
  assert.deepEqual([...places.ofGroup('')], ['pods', 'logs']);
  assert.deepEqual([...places.ofGroup('apps')], []);
});

test('the next places leave those before as they were', () => {
  const first = new Places<string>().with([[pods, 'pods']]);
  const second = first.with([[logs, 'logs']]);
  const third = second.without([pods, logs]).with([[pods, 'others']]);
  assert.deepEqual([...first.ofGroup('')], ['pods']);
  assert.deepEqual([...second.ofGroup('')], ['pods', 'logs']);
  assert.deepEqual([...third.ofGroup('')], ['others']);
  assert.deepEqual([...third.without([pods]).ofGroup('')], []);
});

test('a place is taken once', () => {
  const places = new Places<string>().with([[logs, 'logs']]);
  assert.throws(() => places.with([[logs, 'others']]), /Cannot serve "\/v1\/pods\/log": something is served there/);
});
