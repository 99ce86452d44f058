import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.ts';
import { infoOf, type PodParts } from '../testing/objects.ts';
import { signatureOf } from './pod-signature.ts';

const plain: PodParts = { labels: { app: 'web' }, requests: { cpu: '1' } };
const token = (name: string): Partial<Pod['spec']> => ({ volumes: [{ name, projected: { sources: [] } }] });

test('replicas have one signature, whatever their names and tokens', () => {
  const one = signatureOf(infoOf({ name: 'a', ...plain, spec: token('kube-api-access-a') }));
  assert.equal(signatureOf(infoOf({ name: 'b', ...plain, spec: token('kube-api-access-b') })), one);
  assert.notEqual(one, undefined);
});

const others: { name: string; parts: PodParts }[] = [
  { name: 'other labels', parts: { ...plain, labels: { app: 'db' } } },
  { name: 'another namespace', parts: { ...plain, namespace: 'other' } },
  { name: 'other requests', parts: { ...plain, requests: { cpu: '2' } } },
  { name: 'another image', parts: { ...plain, image: 'app:2' } },
  { name: 'another owner', parts: { ...plain, owner: 'set' } },
  { name: 'a host port', parts: { ...plain, ports: [{ hostPort: 80 }] } },
  { name: 'another priority', parts: { ...plain, spec: { priority: 1 } } },
  { name: 'a node selector', parts: { ...plain, spec: { nodeSelector: { disk: 'ssd' } } } },
  { name: 'a toleration', parts: { ...plain, spec: { tolerations: [{ operator: 'Exists' }] } } },
  { name: 'no preemption', parts: { ...plain, spec: { preemptionPolicy: 'Never' } } },
];
for (const { name, parts } of others)
  test(`a pod with ${name} has another signature`, () => {
    assert.notEqual(signatureOf(infoOf(parts)), signatureOf(infoOf(plain)));
    assert.notEqual(signatureOf(infoOf(parts)), undefined);
  });

test('a pod with a claim, or for which room was made, has no signature', () => {
  const claim: Partial<Pod['spec']> = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
  assert.equal(signatureOf(infoOf({ ...plain, spec: claim })), undefined);
  assert.equal(signatureOf(infoOf({ ...plain, status: { nominatedNodeName: 'a' } })), undefined);
});
