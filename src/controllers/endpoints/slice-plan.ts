import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/discovery/v1/types.ts';
import { equalJson } from '../../reconciler/equal-json.ts';

/** Most endpoints in one slice. */
export const sliceCapacity = 100;

/** Endpoints that share an address family and ports; they go into the same slices. */
export interface EndpointGroup {
  readonly addressType: EndpointSlice['addressType'];
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  readonly create: readonly Omit<EndpointSlice, 'metadata'>[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly Readonly<EndpointSlice>[];
}

/**
 * Fits the endpoints into the slices that exist with few writes: what is right stays where it is, what is new goes
 * into slices that are written anyway, then into one with room, then into new ones. Slices that would be deleted are
 * filled anew instead. For each family of `families` that has no endpoint an empty slice stays as a sign that there is
 * none.
 */
export function planSlices(
  groups: readonly EndpointGroup[],
  families: readonly EndpointSlice['addressType'][],
  existing: readonly Readonly<EndpointSlice>[],
  labels: Readonly<Record<string, string>>,
): SlicePlan {
  const wanted = [
    ...groups,
    ...families.filter((family) => !groups.some(({ addressType }) => addressType === family)).map(emptyGroup),
  ];
  const drafts: Draft[] = [];
  const unused = new Set(existing);
  for (const group of wanted) {
    const own = existing.filter(
      (slice) => unused.has(slice) && slice.addressType === group.addressType && equalPorts(slice.ports, group.ports),
    );
    own.forEach((slice) => unused.delete(slice));
    drafts.push(...fill(group, own, unused));
  }
  reuse(drafts, unused);
  return {
    create: drafts.filter(({ slice }) => slice === undefined).map(contentOf),
    update: drafts.flatMap((draft) => (draft.slice === undefined ? [] : changed(draft, draft.slice, labels))),
    remove: [...unused],
  };
}

/** A slice as it is to be. */
interface Draft {
  slice: Readonly<EndpointSlice> | undefined;
  readonly group: EndpointGroup;
  readonly endpoints: Endpoint[];
}

function emptyGroup(addressType: EndpointSlice['addressType']): EndpointGroup {
  return { addressType, ports: [], endpoints: [] };
}

/** Gives the group its slices; those that lost all their endpoints become unused. */
function fill(
  group: EndpointGroup,
  own: readonly Readonly<EndpointSlice>[],
  unused: Set<Readonly<EndpointSlice>>,
): Draft[] {
  const open = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const drafts = own.map((slice): Draft => {
    const kept: Endpoint[] = [];
    for (const endpoint of slice.endpoints ?? []) {
      const now = open.get(identityOf(endpoint));
      if (now !== undefined && open.delete(identityOf(endpoint))) kept.push(now);
    }
    return { slice, group, endpoints: kept };
  });
  const isWritten = ({ slice, endpoints }: Draft): boolean => !equalJson(slice?.endpoints ?? [], endpoints);
  const rest = [...open.values()];
  for (const draft of drafts.filter(isWritten))
    draft.endpoints.push(...rest.splice(0, sliceCapacity - draft.endpoints.length));
  const last = rest.length % sliceCapacity;
  const roomy = drafts
    .filter(({ endpoints }) => last > 0 && endpoints.length + last <= sliceCapacity)
    .sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
  roomy?.endpoints.push(...rest.splice(0, last));
  while (rest.length > 0) drafts.push({ slice: undefined, group, endpoints: rest.splice(0, sliceCapacity) });

  const filled = drafts.filter(({ endpoints }) => endpoints.length > 0);
  if (filled.length === 0) filled.push(drafts[0] ?? { slice: undefined, group, endpoints: [] });
  for (const { slice } of drafts.filter((draft) => !filled.includes(draft))) if (slice !== undefined) unused.add(slice);
  return filled;
}

/** Lets new slices take over those that nobody needs; the family of a slice cannot change. */
function reuse(drafts: readonly Draft[], unused: Set<Readonly<EndpointSlice>>): void {
  for (const draft of drafts) {
    if (draft.slice !== undefined) continue;
    const spare = [...unused].find(({ addressType }) => addressType === draft.group.addressType);
    if (spare === undefined) continue;
    unused.delete(spare);
    draft.slice = spare;
  }
}

function contentOf({ group, endpoints }: Draft): Omit<EndpointSlice, 'metadata'> {
  return { addressType: group.addressType, endpoints, ports: [...group.ports] };
}

function changed(
  draft: Draft,
  slice: Readonly<EndpointSlice>,
  labels: Readonly<Record<string, string>>,
): EndpointSlice[] {
  const same =
    equalJson(slice.endpoints ?? [], draft.endpoints) &&
    equalPorts(slice.ports, draft.group.ports) &&
    equalJson(slice.metadata.labels ?? {}, labels);
  return same ? [] : [{ ...slice, ...contentOf(draft), metadata: { ...slice.metadata, labels: { ...labels } } }];
}

function identityOf({ targetRef, addresses }: Endpoint): string {
  return targetRef?.uid ?? addresses.join(' ');
}

/** The order of ports means nothing, and an absent name is an empty one. */
function equalPorts(a: Ports, b: Ports): boolean {
  return (a ?? []).length === (b ?? []).length && portsKey(a ?? []) === portsKey(b ?? []);
}

/** Empty lists come back as null from the API. */
type Ports = readonly EndpointPort[] | null | undefined;

export function portsKey(ports: readonly EndpointPort[]): string {
  return ports
    .map(({ name = '', port, protocol = 'TCP', appProtocol }) => JSON.stringify([name, port, protocol, appProtocol]))
    .sort()
    .join();
}
