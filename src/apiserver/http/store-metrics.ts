import type { MeasuredStore } from '../measured-store.ts';
import { headOf, histogramOf, labelsText, lineOf } from './exposition.ts';

const durations = 'etcd_request_duration_seconds';
const totals = 'etcd_requests_total';
const failures = 'etcd_request_errors_total';
const size = 'apiserver_storage_size_bytes';

/** What `/metrics` shows of the store, under the names of etcd, in whose place it is. */
export function storeMetrics(store: MeasuredStore): string {
  const lines = {
    durations: [headOf(durations, 'histogram', 'Time that the store took, by operation and resource')],
    totals: [headOf(totals, 'counter', 'Requests to the store, by operation and resource')],
    failures: [headOf(failures, 'counter', 'Requests that the store could not carry out')],
  };
  for (const { operation, resource: groupResource, timings, failed } of store.tallies) {
    const [resource, group] = parts(groupResource);
    const labels = labelsText({ group, operation, resource });
    lines.durations.push(histogramOf(durations, labels, timings.bounds, timings));
    lines.totals.push(lineOf(totals, labels, timings.count));
    if (failed > 0) lines.failures.push(lineOf(failures, labels, failed));
  }
  const bytes = headOf(size, 'gauge', 'Bytes that the store takes on disk, or in memory where it is kept there');
  return [
    ...Object.values(lines).flat(),
    bytes,
    lineOf(size, labelsText({ storage_cluster_id: 'etcd-0' }), store.size()),
  ].join('');
}

/** `deployments.apps` is of the group `apps`, `pods` of the one without a name. */
function parts(groupResource: string): readonly [resource: string, group: string] {
  const dot = groupResource.indexOf('.');
  return dot < 0 ? [groupResource, ''] : [groupResource.slice(0, dot), groupResource.slice(dot + 1)];
}
