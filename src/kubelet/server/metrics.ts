import type { ServerResponse } from 'node:http';
import type { Logger } from '../../base/logger.ts';
import { kubeletMetrics } from '../stats/kubelet-metrics.ts';
import { prometheusContentType } from '../stats/prometheus-text.ts';
import { failedResourceMetrics, resourceMetrics } from '../stats/resource-metrics.ts';
import { summaryOf } from '../stats/summary.ts';
import type { KubeletHost } from './kubelet-host.ts';
import { RequestRefusal } from './refusal.ts';

/** Serves what the kubelet measures of the node, its pods and itself. */
export async function serveMetrics(
  { kubelet, log }: { readonly kubelet: KubeletHost; readonly log: Logger },
  kind: 'metrics' | 'resourceMetrics' | 'summary',
  response: ServerResponse,
): Promise<void> {
  const fail = (error: unknown): undefined => {
    log.warn('What runs on the node could not be measured', { error: String(error) });
  };
  if (kind === 'metrics') return send(response, prometheusContentType, await kubeletMetrics(kubelet));
  const usage = await kubelet.usage().catch(fail);
  if (kind === 'resourceMetrics')
    return send(response, prometheusContentType, usage ? resourceMetrics(usage) : failedResourceMetrics());
  if (usage === undefined) throw new RequestRefusal(500, 'Internal Error: failed to get the stats of containers');
  send(response, 'application/json', JSON.stringify(summaryOf(usage), undefined, 1));
}

function send(response: ServerResponse, contentType: string, text: string): void {
  response.writeHead(200, { 'content-type': contentType }).end(text);
}
