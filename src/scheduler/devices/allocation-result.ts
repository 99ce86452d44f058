import type { NodeSelector, NodeSelectorRequirement } from '../../api/core/v1/types.ts';
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
} from '../../api/resource/v1/types.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { quantityText } from '../../apimachinery/quantity.ts';
import type { Random } from '../../base/random.ts';
import { uuidFromBytes } from '../../base/uuid.ts';
import type { Grant } from './allocator.ts';
import type { ClaimRequests } from './requests.ts';

/** What stands in a claim that gets these devices on this node. Shares get identities of their own. */
export function allocationResult(
  { claim, requests }: ClaimRequests,
  grants: readonly Grant[],
  nodeName: string,
  random: Random,
): AllocationResult {
  const results = grants.map((grant) => resultOf(grant, random));
  const config = [...classConfiguration(requests, grants), ...claimConfiguration(claim, grants)];
  const nodeSelector = selectorOf(grants, nodeName);
  return {
    devices: { ...(results.length > 0 && { results }), ...(config.length > 0 && { config }) },
    ...(nodeSelector && { nodeSelector }),
  };
}

function resultOf(
  { alternative, one: { device, slice }, share }: Grant,
  random: Random,
): DeviceRequestAllocationResult {
  const { bindingConditions, bindingFailureConditions, name } = device;
  const consumed = [...(share ?? [])].map(([capacity, amount]) => [capacity, quantityText(amount)] as const);
  return {
    request: alternative.name,
    driver: slice.spec.driver,
    pool: slice.spec.pool.name,
    device: name,
    ...(alternative.adminAccess && { adminAccess: true }),
    ...(alternative.tolerations && alternative.tolerations.length > 0 && { tolerations: [...alternative.tolerations] }),
    ...(bindingConditions && { bindingConditions: [...bindingConditions] }),
    ...(bindingFailureConditions && { bindingFailureConditions: [...bindingFailureConditions] }),
    ...(share && { shareID: uuidFromBytes(random.bytes(16)) }),
    ...(consumed.length > 0 && { consumedCapacity: Object.fromEntries(consumed) }),
  };
}

/** What the classes say to drivers, once for each class, with the requests that it is for. */
function classConfiguration(
  requests: ClaimRequests['requests'],
  grants: readonly Grant[],
): DeviceAllocationConfiguration[] {
  const ofClass = new Map<string, DeviceAllocationConfiguration[]>();
  for (const alternatives of requests) {
    const alternative = alternatives.find((one) => grants.some((grant) => grant.alternative === one));
    if (alternative === undefined) continue;
    const { name } = alternative.class.metadata;
    const known = ofClass.get(name);
    if (known !== undefined) for (const one of known) one.requests!.push(alternative.name);
    else
      ofClass.set(
        name,
        (alternative.class.spec.config ?? []).map((config) => ({
          source: 'FromClass',
          requests: [alternative.name],
          ...config,
        })),
      );
  }
  return [...ofClass.values()].flat();
}

/** What the claim says to drivers, as far as it is about requests and choices that were served. */
function claimConfiguration(
  { spec }: ClaimRequests['claim'],
  grants: readonly Grant[],
): DeviceAllocationConfiguration[] {
  const served = new Set(grants.flatMap(({ alternative: { name } }) => [name, name.split('/')[0]!]));
  return (spec.devices?.config ?? []).flatMap((config) => {
    const { requests = [] } = config;
    if (requests.length > 0 && !requests.some((name) => served.has(name))) return [];
    return [{ source: 'FromClaim' as const, ...config }];
  });
}

/** From where the devices can be used; `undefined`: from everywhere. */
function selectorOf(grants: readonly Grant[], nodeName: string): NodeSelector | undefined {
  const matchFields: NodeSelectorRequirement[] = [];
  const matchExpressions: NodeSelectorRequirement[] = [];
  for (const { one } of grants) {
    const place = one.slice.spec.perDeviceNodeSelection === true ? one.device : one.slice.spec;
    if (place.nodeName !== undefined || one.device.bindsToNode === true)
      return {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
      };
    const [term] = place.nodeSelector?.nodeSelectorTerms ?? [];
    addNew(matchFields, term?.matchFields);
    addNew(matchExpressions, term?.matchExpressions);
  }
  if (matchFields.length === 0 && matchExpressions.length === 0) return undefined;
  return {
    nodeSelectorTerms: [
      { ...(matchExpressions.length > 0 && { matchExpressions }), ...(matchFields.length > 0 && { matchFields }) },
    ],
  };
}

function addNew(to: NodeSelectorRequirement[], from: readonly NodeSelectorRequirement[] = []): void {
  for (const requirement of from) if (!to.some((one) => jsonEqual(one, requirement))) to.push(requirement);
}
