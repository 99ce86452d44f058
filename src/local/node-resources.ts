import { cpus, totalmem } from 'node:os';
import { milliValue, parseQuantity, quantityComplaint, quantityValue } from '../apimachinery/quantity.ts';

/** What a node has for its pods and its own programs. Absent: as much as the machine has. */
export interface NodeResources {
  /** May have three digits behind the point. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
}

const mebibyte = 2 ** 20;
/** Below that a node's own programs do not fit. */
const leastCpus = 0.1;
const leastMemoryBytes = 512 * mebibyte;

/**
 * What this process may use of the machine. To be asked outside of the cgroups of nodes and programs, whose bounds would
 * count.
 */
export function machineResources(): Required<NodeResources> {
  const limit = process.constrainedMemory();
  return { cpus: cpus().length, memoryBytes: limit > 0 ? Math.min(limit, totalmem()) : totalmem() };
}

/** CPUs as `--cpus` takes them (`2`, `0.5`), which may be a quantity too (`500m`); `undefined` for what is none. */
export function parseCpus(text: string): number | undefined {
  return quantityComplaint(text) === undefined ? Number(milliValue(parseQuantity(text))) / 1000 : undefined;
}

/** Powers of 1024. Without a unit it is MiB, as in minikube. */
const exponents: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, '': 2, g: 3, t: 4 };

/**
 * Bytes as `--memory` takes them: `8192` (MiB), `8g`, `8gb`, `8Gi`; units are powers of 1024 whatever their case, as in
 * minikube. `undefined` for what is none.
 */
export function parseMemory(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)(b|[kmgt](?:i?b|i)?)?$/i.exec(text) ?? [];
  return digits === undefined
    ? undefined
    : Math.floor(Number(digits) * 1024 ** exponents[unit.charAt(0).toLowerCase()]!);
}

/** Bytes of a quantity, such as `2Gi`; `undefined` for what is none. */
export function memoryOfQuantity(text: string): number | undefined {
  return quantityComplaint(text) === undefined ? Number(quantityValue(parseQuantity(text))) : undefined;
}

/** Why a node of this machine cannot have these, one sentence for each, with the name of the field first. */
export function resourceProblems(
  { cpus: count, memoryBytes }: NodeResources,
  machine: Required<NodeResources>,
): { readonly field: 'cpu' | 'memory'; readonly rule: string }[] {
  const problems: { field: 'cpu' | 'memory'; rule: string }[] = [];
  if (count !== undefined && (count < leastCpus || count > machine.cpus))
    problems.push({
      field: 'cpu',
      rule: `must be from ${leastCpus} to the ${machine.cpus} of this machine, and is ${count}`,
    });
  if (memoryBytes !== undefined && (memoryBytes < leastMemoryBytes || memoryBytes > machine.memoryBytes))
    problems.push({
      field: 'memory',
      rule: `must be from ${mebibytes(leastMemoryBytes)} to the ${mebibytes(machine.memoryBytes)} of this machine, and is ${mebibytes(memoryBytes)}`,
    });
  return problems;
}

/** `2048Mi`. */
export function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / mebibyte)}Mi`;
}
