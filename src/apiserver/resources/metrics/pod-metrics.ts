import { Pods, type Pod } from '../../../api/core/v1/types.ts';
import { PodMetricsResource, type PodMetrics } from '../../../api/metrics/v1beta1/types.ts';
import { addQuantities, parseQuantity, quantityText, zeroQuantity } from '../../../apimachinery/quantity.ts';
import { refused } from '../../../apimachinery/status.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import type { ServerContext } from '../../context.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Measurements } from './measurements.ts';
import { measuredAt, usageText } from './usage-text.ts';

/** What the API names in refusals, which differs from the resource. */
const named = { group: 'metrics.k8s.io', resource: 'podmetrics' };

/** The use of the containers of every running pod that was measured, under the pod's name and labels. */
export function podMetrics(measurements: Measurements): ResourceDefinition<PodMetrics> {
  const metricsOf = ({ metadata, status }: Readonly<Pod>, now: number): PodMetrics | undefined => {
    const { name, namespace = '', labels } = metadata;
    const containers = status?.phase === 'Running' ? measurements.pod(namespace, name) : undefined;
    if (containers === undefined || containers.length === 0) return undefined;
    // Of the containers' times the earliest end is true of all.
    const earliest = containers.reduce((a, b) => (a.at <= b.at ? a : b));
    return {
      metadata: { name, namespace, creationTimestamp: rfc3339(now), ...(labels && { labels: { ...labels } }) },
      ...measuredAt(earliest),
      containers: containers.map((container) => ({ name: container.name, usage: usageText(container) })),
    };
  };
  return {
    type: PodMetricsResource,
    strategy: {},
    measured: {
      list: (namespace, context: ServerContext) =>
        context.scan(Pods, namespace).flatMap((pod) => metricsOf(pod, context.clock.now()) ?? []),
      get({ namespace = '', name }, context: ServerContext) {
        const pod = context.lookup(Pods, { namespace, name });
        if (pod === undefined) throw refused.notFound(Pods, name);
        const metrics = metricsOf(pod, context.clock.now());
        if (metrics === undefined) throw refused.notFound(named, `${namespace}/${name}`);
        return metrics;
      },
    },
    columns: {
      cells: ({ metadata, containers, window }) => {
        const total = (resource: string): string =>
          quantityText(
            containers
              .map(({ usage }) => parseQuantity(usage[resource] ?? '0'))
              .reduce((sum, one) => addQuantities(sum, one), zeroQuantity),
          );
        return [metadata.name, total('cpu'), total('memory'), window];
      },
    },
  };
}
