import { IPAddresses, ServiceCIDRs, type IPAddress, type ServiceCIDR } from '../../../../api/networking/v1/types.ts';
import { Services, type Service } from '../../../../api/core/v1/types.ts';
import { isIpv6 } from '../../../../apimachinery/ip.ts';
import { isStatus, StatusError } from '../../../../apimachinery/status.ts';
import type { ApiRequest } from '../../../../apimachinery/request.ts';
import type { ServerContext } from '../../../context.ts';
import { noSelectors } from '../../../request/selectors.ts';
import { createNamed } from '../../../rest/create.ts';
import type { Core, Operation } from '../../../rest/operation.ts';
import { deleteObject } from '../../../rest/remove.ts';
import { AddressRange } from './address-range.ts';

/** Who manages the addresses of Services, as their label says. */
const allocatorName = 'ipallocator.k8s.io';
const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
const familyLabel = 'ipaddress.kubernetes.io/ip-family';

/** Whether addresses may be given out of a range (its controller says so, or has not been there yet). */
function isReady({ metadata, status }: Readonly<ServiceCIDR>): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'False';
}

/** The ranges of IPv4 addresses that Services can have now. */
function ranges(context: ServerContext): AddressRange[] {
  const found: AddressRange[] = [];
  for (const one of context.scan(ServiceCIDRs)) {
    if (!isReady(one)) continue;
    for (const cidr of one.spec.cidrs ?? []) if (!isIpv6(cidr.split('/')[0]!)) found.push(new AddressRange(cidr));
  }
  return found;
}

/** Why an address cannot be given out, or `undefined`. */
export function addressProblem(address: string, context: ServerContext): string | undefined {
  if (!ranges(context).some((range) => range.contains(address)))
    return 'the provided network does not match the current range';
  return isFree(address, context) ? undefined : 'provided IP is already allocated';
}

/** A free address, by chance; `undefined` when there is none. It has to be allocated yet, and somebody may be quicker. */
export function drawAddress(context: ServerContext): string | undefined {
  for (const range of ranges(context)) {
    const address = range.draw(
      () => context.random.next(),
      (one) => isFree(one, context),
    );
    if (address !== undefined) return address;
  }
  return undefined;
}

function isFree(address: string, context: ServerContext): boolean {
  return context.lookup(IPAddresses, { name: address }) === undefined;
}

/** The IPAddress of a Service. */
function ipAddressOf(address: string, { metadata }: Readonly<Service>): IPAddress {
  const labels = { [familyLabel]: isIpv6(address) ? 'IPv6' : 'IPv4', [managedByLabel]: allocatorName };
  const parentRef = { resource: Services.resource, namespace: metadata.namespace!, name: metadata.name };
  return { metadata: { name: address, labels }, spec: { parentRef: { group: '', ...parentRef } } };
}

export function isManagedHere({ metadata }: Readonly<IPAddress>): boolean {
  return metadata.labels?.[managedByLabel] === allocatorName;
}

/** Takes an address for a Service; false when somebody has it. */
export async function allocateAddress(core: Core, address: string, service: Readonly<Service>): Promise<boolean> {
  try {
    await createNamed(core, ownOperation(core, { verb: 'create', type: IPAddresses }), ipAddressOf(address, service));
    return true;
  } catch (error) {
    if (isStatus(error, 'AlreadyExists')) return false;
    throw error;
  }
}

/** Gives back an address of a Service that it no longer has. One that is somebody else's, or gone, stays as it is. */
export async function releaseAddress(core: Core, address: string, { metadata }: Readonly<Service>): Promise<void> {
  const there = core.context.lookup(IPAddresses, { name: address });
  const parent = there?.spec.parentRef;
  if (there === undefined || parent?.name !== metadata.name || parent.namespace !== metadata.namespace) return;
  await removeAddress(core, there);
}

export async function removeAddress(core: Core, { metadata }: Readonly<IPAddress>): Promise<void> {
  const operation = ownOperation(core, { verb: 'delete', type: IPAddresses, name: metadata.name });
  const options = { gracePeriodSeconds: undefined, propagation: undefined, resourceVersion: undefined, dryRun: false };
  try {
    await deleteObject(core, operation, { ...options, uid: metadata.uid });
  } catch (error) {
    if (!(error instanceof StatusError) || (error.status.code !== 404 && error.status.code !== 409)) throw error;
  }
}

/** A call of the server to itself. */
function ownOperation(core: Core, request: ApiRequest): Operation {
  return {
    request,
    selectors: noSelectors,
    served: core.catalogs.current.of(IPAddresses),
    user: { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] },
    userAgent: 'kube-apiserver',
    body: undefined,
    warn() {},
  };
}
