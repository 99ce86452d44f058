import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoute, routeText, type Route } from './route.ts';

const routes: [fragment: string, route: Route][] = [
  ['#overview', { view: 'overview' }],
  ['#pods', { view: 'pods' }],
  ['#overview/nodes/one', { view: 'overview', open: { resource: 'nodes', name: 'one' } }],
  ['#pods/pods/default/web-1', { view: 'pods', open: { resource: 'pods', namespace: 'default', name: 'web-1' } }],
  ['#services/services/a/b%3Ac', { view: 'services', open: { resource: 'services', namespace: 'a', name: 'b:c' } }],
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
])
  test(`the address "${fragment}" leads to the overview`, () => {
    assert.deepEqual(parseRoute(fragment), { view: 'overview' });
  });
