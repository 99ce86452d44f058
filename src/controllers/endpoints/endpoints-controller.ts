import {
  EndpointsResource,
  Pods,
  Services,
  type Endpoints,
  type EndpointSubset,
  type Service,
} from '../../api/core/v1/types.ts';
import { isNamespaceGoing } from '../../apimachinery/status.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { equalJson } from '../../reconciler/equal-json.ts';
import { planSubsets } from './endpoint-subsets.ts';
import { hasSelector, labelsFrom, podsOf, servicesOf, triggerTime, triggerTimeAnnotation } from './service-pods.ts';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';

/** Keeps the Endpoints object that carries a service's name, for those who still read it. */
export const endpointsController: Controller<Service> = {
  name: 'endpoint-controller',
  for: Services,
  watches: [
    { type: Pods, wakes: servicesOf },
    { type: EndpointsResource, wakes: ({ metadata }) => [metadata] },
  ],
  concurrency: 5,

  async reconcile(key, cluster) {
    const service = cluster.get(Services, key);
    const present = cluster.get(EndpointsResource, key);
    if (service === undefined) {
      // Endpoints have no owner that the garbage collector could follow; others' Endpoints are left alone.
      if (present?.metadata.labels?.[managedByLabel] === 'endpoint-controller')
        await cluster.delete(EndpointsResource, present);
      return settled;
    }
    if (service.metadata.deletionTimestamp !== undefined || !hasSelector(service)) return settled;
    const pods = podsOf(service, cluster);
    const wanted = planEndpoints(service, planSubsets(service, pods), triggerTime(service, pods), present);
    try {
      if (present === undefined) await cluster.create(EndpointsResource, wanted);
      else if (!sameContent(present, wanted)) await cluster.update(EndpointsResource, wanted);
    } catch (error) {
      if (!isNamespaceGoing(error)) throw error;
    }
    return settled;
  },
};

function planEndpoints(
  service: Readonly<Service>,
  { subsets, truncated }: { subsets: EndpointSubset[]; truncated: boolean },
  trigger: string,
  present: Readonly<Endpoints> | undefined,
): Endpoints {
  const { namespace, name } = service.metadata;
  const { [overCapacityAnnotation]: _old, ...annotations } = present?.metadata.annotations ?? {};
  annotations[triggerTimeAnnotation] = trigger;
  if (truncated) annotations[overCapacityAnnotation] = 'truncated';
  return {
    ...present,
    metadata: {
      ...(present?.metadata ?? { namespace, name }),
      labels: labelsFrom(service, { [managedByLabel]: 'endpoint-controller' }),
      annotations,
    },
    subsets: subsets.length > 0 ? subsets : undefined,
  };
}

/** The time alone is no reason to write. */
function sameContent(a: Readonly<Endpoints>, b: Readonly<Endpoints>): boolean {
  const content = ({ metadata, subsets }: Readonly<Endpoints>): unknown => {
    const { [triggerTimeAnnotation]: _time, ...annotations } = metadata.annotations ?? {};
    return [metadata.labels ?? {}, annotations, subsets ?? []];
  };
  return equalJson(content(a), content(b));
}
