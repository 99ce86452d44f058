import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Services } from '../../api/core/v1/types.ts';
import { testContext } from '../testing/context.ts';
import type { AdmissionRequest } from './admission.ts';
import { denyServiceExternalIps } from './deny-service-external-ips.ts';

const service = (externalIPs?: readonly string[]) =>
  externalIPs && { metadata: { name: 'web' }, spec: { externalIPs } };

/** What is said of a Service that is to have the addresses `wanted` and has `had`. */
function said(deniesExternalIps: boolean, wanted?: readonly string[], had?: readonly string[]): string {
  const { context } = testContext({ config: { deniesExternalIps } });
  const operation = had === undefined ? 'CREATE' : wanted === undefined ? 'DELETE' : 'UPDATE';
  const request = { operation, type: Services, name: 'web', object: service(wanted), old: service(had) };
  try {
    void denyServiceExternalIps.validate!(request as unknown as AdmissionRequest, context);
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

const refusal = 'services "web" is forbidden: Use of external IPs is denied by admission control';

test('where it is not set, anybody names any address', () => assert.equal(said(false, ['203.0.113.1']), 'nothing'));

test('where it is set, no Service gets another address, and those that have one may lose it', () => {
  assert.equal(said(true, ['203.0.113.1']), refusal);
  assert.equal(said(true, ['203.0.113.1', '203.0.113.2'], ['203.0.113.1']), refusal);
  assert.equal(said(true, ['203.0.113.1'], ['203.0.113.1', '203.0.113.2']), 'nothing');
  assert.equal(said(true, []), 'nothing');
  assert.equal(said(true, undefined, ['203.0.113.1']), 'nothing');
});
