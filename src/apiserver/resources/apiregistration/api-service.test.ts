import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { apiService } from './api-service.ts';

const spec = { group: 'a.b', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 };
const service = { namespace: 'x', name: 'y' };
const nameless = 'metadata.name: Invalid value: "it": must be `spec.version+"."+spec.group`: "v1.a.b"';

const rows: readonly (readonly [string, object, readonly string[]])[] = [
  ['a local one', {}, []],
  ['one behind a Service', { service, caBundle: 'eA==' }, []],
  ['the highest priorities', { groupPriorityMinimum: 20_000, versionPriority: 1000 }, []],
  [
    'priorities that are too high',
    { groupPriorityMinimum: 20_001, versionPriority: 1001 },
    [
      'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
    ],
  ],
  [
    'a Service without place and name',
    { service: {} },
    ['spec.service.namespace: Required value', 'spec.service.name: Required value'],
  ],
  [
    'a Service at no port',
    { service: { ...service, port: -1 } },
    ['spec.service.port: Invalid value: -1: port is not valid: must be between 1 and 65535, inclusive'],
  ],
  [
    'trust and no need of it',
    { service, caBundle: 'eA==', insecureSkipTLSVerify: true },
    ['spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present'],
  ],
  [
    'a local one with what only others need',
    { caBundle: 'eA==', insecureSkipTLSVerify: true },
    [
      'spec.caBundle: Invalid value: "1 bytes": local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ],
  ],
];

for (const [name, more, want] of rows)
  test(`APIService: ${name}`, () => {
    const object = { metadata: { name: 'v1.a.b' }, spec: { ...spec, ...more } };
    assert.deepEqual(complaintsAbout(apiService, object), want);
  });

test('APIService: its name says what it is for', () => {
  assert.deepEqual(complaintsAbout(apiService, { spec }), [nameless]);
  const core = { metadata: { name: 'v2.' }, spec: { ...spec, group: '', version: 'v2' } };
  const only = 'spec.group: Required value: only v1 may have an empty group and it better be legacy kube';
  assert.deepEqual(complaintsAbout(apiService, core), [only]);
});

test('APIService: the port of HTTPS unless another is named', () => {
  assert.equal(completed(apiService, { spec: { ...spec, service } }).spec.service?.port, 443);
});

test('APIService: who answers, and whether it does', () => {
  const cells = (object: object) => apiService.columns!.cells(completed(apiService, object) as never, 0).slice(0, 3);
  const of = (status: object) => ({
    spec: { ...spec, service },
    status: { conditions: [{ type: 'Available', ...status }] },
  });
  assert.deepEqual(cells({ spec }), ['it', 'Local', 'Unknown']);
  assert.deepEqual(cells(of({ status: 'True', reason: 'Passed' })), ['it', 'x/y', 'True']);
  assert.deepEqual(cells(of({ status: 'False', reason: 'MissingEndpoints' }))[2], 'False (MissingEndpoints)');
});
