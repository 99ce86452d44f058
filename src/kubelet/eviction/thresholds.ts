import { normalQuantity } from '../../apimachinery/quantity.ts';

/** What a node may run short of, as KubeletConfiguration's `evictionHard` names it. */
export type EvictionSignal =
  | 'memory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'imagefs.inodesFree'
  | 'pid.available';

/** Bytes, inodes or processes. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
}
/** A signal that is not there is not known, and met by nothing. */
export type Observations = Partial<Readonly<Record<EvictionSignal, Observation>>>;

/** How much has to be left: an amount, or a share of what there is. */
export type Threshold = { readonly amount: number } | { readonly share: number };
export type Thresholds = Partial<Readonly<Record<EvictionSignal, Threshold>>>;

/** What a stock kubelet has by default (KubeletConfiguration v1beta1, `evictionHard`). */
export const defaultEvictionHard: Thresholds = {
  'memory.available': { amount: 100 * 2 ** 20 },
  'nodefs.available': { share: 0.1 },
  'nodefs.inodesFree': { share: 0.05 },
  'imagefs.available': { share: 0.15 },
  'imagefs.inodesFree': { share: 0.05 },
};

/** For nodes that share a machine, and its disk with everything else that is on it: nobody would free it for them. */
export const sharedMachineEvictionHard: Thresholds = {
  ...defaultEvictionHard,
  'nodefs.available': { share: 0.01 },
  'nodefs.inodesFree': { share: 0.01 },
  'imagefs.available': { share: 0.01 },
  'imagefs.inodesFree': { share: 0.01 },
  'pid.available': { share: 0.02 },
};

export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** As messages name it. */
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

const facts: Readonly<Record<EvictionSignal, readonly [StarvedResource, PressureCondition]>> = {
  'memory.available': ['memory', 'MemoryPressure'],
  'nodefs.available': ['ephemeral-storage', 'DiskPressure'],
  'nodefs.inodesFree': ['inodes', 'DiskPressure'],
  'imagefs.available': ['ephemeral-storage', 'DiskPressure'],
  'imagefs.inodesFree': ['inodes', 'DiskPressure'],
  'pid.available': ['pids', 'PIDPressure'],
};

/** A threshold that less is left than, in the units of the signal. */
export interface MetThreshold {
  readonly signal: EvictionSignal;
  readonly resource: StarvedResource;
  readonly condition: PressureCondition;
  readonly threshold: number;
  readonly available: number;
}

/** Memory first: the kernel does not wait for it. */
export function metThresholds(thresholds: Thresholds, observed: Observations): MetThreshold[] {
  return (Object.keys(facts) as EvictionSignal[]).flatMap((signal) => {
    const [wanted, seen] = [thresholds[signal], observed[signal]];
    if (wanted === undefined || seen === undefined) return [];
    const threshold = 'amount' in wanted ? wanted.amount : Math.floor(seen.capacity * wanted.share);
    if (seen.available >= threshold) return [];
    const [resource, condition] = facts[signal];
    return [{ signal, resource, condition, threshold, available: seen.available }];
  });
}

/** As Kubernetes writes amounts of it: bytes by powers of two, all else by powers of ten. */
export function amountText(resource: StarvedResource, amount: number): string {
  const isBytes = resource === 'memory' || resource === 'ephemeral-storage';
  return isBytes && amount % 1024 === 0 && amount > 0
    ? normalQuantity(`${amount / 1024}Ki`)
    : isBytes
      ? String(amount)
      : normalQuantity(amount);
}
