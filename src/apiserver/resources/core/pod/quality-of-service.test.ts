import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../../../api/core/v1/types.ts';
import { qualityOfService } from './quality-of-service.ts';

const full = { cpu: '1', memory: '1Gi' };
const rows: { readonly name: string; readonly spec: object; readonly want: string }[] = [
  { name: 'nothing asked for', spec: { containers: [{}] }, want: 'BestEffort' },
  {
    name: 'nothing asked for, in numbers',
    spec: { containers: [{ resources: { requests: { cpu: '0' } } }] },
    want: 'BestEffort',
  },
  {
    name: 'requests equal to limits, written in another way',
    spec: { containers: [{ resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: full } }] },
    want: 'Guaranteed',
  },
  {
    name: 'a second container without limits',
    spec: { containers: [{ resources: { requests: full, limits: full } }, {}] },
    want: 'Burstable',
  },
  {
    name: 'an init container without limits',
    spec: { initContainers: [{}], containers: [{ resources: { requests: full, limits: full } }] },
    want: 'Burstable',
  },
  {
    name: 'no limit for memory',
    spec: { containers: [{ resources: { requests: full, limits: { cpu: '1' } } }] },
    want: 'Burstable',
  },
  {
    name: 'limits for the pod as a whole',
    spec: { resources: { requests: full, limits: full }, containers: [{}] },
    want: 'Guaranteed',
  },
];

for (const { name, spec, want } of rows) {
  test(`quality of service: ${name}`, () => assert.equal(qualityOfService(spec as PodSpec), want));
}
