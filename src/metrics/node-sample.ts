import { readExposition } from './exposition.ts';

/** What something had used up to a moment; times in milliseconds since the epoch. */
export interface Sample {
  readonly at: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** Since when the CPU time is counted, where that is known. */
  readonly startedAt?: number;
}

export interface ContainerSample extends Sample {
  readonly name: string;
}

/** One look at a node. */
export interface NodeSample {
  readonly node: Sample | undefined;
  /** Containers by `namespace/name` of their pod. */
  readonly pods: ReadonlyMap<string, readonly ContainerSample[]>;
}

type Part = 'cpuSeconds' | 'memoryBytes' | 'startedAt';
interface Draft {
  at?: number;
  cpuSeconds?: number;
  memoryBytes?: number;
  startedAt?: number;
}

const nodeValues: Readonly<Record<string, Part>> = {
  node_cpu_usage_seconds_total: 'cpuSeconds',
  node_memory_working_set_bytes: 'memoryBytes',
};
const containerValues: Readonly<Record<string, Part>> = {
  container_cpu_usage_seconds_total: 'cpuSeconds',
  container_memory_working_set_bytes: 'memoryBytes',
  container_start_time_seconds: 'startedAt',
};

/**
 * Reads what a kubelet says under `/metrics/resource`. A pod of which anything is missing is left out. Throws when it
 * is not readable.
 */
export function readNodeSample(text: string, now: number): NodeSample {
  const node: Draft = {};
  const pods = new Map<string, Map<string, Draft>>();
  for (const { name, labels, value, at } of readExposition(text)) {
    const ofNode = nodeValues[name];
    const ofContainer = containerValues[name];
    if (ofNode !== undefined) put(node, ofNode, value, at);
    if (ofContainer === undefined) continue;
    const { namespace = '', pod = '', container = '' } = labels;
    const containers = entry(pods, `${namespace}/${pod}`, () => new Map<string, Draft>());
    put(
      entry(containers, container, () => ({})),
      ofContainer,
      value,
      at,
    );
  }
  return {
    node: complete(node, now),
    pods: new Map(
      [...pods].flatMap(([pod, containers]) => {
        const all = [...containers].map(([name, draft]) => ({ name, sample: complete(draft, now) }));
        if (all.some(({ sample }) => sample === undefined)) return [];
        return [[pod, all.map(({ name, sample }) => ({ ...sample!, name }))]];
      }),
    ),
  };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** The time of the CPU counts: the rate comes from it. */
function put(draft: Draft, part: Part, value: number, at: number | undefined): void {
  draft[part] = part === 'startedAt' ? value * 1000 : value;
  if (part === 'cpuSeconds' && at !== undefined) draft.at = at;
}

function complete({ at, cpuSeconds, memoryBytes, startedAt }: Draft, now: number): Sample | undefined {
  if (cpuSeconds === undefined || memoryBytes === undefined) return undefined;
  return { at: at ?? now, cpuSeconds, memoryBytes, ...(startedAt !== undefined && { startedAt }) };
}
