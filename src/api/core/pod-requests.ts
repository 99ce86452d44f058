import type { Container, Pod } from './v1/types.ts';
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../../apimachinery/quantity.ts';

type Amounts = Record<string, Quantity>;

/**
 * What a pod needs at its hungriest: its main containers and sidecars together, or an init container beside the sidecars
 * before it ("Resource sharing within containers"); with its overhead. Requests of the pod as a whole go before.
 */
export function podRequests(pod: Readonly<Pod>): Readonly<Amounts> {
  return podTotal(pod, ({ resources }) => resources?.requests, pod.spec.resources?.requests);
}

/** The limits in the same way; only where every container has one is the sum a limit of the pod. */
export function podLimits(pod: Readonly<Pod>): Readonly<Amounts> {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const total = podTotal(pod, ({ resources }) => resources?.limits, pod.spec.resources?.limits);
  return Object.fromEntries(
    Object.entries(total).filter(
      ([name]) =>
        pod.spec.resources?.limits?.[name] !== undefined ||
        all.every((one) => one.resources?.limits?.[name] !== undefined),
    ),
  );
}

function podTotal(
  { spec }: Readonly<Pod>,
  of: (container: Container) => Readonly<Record<string, string>> | undefined,
  ofPod: Readonly<Record<string, string>> | undefined,
): Amounts {
  let sidecars: Amounts = {};
  let highest: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const own = parsed(of(container));
    if (isSidecar(container)) sidecars = plus(sidecars, own);
    highest = most(highest, isSidecar(container) ? sidecars : plus(sidecars, own));
  }
  const running = spec.containers.reduce((sum, container) => plus(sum, parsed(of(container))), sidecars);
  return plus({ ...most(running, highest), ...parsed(ofPod) }, parsed(spec.overhead));
}

function parsed(list: Readonly<Record<string, string>> = {}): Amounts {
  return Object.fromEntries(Object.entries(list).map(([name, amount]) => [name, parseQuantity(amount)]));
}

function plus(a: Amounts, b: Amounts): Amounts {
  const sum = { ...a };
  for (const [name, amount] of Object.entries(b))
    sum[name] = sum[name] === undefined ? amount : addQuantities(sum[name], amount);
  return sum;
}

function most(a: Amounts, b: Amounts): Amounts {
  const result = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const other = result[name];
    if (other === undefined || compareQuantities(amount, other) > 0) result[name] = amount;
  }
  return result;
}

/** An init container that goes on running beside the main ones. */
function isSidecar({ restartPolicy }: Readonly<Container>): boolean {
  return restartPolicy === 'Always';
}
