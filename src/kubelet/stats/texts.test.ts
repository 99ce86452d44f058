import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubeletMetrics } from './kubelet-metrics.ts';
import { prometheusText } from './prometheus-text.ts';
import { failedResourceMetrics, resourceMetrics } from './resource-metrics.ts';
import { summaryOf } from './summary.ts';
import type { NodeUsage } from './usage.ts';

const at = Date.parse('2026-01-02T03:04:05.678Z');
const startedAt = Date.parse('2026-01-02T03:00:00.250Z');
const usage = {
  at,
  cpuNanoSeconds: 2_500_000_000,
  memoryBytes: 3_000_000,
  workingSetBytes: 2_000_000,
  rssBytes: 1_000_000,
};
const node: NodeUsage = {
  name: 'worker',
  startedAt,
  usage: { ...usage, cpuNanoSeconds: 10e9, nanoCores: 250_000_000, memoryLimitBytes: 8_000_000 },
  podsUsage: usage,
  disk: { capacityBytes: 9, availableBytes: 4, usedBytes: 5, inodes: 3, inodesFree: 2, inodesUsed: 1 },
  pods: [
    {
      name: 'web',
      namespace: 'default',
      uid: 'u1',
      startedAt,
      usage,
      containers: [
        { name: 'b', startedAt, usage, layer: { usedBytes: 40, inodesUsed: 2 } },
        { name: 'a', startedAt, usage: { ...usage, workingSetBytes: 4096, pageFaults: 3, majorPageFaults: 0 } },
      ],
    },
  ],
};

test('resource metrics have the names, labels, order and times of Kubernetes', () => {
  assert.equal(
    resourceMetrics(node),
    `# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="a",namespace="default",pod="web"} 2.5 1767323045678
container_cpu_usage_seconds_total{container="b",namespace="default",pod="web"} 2.5 1767323045678
# HELP container_memory_working_set_bytes [STABLE] Current working set of the container in bytes
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{container="a",namespace="default",pod="web"} 4096 1767323045678
container_memory_working_set_bytes{container="b",namespace="default",pod="web"} 2e+06 1767323045678
# HELP container_start_time_seconds [STABLE] Start time of the container since unix epoch in seconds
# TYPE container_start_time_seconds gauge
container_start_time_seconds{container="a",namespace="default",pod="web"} 1.76732280025e+09
container_start_time_seconds{container="b",namespace="default",pod="web"} 1.76732280025e+09
# HELP node_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the node in core-seconds
# TYPE node_cpu_usage_seconds_total counter
node_cpu_usage_seconds_total 10 1767323045678
# HELP node_memory_working_set_bytes [STABLE] Current working set of the node in bytes
# TYPE node_memory_working_set_bytes gauge
node_memory_working_set_bytes 2e+06 1767323045678
# HELP pod_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the pod in core-seconds
# TYPE pod_cpu_usage_seconds_total counter
pod_cpu_usage_seconds_total{namespace="default",pod="web"} 2.5 1767323045678
# HELP pod_memory_working_set_bytes [STABLE] Current working set of the pod in bytes
# TYPE pod_memory_working_set_bytes gauge
pod_memory_working_set_bytes{namespace="default",pod="web"} 2e+06 1767323045678
# HELP resource_scrape_error [STABLE] 1 if there was an error while getting container metrics, 0 otherwise
# TYPE resource_scrape_error gauge
resource_scrape_error 0
`,
  );
});

test('a node that cannot be measured says only that', () => {
  assert.match(failedResourceMetrics(), /^# HELP [^\n]+\n# TYPE [^\n]+\nresource_scrape_error 1\n$/);
});

test('texts of labels and helps are escaped', () => {
  const samples = [{ labels: { a: 'x"y\\z\n' }, value: Number.POSITIVE_INFINITY }];
  assert.equal(
    prometheusText([{ name: 'm', help: 'one\\two\nthree', type: 'gauge', samples }]),
    '# HELP m one\\\\two\\nthree\n# TYPE m gauge\nm{a="x\\"y\\\\z\\n"} +Inf\n',
  );
});

test('the summary has the fields that clients of Kubernetes read', () => {
  const time = '2026-01-02T03:04:05Z';
  const startTime = '2026-01-02T03:00:00Z';
  const cpu = { time, usageCoreNanoSeconds: 2_500_000_000 };
  const memory = { time, usageBytes: 3_000_000, workingSetBytes: 2_000_000, rssBytes: 1_000_000 };
  const disk = { capacityBytes: 9, availableBytes: 4, usedBytes: 5, inodes: 3, inodesFree: 2, inodesUsed: 1 };
  assert.deepEqual(summaryOf(node), {
    node: {
      nodeName: 'worker',
      systemContainers: [{ name: 'pods', startTime, cpu, memory }],
      startTime,
      cpu: { time, usageNanoCores: 250_000_000, usageCoreNanoSeconds: 10e9 },
      memory: { ...memory, availableBytes: 6_000_000 },
      fs: { time, ...disk },
    },
    pods: [
      {
        podRef: { name: 'web', namespace: 'default', uid: 'u1' },
        startTime,
        containers: [
          { name: 'b', startTime, cpu, memory, rootfs: { time, ...disk, usedBytes: 40, inodesUsed: 2 } },
          {
            name: 'a',
            startTime,
            cpu,
            memory: { ...memory, workingSetBytes: 4096, pageFaults: 3, majorPageFaults: 0 },
          },
        ],
        cpu,
        memory,
      },
    ],
  });
});

test('what network policies refuse is counted for each of them', async () => {
  const text = await kubeletMetrics({
    nodeName: 'worker',
    runtime: { listContainers: () => Promise.resolve([]), listSandboxes: () => Promise.resolve([]) },
    pods: () => [],
    denied: () => [{ policy: 'shop/db', direction: 'ingress', packets: 3 }],
  });
  const name = 'kubeling_network_policy_denied_packets_total';
  assert.ok(text.includes(`${name}{direction="ingress",namespace="shop",policy="db"} 3\n`), text);
});
