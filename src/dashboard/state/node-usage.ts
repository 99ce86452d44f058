import type { NodeExtract, PodExtract } from './extracts.ts';
import type { Row } from './table-rows.ts';

/** How much of something is taken. */
export interface Share {
  readonly used: number;
  readonly of: number;
}

/** What the pods of a node ask for, beside what it can give. CPU in cores, memory in bytes. */
export interface NodeUsage {
  readonly pods: Share;
  readonly cpu: Share;
  readonly memory: Share;
}

/** Sums up, by the name of the node. Pods that have ended take nothing. */
export function nodeUsages(
  nodes: readonly Readonly<Row<NodeExtract>>[],
  pods: readonly Readonly<Row<PodExtract>>[],
): Map<string, NodeUsage> {
  const taken = new Map<string, { pods: number; cpu: number; memory: number }>();
  for (const { metadata } of nodes) taken.set(metadata.name, { pods: 0, cpu: 0, memory: 0 });
  for (const { extract } of pods) {
    const sum = extract.isOver ? undefined : taken.get(extract.nodeName ?? '');
    if (sum === undefined) continue;
    sum.pods += 1;
    sum.cpu += extract.requests.cpu;
    sum.memory += extract.requests.memory;
  }
  return new Map(
    nodes.map(({ metadata: { name }, extract: has }) => {
      const { pods, cpu, memory } = taken.get(name)!;
      return [
        name,
        {
          pods: { used: pods, of: has.pods },
          cpu: { used: cpu, of: has.cpu },
          memory: { used: memory, of: has.memory },
        },
      ];
    }),
  );
}

/** `0.25`, `12`: as many cores as are worth telling. */
export function coresText(cores: number): string {
  return String(Math.round(cores * 100) / 100);
}

/** `512 Mi`, `1.5 Gi`. */
export function bytesText(bytes: number): string {
  if (bytes === 0) return '0';
  const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const amount = bytes / 1024 ** power;
  return `${amount < 10 && power > 0 ? Math.round(amount * 10) / 10 : Math.round(amount)} ${units[power]}`;
}
