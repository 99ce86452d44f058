import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeAttributes } from './node-attributes.ts';

const rows: [method: string, path: string, verb: string, subresources: string[]][] = [
  ['GET', '/metrics', 'get', ['metrics']],
  ['GET', '/metrics/resource', 'get', ['metrics']],
  ['GET', '/metricsfoo', 'get', ['proxy']],
  ['GET', '/stats/summary', 'get', ['stats']],
  ['GET', '/logs/messages', 'get', ['log']],
  ['POST', '/checkpoint/d/p/c', 'create', ['checkpoint']],
  ['GET', '/healthz', 'get', ['healthz', 'proxy']],
  ['GET', '/healthz/ping', 'get', ['healthz', 'proxy']],
  ['GET', '/pods', 'get', ['pods', 'proxy']],
  ['GET', '/runningpods/', 'get', ['pods', 'proxy']],
  ['GET', '/configz', 'get', ['configz', 'proxy']],
  ['GET', '/statusz', 'get', ['statusz', 'proxy']],
  ['GET', '/', 'get', ['proxy']],
  ['GET', '/containerLogs/d/p/c', 'get', ['proxy']],
  ['POST', '/exec/d/p/c', 'create', ['proxy']],
  ['PUT', '/x', 'update', ['proxy']],
  ['DELETE', '/x', 'delete', ['proxy']],
  ['OPTIONS', '/metrics', '', ['metrics']],
];
for (const [method, path, verb, subresources] of rows)
  test(`${method} ${path} needs ${verb || 'an unknown verb'} on ${subresources.join(' or ')} of the node`, () =>
    assert.deepEqual(nodeAttributes(method, path), { verb, subresources }));
