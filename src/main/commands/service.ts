import { Services, type Service } from '../../api/core/v1/types.ts';
import { EndpointSlices, type EndpointSlice } from '../../api/discovery/v1/types.ts';
import type { KubeList } from '../../apimachinery/object.ts';
import type { Transport } from '../../apimachinery/request.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { systemClock } from '../../base/system-clock.ts';
import { nodeName, requireCluster } from '../../local/cluster-config.ts';
import { isOn } from '../../local/power.ts';
import { UserError } from '../../local/problem.ts';
import { connectAsAdmin } from '../../local/readiness.ts';
import { serviceUrls, type ReachableNode } from '../../local/service-urls.ts';
import { existing, standsStill } from './cluster.ts';
import { homeOf } from './environment.ts';
import { boxedTable } from './output.ts';

export interface ServiceFlags {
  readonly name: string;
  readonly namespace: string;
  readonly url: boolean;
  readonly https: boolean;
}

/** As minikube has it for a Service that is not there. */
const notFound = 115;

/** Prints where a Service answers on this machine: URLs alone, or a table. */
export async function serviceCommand(service: string, flags: ServiceFlags): Promise<void> {
  const { name, namespace, url, https } = flags;
  const home = homeOf();
  const cluster = await requireCluster(home, await existing(name));
  const nodes: ReachableNode[] = [];
  for (const node of cluster.nodes)
    if (await isOn(home, cluster, node)) nodes.push({ name: nodeName(name, node.name), address: node.address });
  if (nodes.length === 0) throw standsStill(name);
  await using api = await connectAsAdmin(home, cluster, systemClock);
  const [object, slices] = await Promise.all([find(api, namespace, service), slicesOf(api, namespace, service)]);
  const urls = serviceUrls(object, slices, nodes, https ? 'https' : 'http');
  if (url) for (const one of urls) process.stdout.write(`${one.url}\n`);
  else {
    const cells = urls.length === 0 ? ['', 'No node port'] : [lines(urls, 'port'), lines(urls, 'url')];
    process.stdout.write(boxedTable(['Namespace', 'Name', 'Target Port', 'URL'], [[namespace, service, ...cells]]));
  }
  if (urls.length === 0) process.stderr.write(`service ${namespace}/${service} has no node port${hint(object)}\n`);
}

/** How a Service that is for the cluster alone can be reached all the same. */
function hint({ metadata: { name, namespace }, spec }: Service): string {
  const port = spec?.ports?.[0]?.port;
  if (port === undefined) return '';
  return `; reach it with "kubectl port-forward -n ${namespace} service/${name} 8080:${port}", or make it one of type NodePort`;
}

function lines<K extends string>(rows: readonly Readonly<Record<K, string>>[], key: K): string {
  return rows.map((row) => row[key]).join('\n');
}

async function find(api: Transport, namespace: string, name: string): Promise<Service> {
  try {
    return (await api.call({ verb: 'get', type: Services, namespace, name })) as Service;
  } catch (cause) {
    if (!isStatus(cause, 'NotFound')) throw cause;
    throw new UserError(
      `Service '${name}' was not found in '${namespace}' namespace.\nYou may select another namespace by using 'kubeling service ${name} -n <namespace>'. Or list out all the services using 'kubectl get services -A'`,
      { cause, exitCode: notFound },
    );
  }
}

async function slicesOf(api: Transport, namespace: string, service: string): Promise<readonly EndpointSlice[]> {
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const list = await api.call({ verb: 'list', type: EndpointSlices, namespace, options: { labelSelector } });
  return (list as KubeList<EndpointSlice>).items;
}
