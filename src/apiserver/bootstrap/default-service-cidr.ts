import { ServiceCIDRs } from '../../api/networking/v1/types.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { isStatus } from '../../apimachinery/status.ts';
import type { Transport } from '../../apimachinery/request.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import type { ServerContext } from '../context.ts';

/** The range that the server was started with, as an object; made anew when it is deleted, never changed. */
const name = 'kubernetes';
const fieldManager = 'kubernetes-service-cidr-controller';

/** Makes the default ServiceCIDR where it is missing, and says that it is ready where nobody said anything yet. */
export async function keepDefaultServiceCidr({ config, clock, ...context }: ServerContext, transport: Transport) {
  const cidrs = [config.serviceCidr];
  const there = context.lookup(ServiceCIDRs, { name });
  if (there === undefined) {
    try {
      await transport.call({ verb: 'create', type: ServiceCIDRs, body: { metadata: { name }, spec: { cidrs } } });
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      return;
    }
  } else if (
    there.metadata.deletionTimestamp !== undefined ||
    !jsonEqual(there.spec.cidrs ?? [], cidrs) ||
    there.status?.conditions?.some(({ type }) => type === 'Ready')
  )
    return;
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: '',
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: rfc3339(clock.now()),
  };
  const body = {
    apiVersion: 'networking.k8s.io/v1',
    kind: ServiceCIDRs.kind,
    metadata: { name },
    status: { conditions: [ready] },
  };
  await transport.call({
    verb: 'patch',
    patchType: 'apply',
    type: ServiceCIDRs,
    name,
    subresource: 'status',
    options: { fieldManager, force: 'true' },
    body,
  });
}
