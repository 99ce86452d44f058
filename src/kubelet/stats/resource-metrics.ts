import { prometheusText, type MetricFamily, type MetricSample } from './prometheus-text.ts';
import type { NodeUsage, Usage } from './usage.ts';

const nanoSecondsInSecond = 1e9;

/** `/metrics/resource`: what autoscalers and metrics servers read, as few values as they need. */
export function resourceMetrics(usage: NodeUsage): string {
  return prometheusText([...families(usage), scrapeError(0)]);
}

/** What is said when the runtime could not tell. */
export function failedResourceMetrics(): string {
  return prometheusText([scrapeError(1)]);
}

function families({ usage, pods }: NodeUsage): MetricFamily[] {
  const containers = pods.flatMap((pod) =>
    pod.containers.map((container) => ({
      ...container,
      labels: { container: container.name, namespace: pod.namespace, pod: pod.name },
    })),
  );
  const podLabels = pods.map(({ name, namespace, usage: used }) => ({ usage: used, labels: { namespace, pod: name } }));
  return [
    ...pair('node', [{ usage, labels: {} }]),
    ...pair('container', containers),
    ...pair('pod', podLabels),
    {
      name: 'container_start_time_seconds',
      help: '[STABLE] Start time of the container since unix epoch in seconds',
      type: 'gauge',
      samples: containers.map(({ labels, startedAt }) => ({ labels, value: startedAt / 1000 })),
    },
  ];
}

/** CPU and memory of one kind of thing. */
function pair(
  kind: 'node' | 'container' | 'pod',
  all: readonly { readonly usage: Usage; readonly labels: Readonly<Record<string, string>> }[],
): MetricFamily[] {
  const samples = (value: (usage: Usage) => number): MetricSample[] =>
    all.map(({ usage, labels }) => ({ labels, value: value(usage), at: usage.at }));
  return [
    {
      name: `${kind}_cpu_usage_seconds_total`,
      help: `[STABLE] Cumulative cpu time consumed by the ${kind} in core-seconds`,
      type: 'counter',
      samples: samples(({ cpuNanoSeconds }) => cpuNanoSeconds / nanoSecondsInSecond),
    },
    {
      name: `${kind}_memory_working_set_bytes`,
      help: `[STABLE] Current working set of the ${kind} in bytes`,
      type: 'gauge',
      samples: samples(({ workingSetBytes }) => workingSetBytes),
    },
  ];
}

function scrapeError(value: 0 | 1): MetricFamily {
  return {
    name: 'resource_scrape_error',
    help: '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
    type: 'gauge',
    samples: [{ value }],
  };
}
