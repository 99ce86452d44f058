import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../apimachinery/object.ts';
import { factsOf } from './facts.ts';

const metadata = { name: 'one' };
const cases: { kind: string; more: object; want: Record<string, string> }[] = [
  {
    kind: 'Service',
    more: {
      spec: {
        selector: { app: 'web', tier: 'front' },
        ports: [
          { name: 'http', port: 80, targetPort: 8080 },
          { port: 53, nodePort: 30053, protocol: 'UDP' },
        ],
      },
    },
    want: {
      Selector: 'app=web,tier=front',
      Ports: 'http: 80 → 8080 (TCP); 53, node port 30053 → 53 (UDP)',
    },
  },
  {
    kind: 'Node',
    more: {
      spec: {
        podCIDRs: ['10.244.0.0/24'],
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'b', value: 'c', effect: 'NoExecute' },
        ],
      },
      status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }], nodeInfo: { osImage: 'Debian' } },
    },
    want: {
      Addresses: '192.0.2.1',
      'Pod addresses': '10.244.0.0/24',
      Taints: 'a:NoSchedule, b=c:NoExecute',
      System: 'Debian',
    },
  },
  {
    kind: 'Deployment',
    more: {
      spec: {
        strategy: { type: 'Recreate' },
        selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
        template: {
          spec: {
            containers: [
              { name: 'a', image: 'a:1' },
              { name: 'b', image: 'b:2' },
            ],
          },
        },
      },
    },
    want: { Strategy: 'Recreate', Selector: 'app=web,tier', Images: 'a:1, b:2' },
  },
  {
    kind: 'Pod',
    more: { spec: { containers: [], nodeName: 'n' }, status: { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] } },
    want: { Node: 'n', Addresses: '10.0.0.1, fd00::1' },
  },
  { kind: 'ConfigMap', more: {}, want: {} },
];

for (const { kind, more, want } of cases)
  test(`what is worth knowing of a ${kind} is told`, () => {
    const object: KubeObject = { kind, metadata, ...more };
    assert.deepEqual(
      Object.fromEntries(factsOf(object).filter(([, value]) => value !== undefined && value !== '')),
      want,
    );
  });
