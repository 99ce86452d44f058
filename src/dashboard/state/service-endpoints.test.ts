import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { serviceEndpoints } from './service-endpoints.ts';

test('endpoints count once, whichever slices they are in, and are ready when one says so', () => {
  const slice = (name: string, service: string, endpoints: EndpointSlice['endpoints']): EndpointSlice => ({
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints,
  });
  const shares = serviceEndpoints([
    slice('web-1', 'web', [{ addresses: ['10.0.0.1'], conditions: { ready: true } }, { addresses: ['10.0.0.2'] }]),
    slice('web-2', 'web', [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.3'], conditions: { ready: false } }]),
    slice('empty', 'empty', undefined),
  ]);
  assert.deepEqual(Object.fromEntries(shares), {
    'default/web': { used: 2, of: 3 },
    'default/empty': { used: 0, of: 0 },
  });
});
