import { extendedClaimAnnotation } from '../../api/core/pod-device-claims.ts';
import type { Container, ContainerExtendedResourceRequest, Pod } from '../../api/core/v1/types.ts';
import type { DeviceClass, DeviceRequest, ResourceClaim } from '../../api/resource/v1/types.ts';
import { parseQuantity, quantityValue } from '../../apimachinery/quantity.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { mostDevices } from './allocator.ts';
import { claimRequests, type ClaimRequests } from './requests.ts';

type Classes = ReadonlyMap<string, Readonly<DeviceClass>>;

/** What each class is called as an extended resource, besides what it says itself. */
const classPrefix = 'deviceclass.resource.kubernetes.io/';
/** No claim can have this name: nobody has written it yet. */
const unwrittenName = '<extended-resources>';

/** The class whose devices stand for an extended resource (KEP-5004); of several the newest. */
function classOfResource(resource: string, classes: Classes): Readonly<DeviceClass> | undefined {
  if (resource.startsWith(classPrefix)) return classes.get(resource.slice(classPrefix.length));
  let found: Readonly<DeviceClass> | undefined;
  for (const one of classes.values())
    if (one.spec.extendedResourceName === resource && (found === undefined || isAhead(one, found))) found = one;
  return found;
}

function isAhead({ metadata: a }: Readonly<DeviceClass>, { metadata: b }: Readonly<DeviceClass>): boolean {
  const [created, other] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  return created === other ? a.name < b.name : created > other;
}

/** The extended resources of a pod for which devices may stand, with their classes; `undefined` for most pods. */
export function extendedResourcesOf(
  { requests }: PodInfo,
  classes: Classes,
): ReadonlyMap<string, Readonly<DeviceClass>> | undefined {
  if (classes.size === 0) return undefined;
  let found: Map<string, Readonly<DeviceClass>> | undefined;
  for (const [resource, amount] of requests) {
    if (amount === 0 || !resource.includes('/')) continue;
    const own = classOfResource(resource, classes);
    if (own !== undefined) (found ??= new Map()).set(resource, own);
  }
  return found;
}

/** What is to be looked for on a node because it has none of the resources itself. */
export interface ExtendedRequests extends ClaimRequests {
  /** Which container gets which of the devices as which resource. */
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

/** The claim that is to be made for the extended resources of a pod. */
export class ExtendedClaim {
  readonly #pod: PodInfo;
  readonly #resources: ReadonlyMap<string, Readonly<DeviceClass>>;
  readonly #classes: Classes;
  /** By the resources that a node lacks. */
  readonly #claims = new Map<string, ExtendedRequests>();

  constructor(pod: PodInfo, resources: ReadonlyMap<string, Readonly<DeviceClass>>, classes: Classes) {
    this.#pod = pod;
    this.#resources = resources;
    this.#classes = classes;
  }

  /** What the node has to give as devices; `undefined`: it has all of it as plain resources. */
  on({ allocatable }: { readonly allocatable: ReadonlyMap<string, number> }): ExtendedRequests | undefined {
    const lacking = [...this.#resources.keys()].filter((resource) => !allocatable.get(resource)).sort();
    if (lacking.length === 0) return undefined;
    const key = lacking.join();
    const known = this.#claims.get(key) ?? this.#requestsFor(lacking);
    this.#claims.set(key, known);
    return known;
  }

  #requestsFor(resources: readonly string[]): ExtendedRequests {
    const { pod, namespace, uid } = this.#pod;
    const { requests, mappings } = extendedRequests(
      pod,
      resources.map((resource) => [resource, this.#resources.get(resource)!.metadata.name]),
    );
    const { name } = pod.metadata;
    const claim: ResourceClaim = {
      metadata: {
        name: unwrittenName,
        generateName: `${name}-extended-resources-`,
        namespace,
        // What it is promised until it is written goes by this.
        uid: `extended resources of ${uid}`,
        annotations: { [extendedClaimAnnotation]: 'true' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
      },
      spec: { devices: { requests } },
    };
    // Its classes are there, so that it can be read.
    return { ...(claimRequests(claim, this.#classes) as ClaimRequests), mappings };
  }
}

interface Part {
  readonly request: DeviceRequest | undefined;
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

const nothing: Part = { request: undefined, mappings: [] };

/**
 * The requests of a claim for these resources of a pod, each with its class: one for each container that runs, and one for
 * the init container that needs most beyond what the containers behind it get.
 */
export function extendedRequests(
  { spec }: Pod,
  resources: readonly (readonly [resource: string, className: string])[],
): { readonly requests: DeviceRequest[]; readonly mappings: ContainerExtendedResourceRequest[] } {
  const { initContainers = [], containers } = spec;
  const all = [...initContainers, ...containers];
  const isShort = (at: number) => at < initContainers.length && all[at]!.restartPolicy !== 'Always';
  const requests: DeviceRequest[] = [];
  const mappings: ContainerExtendedResourceRequest[] = [];
  for (const [resource, className] of resources) {
    const part = (at: number, others: readonly DeviceRequest[] = []) =>
      partOf(at, all[at]!, resource, className, others);
    const long = all.flatMap((_, at) => {
      const { request, mappings } = isShort(at) ? nothing : part(at);
      return request === undefined ? [] : [{ at, request, mappings }];
    });
    requests.push(...long.map(({ request }) => request));
    mappings.push(...long.flatMap((one) => one.mappings));
    // No claim can have as many, so that nobody will ask which of them each init container uses.
    if (long.length > mostDevices) continue;
    const behind = (at: number) => long.filter((one) => one.at > at).map(({ request }) => request);
    const short = all.flatMap((_, at) => (isShort(at) ? [part(at, behind(at))] : []));
    const most = mostOf(short.flatMap(({ request }) => request ?? []));
    const ofShort = new Set(short.flatMap(({ request }) => request?.name ?? []));
    if (most !== undefined) requests.push(most);
    // Init containers follow each other, so that all can have the devices of the one that needs most.
    for (const mapping of short.flatMap((one) => one.mappings))
      mappings.push(ofShort.has(mapping.requestName) ? { ...mapping, requestName: most!.name } : mapping);
  }
  return { requests: requests.sort((a, b) => (a.name < b.name ? -1 : 1)), mappings };
}

/** What a container needs of a resource beyond what it can have of others' devices. */
function partOf(
  at: number,
  { name, resources = {} }: Container,
  resourceName: string,
  deviceClassName: string,
  others: readonly DeviceRequest[],
): Part {
  const { requests = {} } = resources;
  const wanted = Number(quantityValue(parseQuantity(requests[resourceName] ?? '0')));
  const mappings: ContainerExtendedResourceRequest[] = [];
  if (wanted === 0) return { request: undefined, mappings };
  let left = wanted;
  for (const other of others) {
    mappings.push({ containerName: name, resourceName, requestName: other.name });
    left -= other.exactly!.count!;
    if (left <= 0) return { request: undefined, mappings };
  }
  const requestName = `container-${at}-request-${Object.keys(requests).sort().indexOf(resourceName)}`;
  mappings.push({ containerName: name, resourceName, requestName });
  const exactly = { deviceClassName, allocationMode: 'ExactCount', count: left } as const;
  return { request: { name: requestName, exactly }, mappings };
}

/** The first of those that want most. */
function mostOf(requests: readonly DeviceRequest[]): DeviceRequest | undefined {
  return requests.reduce<DeviceRequest | undefined>(
    (most, one) => (most === undefined || one.exactly!.count! > most.exactly!.count! ? one : most),
    undefined,
  );
}
