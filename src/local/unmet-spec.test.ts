import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCluster } from './cluster-config.ts';
import { specForNodes, type ClusterSpec } from './cluster-spec.ts';
import { chooseRanges } from './network-plan.ts';
import { unmetSpec } from './unmet-spec.ts';

const port = { listen: '0.0.0.0', nodePort: 80, protocol: 'TCP', field: 'f' } as const;
const asked: ClusterSpec = {
  nodes: [
    { role: 'control-plane', labels: {}, ports: [] },
    {
      role: 'worker',
      labels: { tier: 'a' },
      ports: [{ ...port, hostPort: 0 }],
      resources: { cpus: 2, memoryBytes: 2 ** 30 },
    },
  ],
  pods: '10.7.0.0/16',
  api: { address: '127.0.0.1', port: 0 },
};
const cluster = newCluster('c', asked, {
  ranges: chooseRanges([], asked),
  ports: [
    { listen: '127.0.0.1', hostPort: 7000, nodePort: 6443, protocol: 'TCP' },
    { ...port, hostPort: 8000 },
  ],
  now: 0,
});
const worker = (changes: Partial<ClusterSpec['nodes'][number]>): ClusterSpec => ({
  ...asked,
  nodes: [asked.nodes[0]!, { ...asked.nodes[1]!, ...changes }],
});

const rows: readonly (readonly [what: string, spec: ClusterSpec, unmet: string | undefined])[] = [
  ['what it was made with', asked, undefined],
  ['as many nodes, and no more is said', specForNodes(2), undefined],
  ['the port that was chosen', worker({ ports: [{ ...port, hostPort: 8000 }] }), undefined],
  ['more nodes', specForNodes(3), 'it has 2 nodes, and 3 are asked for'],
  ['other labels', worker({ labels: {} }), 'its node worker has other labels than is asked for'],
  [
    'another port',
    worker({ ports: [{ ...port, hostPort: 8001 }] }),
    'its node worker has other ports than is asked for',
  ],
  ['more CPUs', worker({ resources: { cpus: 3 } }), 'its node worker has other CPUs (2) than is asked for'],
  [
    'other memory',
    worker({ resources: { memoryBytes: 1 } }),
    'its node worker has other memory (1024Mi) than is asked for',
  ],
  ['other pods', { ...asked, pods: '10.9.0.0/16' }, 'its pods are in 10.7.0.0/16, and 10.9.0.0/16 is asked for'],
  [
    'external IPs',
    { ...asked, admission: { allowExternalIps: true } },
    'it admits other Services or pods than is asked for',
  ],
  ['another API', { ...asked, api: { address: '127.0.0.1', port: 1 } }, 'its API is not shown where it is asked for'],
];
for (const [what, spec, unmet] of rows)
  test(`of a cluster that is there is asked: ${what}`, () => assert.equal(unmetSpec(cluster, spec), unmet));
