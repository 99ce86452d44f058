import type { Container, ContainerStatus, Pod } from './v1/types.ts';
import { addQuantities, type Quantity } from '../../apimachinery/quantity.ts';
import { amountsOf, most, pick, plus, type Amounts } from './quota/amounts.ts';

type Kind = 'requests' | 'limits';

/**
 * What a pod needs at its hungriest: its main containers and sidecars together, or an init container beside the sidecars
 * before it ("Resource sharing within containers"); with its overhead. Requests of the pod as a whole go before.
 */
export function podRequests(pod: Readonly<Pod>): Amounts {
  return plus(hungriest(pod, 'requests', isAnything), amountsOf(pod.spec.overhead));
}

/** The limits in the same way; only where every container has one is the sum a limit of the pod. */
export function podLimits(pod: Readonly<Pod>): Amounts {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const total = plus(hungriest(pod, 'limits', isAnything), amountsOf(pod.spec.overhead));
  return pick(
    total,
    (name) =>
      pod.spec.resources?.limits?.[name] !== undefined ||
      all.every((one) => one.resources?.limits?.[name] !== undefined),
  );
}

/**
 * As quotas count a pod: a container that is being resized counts with the larger of what it has and what it shall have,
 * and a limit that some containers have is added up all the same.
 */
export function chargedAmounts(pod: Readonly<Pod>): { readonly requests: Amounts; readonly limits: Amounts } {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const held = new Map(statuses.map((status) => [status.name, status]));
  const requests = hungriest(pod, 'requests', isOfPods, held);
  const limits = hungriest(pod, 'limits', isOfPods, held);
  const overhead = amountsOf(pod.spec.overhead);
  return { requests: plus(requests, overhead), limits: withOverhead(limits, overhead) };
}

/** Without overhead and regardless of what runs: what limit ranges bound. */
export function wantedAmounts(pod: Readonly<Pod>): { readonly requests: Amounts; readonly limits: Amounts } {
  return { requests: hungriest(pod, 'requests', isOfPods), limits: hungriest(pod, 'limits', isOfPods) };
}

const isAnything = (): boolean => true;
/** What a pod as a whole can ask for. */
const isOfPods = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

function hungriest(
  { spec }: Readonly<Pod>,
  kind: Kind,
  ofWholePod: (name: string) => boolean,
  held: ReadonlyMap<string, Readonly<ContainerStatus>> = new Map(),
): Amounts {
  let sidecars: Amounts = {};
  let highest: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const own = amountsOfContainer(container, kind, held);
    if (isSidecar(container)) sidecars = plus(sidecars, own);
    highest = most(highest, isSidecar(container) ? sidecars : plus(sidecars, own));
  }
  const running = spec.containers.reduce(
    (sum, container) => plus(sum, amountsOfContainer(container, kind, held)),
    sidecars,
  );
  return { ...most(running, highest), ...pick(amountsOf(spec.resources?.[kind]), ofWholePod) };
}

function amountsOfContainer(
  { name, resources }: Readonly<Container>,
  kind: Kind,
  held: ReadonlyMap<string, Readonly<ContainerStatus>>,
): Amounts {
  const wanted = amountsOf(resources?.[kind]);
  const status = held.get(name);
  if (status?.resources === undefined) return wanted;
  const has = amountsOf(status.resources[kind]);
  return most(most(wanted, has), kind === 'requests' ? amountsOf(status.allocatedResources) : {});
}

function withOverhead(limits: Amounts, overhead: Amounts): Amounts {
  const sum: Record<string, Quantity> = { ...limits };
  for (const [name, amount] of Object.entries(overhead)) {
    const limit = limits[name];
    if (limit !== undefined && limit.unscaled !== 0n) sum[name] = addQuantities(limit, amount);
  }
  return sum;
}

/** An init container that goes on running beside the main ones. */
function isSidecar({ restartPolicy }: Readonly<Container>): boolean {
  return restartPolicy === 'Always';
}
