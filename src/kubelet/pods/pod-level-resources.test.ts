import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, ResourceRequirements } from '../../api/core/v1/types.ts';
import { makeContainer, makePod } from '../testing/pods.ts';
import { podLevelResources } from './pod-level-resources.ts';

const small = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } };
const rows: { name: string; given: ResourceRequirements[]; phase: 'Pending' | 'Running'; want: object }[] = [
  { name: 'nothing was asked for', given: [{}], phase: 'Running', want: { resources: {} } },
  {
    name: 'a container with a limit',
    given: [small],
    phase: 'Running',
    want: { allocatedResources: small.requests, resources: { limits: { memory: '64Mi' }, requests: small.requests } },
  },
  {
    name: 'beside one without, the pod has no limit',
    given: [small, { requests: { cpu: '5m' } }],
    phase: 'Running',
    want: {
      allocatedResources: { cpu: '15m', memory: '16Mi' },
      resources: { requests: { cpu: '15m', memory: '16Mi' } },
    },
  },
  {
    name: 'what is no matter of cgroups is only allocated',
    given: [{ requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } }],
    phase: 'Running',
    want: { allocatedResources: { 'example.com/gpu': '1' }, resources: {} },
  },
  {
    name: 'before it runs all is shown',
    given: [small, { limits: { 'ephemeral-storage': '1Gi' }, requests: { 'ephemeral-storage': '1Gi' } }],
    phase: 'Pending',
    want: {
      allocatedResources: { cpu: '10m', memory: '16Mi', 'ephemeral-storage': '1Gi' },
      resources: {
        limits: { memory: '64Mi', 'ephemeral-storage': '1Gi' },
        requests: { cpu: '10m', memory: '16Mi', 'ephemeral-storage': '1Gi' },
      },
    },
  },
];

for (const { name, given, phase, want } of rows)
  test(`resources of the pod: ${name}`, () => {
    const containers = given.map((resources, at) => makeContainer(`c${at}`, { resources }));
    const pod: Pod = { ...makePod({ containers }), status: { phase } };
    assert.deepEqual(podLevelResources(pod), want);
  });
