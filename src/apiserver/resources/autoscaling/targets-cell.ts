import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../../api/autoscaling/v2/types.ts';
import { canonicalQuantity } from '../core/pod-spec/quantities.ts';

const unknown = '<unknown>';
const mostShown = 2;

/** What is measured and what is wanted: `cpu: 20%/80%, 3/10 (avg)`; of more than two metrics their number. */
export function targetsCell(metrics: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (metrics.length === 0) return '<none>';
  const all = metrics.map((metric, i) => metricText(metric, statuses[i]));
  const shown = all.slice(0, mostShown).join(', ');
  return all.length > mostShown ? `${shown} + ${all.length - mostShown} more...` : shown;
}

function metricText(metric: Readonly<MetricSpec>, status: Readonly<MetricStatus> | undefined): string {
  const { external, object, pods, resource, containerResource } = metric;
  switch (metric.type) {
    case 'External':
      return valueText(external!.target, status?.external?.current);
    case 'Object':
      return valueText(object!.target, status?.object?.current);
    case 'Pods':
      return `${amount(status?.pods?.current.averageValue)}/${amount(pods!.target.averageValue)}`;
    case 'Resource':
      return `${resource!.name}: ${shareText(resource!.target, status?.resource?.current)}`;
    case 'ContainerResource':
      return `${containerResource!.name}: ${shareText(containerResource!.target, status?.containerResource?.current)}`;
    default:
      return '<unknown type>';
  }
}

function amount(quantity: string | undefined): string {
  return quantity === undefined ? unknown : canonicalQuantity(quantity);
}

function valueText(target: Readonly<MetricTarget>, current: Readonly<MetricValueStatus> | undefined): string {
  if (target.averageValue !== undefined) return `${amount(current?.averageValue)}/${amount(target.averageValue)} (avg)`;
  return `${amount(current?.value)}/${amount(target.value)}`;
}

function shareText(target: Readonly<MetricTarget>, current: Readonly<MetricValueStatus> | undefined): string {
  if (target.averageValue !== undefined) return `${amount(current?.averageValue)}/${amount(target.averageValue)}`;
  const percent = (share: number | undefined, none: string): string => (share === undefined ? none : `${share}%`);
  return `${percent(current?.averageUtilization, unknown)}/${percent(target.averageUtilization, '<auto>')}`;
}
