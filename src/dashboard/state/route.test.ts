import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoute, routeText, type Route } from './route.ts';

const routes: [fragment: string, route: Route][] = [
  ['#overview', { view: 'overview' }],
  ['#pods', { view: 'pods' }],
  ['#overview/nodes/one', { view: 'overview', open: { id: 'nodes', name: 'one' } }],
  ['#pods/pods/default/web-1', { view: 'pods', open: { id: 'pods', namespace: 'default', name: 'web-1' } }],
  ['#services/services/a/b%3Ac', { view: 'services', open: { id: 'services', namespace: 'a', name: 'b:c' } }],
  [
    '#pods/pods/default/web-1:logs',
    { view: 'pods', open: { id: 'pods', namespace: 'default', name: 'web-1', part: 'logs' } },
  ],
  ['#events', { view: 'events' }],
  ['#kinds', { view: 'kinds' }],
  ['#kinds:jobs.batch', { view: 'kinds', kind: 'jobs.batch' }],
  [
    '#kinds:jobs.batch/jobs.batch/a/b:yaml',
    { view: 'kinds', kind: 'jobs.batch', open: { id: 'jobs.batch', namespace: 'a', name: 'b', part: 'yaml' } },
  ],
];

for (const [fragment, route] of routes)
  test(`the address ${fragment} leads to what it came from`, () => {
    assert.deepEqual(parseRoute(fragment), route);
    assert.equal(routeText(route), fragment);
  });

for (const fragment of [
  '',
  '#',
  '#nothing',
  '#nothing/x',
  '#overview/pods',
  '#overview/pods/a/b/c',
  '#overview/pods//',
  '#%',
  '#overview:x',
])
  test(`the address "${fragment}" leads to the overview`, () => {
    assert.deepEqual(parseRoute(fragment), { view: 'overview' });
  });
