import { Nodes, type Node } from '../../../api/core/v1/types.ts';
import { NodeMetricsResource, type NodeMetrics } from '../../../api/metrics/v1beta1/types.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import { refused } from '../../../apimachinery/status.ts';
import type { ServerContext } from '../../context.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Measurements } from './measurements.ts';
import { measuredAt, usageText } from './usage-text.ts';

/** What the API names in refusals, which differs from the resource. */
const named = { group: 'metrics.k8s.io', resource: 'nodemetrics' };

/** The use of every node that was measured, under the node's name and labels. */
export function nodeMetrics(measurements: Measurements): ResourceDefinition<NodeMetrics> {
  const metricsOf = ({ metadata: { name, labels } }: Readonly<Node>, now: number): NodeMetrics | undefined => {
    const measurement = measurements.node(name);
    if (measurement === undefined) return undefined;
    return {
      metadata: { name, creationTimestamp: rfc3339(now), ...(labels && { labels: { ...labels } }) },
      ...measuredAt(measurement),
      usage: usageText(measurement),
    };
  };
  return {
    type: NodeMetricsResource,
    strategy: {},
    measured: {
      list: (_namespace, context: ServerContext) =>
        context.scan(Nodes).flatMap((node) => metricsOf(node, context.clock.now()) ?? []),
      get({ name }, context: ServerContext) {
        const node = context.lookup(Nodes, { name });
        if (node === undefined) throw refused.notFound(Nodes, name);
        const metrics = metricsOf(node, context.clock.now());
        if (metrics === undefined) throw refused.notFound(named, name);
        return metrics;
      },
    },
    columns: {
      cells: ({ metadata, usage, window }) => [metadata.name, usage['cpu'] ?? '', usage['memory'] ?? '', window],
    },
  };
}
