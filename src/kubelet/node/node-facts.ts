import type { Taint } from '../../api/core/v1/types.ts';
import { milliQuantityOf, normalQuantity, quantityText } from '../../apimachinery/quantity.ts';

/** What a node is, as it says of itself. Sizes in bytes. */
export interface MachineFacts {
  /** May have three digits behind the point. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** As Kubernetes names it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly osImage: string;
  readonly kernelVersion: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
}

/** What the machine runs short of. */
export interface Pressure {
  readonly memory: boolean;
  readonly disk: boolean;
  readonly processes: boolean;
}

/** How a node takes part in its cluster. */
export interface NodeSettings {
  readonly name: string;
  /** The first one is where the API server reaches the kubelet. */
  readonly ips: readonly string[];
  /** Beside those that every node has. */
  readonly labels: Readonly<Record<string, string>>;
  /** With which it registers: an administrator may change them afterwards. */
  readonly taints: readonly Taint[];
  readonly kubeletPort: number;
  readonly kubeletVersion: string;
  readonly mostPods: number;
  readonly machine: MachineFacts;
}

/** Kept back from pods: below this the kernel would have to kill. */
const reservedMemoryBytes = 100 * 1024 * 1024;

type Resources = Record<string, string>;

export function capacityOf({ machine, mostPods }: Pick<NodeSettings, 'machine' | 'mostPods'>): Resources {
  return {
    cpu: quantityText(milliQuantityOf(Math.round(machine.cpus * 1000))),
    'ephemeral-storage': kibibytes(machine.diskBytes),
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: kibibytes(machine.memoryBytes),
    pods: String(mostPods),
  };
}

/** What pods may have of it. */
export function allocatableOf(settings: Pick<NodeSettings, 'machine' | 'mostPods'>): Resources {
  const { memoryBytes, diskBytes } = settings.machine;
  const memory = Math.max(0, memoryBytes - Math.min(reservedMemoryBytes, memoryBytes / 10));
  return {
    ...capacityOf(settings),
    'ephemeral-storage': String(Math.floor(diskBytes * 0.9)),
    memory: kibibytes(memory),
  };
}

/** Whole ones, in the form in which the server keeps and shows them: else what is shown would never be what is found. */
function kibibytes(bytes: number): string {
  return normalQuantity(`${Math.floor(bytes / 1024)}Ki`);
}
