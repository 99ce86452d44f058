import type { Container, Pod } from '../../api/core/v1/types.ts';
import { milliValue, parseQuantity, quantityValue } from '../../apimachinery/quantity.ts';

/** Amounts by resource name: cpu in thousandths of a core, all others in their own unit. */
export type Amounts = Map<string, number>;

type QuantityMap = Readonly<Record<string, string>>;

/** What the scheduler assumes of a container that asks for nothing, when it compares how full nodes are. */
const assumed: QuantityMap = { cpu: '100m', memory: '200Mi' };

/**
 * What a pod asks for, as the node must provide it: containers and sidecars together, or an init container alone if
 * that is more.
 */
export function podRequests(pod: Pod): Amounts {
  return total(pod, (container) => amounts(requestsOf(pod, container)));
}

/** The same, with the assumed amounts where a container asks for no cpu or memory. */
export function podRequestsOrAssumed(pod: Pod): { cpu: number; memory: number } {
  const requests = total(pod, (container) => amounts({ ...assumed, ...requestsOf(pod, container) }));
  return { cpu: requests.get('cpu') ?? 0, memory: requests.get('memory') ?? 0 };
}

export function amounts(quantities: QuantityMap | undefined): Amounts {
  const result: Amounts = new Map();
  if (quantities !== undefined)
    for (const name of Object.keys(quantities)) result.set(name, amount(name, quantities[name]!));
  return result;
}

function total(pod: Pod, requests: (container: Container) => Amounts): Amounts {
  const { spec } = pod;
  const running: Amounts = new Map();
  const sidecars: Amounts = new Map();
  const starting: Amounts = new Map();
  for (const container of spec.containers) add(running, requests(container));
  for (const container of spec.initContainers ?? []) {
    const own = requests(container);
    if (container.restartPolicy === 'Always') {
      add(running, own);
      add(sidecars, own);
      atLeast(starting, sidecars);
    } else {
      add(own, sidecars);
      atLeast(starting, own);
    }
  }
  atLeast(running, starting);
  for (const [name, value] of amounts(spec.resources?.requests)) running.set(name, value);
  add(running, amounts(spec.overhead));
  return running;
}

/** While a running container is being resized, the node holds the larger of what it has and what it will have. */
function requestsOf({ spec, status }: Pod, { name, resources }: Container): QuantityMap {
  const wanted = resources?.requests ?? {};
  if (spec.nodeName === undefined) return wanted;
  const held = status?.containerStatuses?.find((one) => one.name === name);
  const has = held?.resources?.requests ?? held?.allocatedResources;
  if (has === undefined) return wanted;
  const larger: Record<string, string> = { ...wanted };
  for (const [resource, quantity] of Object.entries(has)) {
    const other = wanted[resource];
    if (other !== undefined && amount(resource, quantity) > amount(resource, other)) larger[resource] = quantity;
  }
  return larger;
}

function add(sum: Amounts, more: Amounts): void {
  for (const [name, value] of more) sum.set(name, (sum.get(name) ?? 0) + value);
}

function atLeast(largest: Amounts, others: Amounts): void {
  for (const [name, value] of others) if (value > (largest.get(name) ?? 0)) largest.set(name, value);
}

/** The same few texts come again and again, and exact arithmetic is slow. */
const known = { cpu: new Map<string, number>(), other: new Map<string, number>() };
const mostKnown = 10_000;

function amount(name: string, quantity: string): number {
  const cache = name === 'cpu' ? known.cpu : known.other;
  let value = cache.get(quantity);
  if (value === undefined) {
    const parsed = parseQuantity(quantity);
    value = Number(name === 'cpu' ? milliValue(parsed) : quantityValue(parsed));
    if (cache.size >= mostKnown) cache.clear();
    cache.set(quantity, value);
  }
  return value;
}
