import type { Counter, Device, ResourceSlice } from '../../api/resource/v1/types.ts';
import { nodeSelectorMatcher, type NodeIdentity } from '../../apimachinery/selectors/node-selector.ts';

/** The slices of one pool, of its newest generation, in the order of their names. */
export interface SlicePool {
  readonly driver: string;
  readonly name: string;
  readonly slices: readonly Readonly<ResourceSlice>[];
  /** Whether all slices are there that the driver says there are. */
  readonly isComplete: boolean;
  readonly hasBindingConditions: boolean;
}

/** A pool as a node sees it. */
export interface NodePool {
  readonly driver: string;
  readonly name: string;
  /** Its devices cannot be counted on: slices are missing, or contradict each other. */
  readonly problem: 'incomplete' | 'invalid' | undefined;
  /** Those that the node can use. */
  readonly devices: readonly PoolDevice[];
  /** All of the pool, those of other nodes among them: they use the same counters. */
  readonly all: readonly PoolDevice[];
  readonly counters: ReadonlyMap<string, Readonly<Record<string, Counter>>>;
}

export interface PoolDevice {
  readonly device: Readonly<Device>;
  readonly slice: Readonly<ResourceSlice>;
}

/** In the order in which devices are looked for: drivers by name, and last where something waits for conditions. */
export function groupPools(slices: Iterable<Readonly<ResourceSlice>>): readonly SlicePool[] {
  const groups = new Map<string, Readonly<ResourceSlice>[]>();
  for (const slice of slices) {
    const { driver, pool } = slice.spec;
    const key = `${driver}|${pool.name}`;
    const known = groups.get(key);
    const newest = known?.[0]?.spec.pool.generation ?? -1;
    if (known === undefined || pool.generation > newest) groups.set(key, [slice]);
    else if (pool.generation === newest) known.push(slice);
  }
  const pools = [...groups.values()].map((group) =>
    poolOf(group.sort((a, b) => order(a.metadata.name, b.metadata.name))),
  );
  return pools.sort(
    (a, b) =>
      Number(a.hasBindingConditions) - Number(b.hasBindingConditions) ||
      order(a.driver, b.driver) ||
      order(a.name, b.name),
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function poolOf(slices: readonly Readonly<ResourceSlice>[]): SlicePool {
  const { driver, pool } = slices[0]!.spec;
  return {
    driver,
    name: pool.name,
    slices,
    isComplete: slices.length === pool.resourceSliceCount,
    hasBindingConditions: slices.some(({ spec }) =>
      spec.devices?.some(({ bindingConditions = [] }) => bindingConditions.length > 0),
    ),
  };
}

/** What of the pools a node can reach; a pool without anything for it is left out. */
export function poolsOfNode(pools: readonly SlicePool[], node: NodeIdentity): readonly NodePool[] {
  return pools.flatMap((pool) => {
    const counterSlices = pool.slices.filter(({ spec }) => (spec.sharedCounters ?? []).length > 0);
    const slices = pool.slices.filter((slice) => !counterSlices.includes(slice) && isForNode(slice, node));
    if (slices.length === 0 && counterSlices.length === 0) return [];
    const { driver, name } = pool;
    const devices = slices.flatMap(devicesOf);
    const counters = new Map(
      counterSlices.flatMap(({ spec }) => spec.sharedCounters!.map((set) => [set.name, set.counters] as const)),
    );
    const sets = counterSlices.reduce((sum, { spec }) => sum + spec.sharedCounters!.length, 0);
    const all = pool.slices.flatMap(devicesOf);
    const isValid = areUnique(devices) && counters.size === sets && all.every((one) => hasCounters(one, counters));
    const problem = !pool.isComplete ? 'incomplete' : isValid ? undefined : 'invalid';
    return [{ driver, name, problem, devices, all, counters }];
  });
}

function devicesOf(slice: Readonly<ResourceSlice>): PoolDevice[] {
  return (slice.spec.devices ?? []).map((device) => ({ device, slice }));
}

function areUnique(devices: readonly PoolDevice[]): boolean {
  return new Set(devices.map(({ device }) => device.name)).size === devices.length;
}

/** Whether the counters that the device uses are among those of its pool. */
function hasCounters({ device }: PoolDevice, counters: NodePool['counters']): boolean {
  return (device.consumesCounters ?? []).every(({ counterSet, counters: used }) => {
    const known = counters.get(counterSet);
    return known !== undefined && Object.keys(used).every((name) => known[name] !== undefined);
  });
}

/** Whether the node can use anything of the slice. */
function isForNode({ spec }: Readonly<ResourceSlice>, node: NodeIdentity): boolean {
  if (spec.perDeviceNodeSelection !== true) return isPlaceFor(spec, node);
  return spec.devices?.some((device) => isPlaceFor(device, node)) === true;
}

/** Whether the node can use a device of a slice that is for it. */
export function isDeviceForNode({ device, slice }: PoolDevice, node: NodeIdentity): boolean {
  return slice.spec.perDeviceNodeSelection !== true || isPlaceFor(device, node);
}

type Place = Pick<Device, 'nodeName' | 'nodeSelector' | 'allNodes'>;

function isPlaceFor({ nodeName, nodeSelector, allNodes }: Readonly<Place>, node: NodeIdentity): boolean {
  if (nodeName) return nodeName === node.name;
  if (allNodes === true) return true;
  return nodeSelector !== undefined && nodeSelectorMatcher(nodeSelector.nodeSelectorTerms ?? [])(node);
}
