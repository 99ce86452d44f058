import type { AllocationResult, ResourceClaim, ResourceClaimStatus } from '../../../api/resource/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { dnsSubdomain } from '../../../apimachinery/names.ts';
import { forbidden } from '../../../apimachinery/validation.ts';
import type { UserInfo } from '../../auth/auth.ts';
import { forbiddenError } from '../../auth/authorizer.ts';
import { accountOfUser } from '../../auth/service-account.ts';
import type { StatusWriter } from '../../rest/strategy.ts';
import type { Errors } from '../checks.ts';
import { deviceKey } from './claim-status.ts';

const nodeNameKey = 'authentication.kubernetes.io/node-name';

/** Who says which devices a claim has, and whose they are: whoever may bind any claim. */
export function checkBindingRights(
  errors: Errors,
  status: ResourceClaimStatus,
  old: ResourceClaimStatus,
  writer: StatusWriter,
): void {
  if (semanticEqual(status.allocation, old.allocation) && semanticEqual(status.reservedFor, old.reservedFor)) return;
  const { verb } = writer;
  const refusal = refusalOf(writer, { verb, subresource: 'binding' });
  if (refusal === undefined) return;
  const rule = `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${verb}" permission`;
  errors.push(forbidden('status.allocation', `${rule}: ${refusal}`));
}

/** Who tells what of a driver's devices: those who may for that driver, on their own node or on any. */
export function checkDriverRights(
  errors: Errors,
  claim: Readonly<ResourceClaim>,
  old: ResourceClaimStatus,
  writer: StatusWriter,
): void {
  const status = claim.status ?? {};
  if (status.allocation === undefined) return;
  const { namespace = '' } = claim.metadata;
  const verbs = [`arbitrary-node:${writer.verb}`];
  if (isOnNode(writer.user, status.allocation)) verbs.unshift(`associated-node:${writer.verb}`);
  for (const driver of changedDrivers(status, old)) {
    const refusals = verbs.map((verb) => refusalOf(writer, { verb, subresource: 'driver', namespace, name: driver }));
    if (refusals.includes(undefined)) continue;
    const rule = `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission`;
    errors.push(forbidden('status.devices', `${rule}: ${refusals[0]}`));
  }
}

interface Asked {
  readonly verb: string;
  readonly subresource: string;
  /** Absent: of all namespaces. */
  readonly namespace?: string;
  readonly name?: string;
}

function refusalOf({ user, authorizer }: StatusWriter, asked: Asked): string | undefined {
  const attributes = { user, group: 'resource.k8s.io', version: 'v1', resource: 'resourceclaims', ...asked };
  const decision = authorizer.authorize(attributes);
  return decision.allowed ? undefined : forbiddenError(attributes, decision.reason).message;
}

/** Drivers of devices of which something else is told than before, in order. */
function changedDrivers(status: ResourceClaimStatus, old: ResourceClaimStatus): readonly string[] {
  const byKey = ({ devices = [] }: ResourceClaimStatus) =>
    new Map(devices.map((device) => [JSON.stringify(deviceKey(device)), device]));
  const [now, before] = [byKey(status), byKey(old)];
  const drivers = new Set<string>();
  for (const key of [...now.keys(), ...before.keys()])
    if (!semanticEqual(now.get(key), before.get(key))) drivers.add((now.get(key) ?? before.get(key))!.driver);
  return [...drivers].sort();
}

/** Whether the writer is a pod's account on the one node for which the claim is allocated. */
function isOnNode({ name, extra }: UserInfo, { nodeSelector }: AllocationResult): boolean {
  const [term, ...others] = nodeSelector?.nodeSelectorTerms ?? [];
  if (term === undefined || others.length > 0 || (term.matchExpressions ?? []).length > 0) return false;
  const [field, ...rest] = term.matchFields ?? [];
  if (field?.key !== 'metadata.name' || field.operator !== 'In' || rest.length > 0) return false;
  const nodes = extra?.[nodeNameKey] ?? [];
  const isOwn = field.values?.length === 1 && nodes.length === 1 && field.values[0] === nodes[0];
  return isOwn && accountOfUser(name) !== undefined && dnsSubdomain(nodes[0]!).length === 0;
}
