import { APIServices, type APIService, type APIServiceCondition } from '../../api/apiregistration/v1/types.ts';
import { Services, type Service } from '../../api/core/v1/types.ts';
import { EndpointSlices, type EndpointSlice } from '../../api/discovery/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { againAfter, settled, type ClusterReader, type Controller } from '../../reconciler/controller.ts';

/** Asks the server of an APIService for its discovery; rejects with the reason why it does not answer. */
export type AskForDiscovery = (service: Readonly<APIService>, signal: AbortSignal) => Promise<void>;

type Verdict = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

/** How often a server that answers is asked again, in milliseconds. */
const againMs = 30_000;
/** The same of one that does not. */
const soonMs = 2000;
const serviceLabel = 'kubernetes.io/service-name';

/** Tells of each APIService with a Service whether its server is there and answers (API aggregation, "APIService"). */
export function apiServiceAvailability(ask: AskForDiscovery): Controller<APIService> {
  return {
    name: 'apiservice-availability-controller',
    identity: 'system:kubeling-apiservice-availability',
    for: APIServices,
    concurrency: 5,
    watches: [
      {
        type: Services,
        wakes: ({ metadata }: Readonly<Service>, cluster) => behind(metadata.namespace, metadata.name, cluster),
      },
      {
        type: EndpointSlices,
        wakes: ({ metadata }: Readonly<EndpointSlice>, cluster) =>
          behind(metadata.namespace, metadata.labels?.[serviceLabel], cluster),
      },
    ],

    async reconcile({ name }, cluster) {
      const service = cluster.get(APIServices, { name });
      if (service?.spec.service === undefined) return settled;
      const problem = problemOf(service, cluster);
      const verdict = problem ?? (await answerOf(service, ask, cluster.signal));
      const { conditions = [] } = service.status ?? {};
      const before = conditions.find(({ type }) => type === 'Available');
      const isSame = before?.status === verdict.status;
      const condition: APIServiceCondition = {
        type: 'Available',
        ...verdict,
        lastTransitionTime: isSame ? before.lastTransitionTime! : rfc3339(cluster.clock.now()),
      };
      const others = conditions.filter(({ type }) => type !== 'Available');
      await cluster.updateStatus(APIServices, service, { ...service.status, conditions: [...others, condition] });
      // What is missing in the cluster wakes this by its coming.
      if (problem !== undefined) return settled;
      return againAfter(verdict.status === 'True' ? againMs : soonMs);
    },
  };
}

function behind(namespace: string | undefined, name: string | undefined, cluster: ClusterReader) {
  return cluster
    .list(APIServices)
    .filter(
      ({ spec: { service } }) => service !== undefined && service.name === name && service.namespace === namespace,
    )
    .map(({ metadata }) => ({ name: metadata.name }));
}

/** What can be seen without asking the server. */
function problemOf({ spec }: Readonly<APIService>, cluster: ClusterReader): Verdict | undefined {
  const { namespace = '', name = '', port } = spec.service!;
  const where = `service/${name} in ${JSON.stringify(namespace)}`;
  const service = cluster.get(Services, { namespace, name });
  if (service === undefined) return missing('ServiceNotFound', `${where} is not present`);
  if (service.spec.type !== undefined && service.spec.type !== 'ClusterIP') return undefined;
  const wanted = service.spec.ports?.find((one) => one.port === port);
  if (wanted === undefined) return missing('ServicePortError', `${where} is not listening on port ${port}`);
  const slices = cluster.withLabels(EndpointSlices, namespace, { [serviceLabel]: name });
  if (slices.length === 0) return missing('EndpointsNotFound', `cannot find endpointslices for ${where}`);
  const portName = wanted.name ?? '';
  if (slices.some((slice) => isReady(slice, portName))) return undefined;
  const lacking = `have no addresses with port name ${JSON.stringify(portName)}`;
  return missing('MissingEndpoints', `endpointslices for ${where} ${lacking}`);
}

function isReady({ endpoints, ports }: Readonly<EndpointSlice>, portName: string): boolean {
  const hasAddress = endpoints?.some(({ conditions }) => conditions?.ready !== false) ?? false;
  return hasAddress && (ports?.some(({ name, port }) => (name ?? '') === portName && port !== undefined) ?? false);
}

function missing(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}

async function answerOf(service: Readonly<APIService>, ask: AskForDiscovery, signal: AbortSignal): Promise<Verdict> {
  try {
    await ask(service, signal);
    return { status: 'True', reason: 'Passed', message: 'all checks passed' };
  } catch (error) {
    if (signal.aborted) throw error;
    return missing('FailedDiscoveryCheck', (error as Error).message);
  }
}
