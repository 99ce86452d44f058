import type { Container, ObjectFieldSelector, Pod, ResourceFieldSelector } from '../../api/core/v1/types.ts';
import { goQuote } from '../../apimachinery/go-text.ts';
import { milliValue, parseQuantity, quantityValue } from '../../apimachinery/quantity.ts';

/** Addresses that the object may not show yet when its containers start. */
export interface PodAddresses {
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
}

/** Which amounts stand in for limits that a container does not set. */
export type Allocatable = Readonly<Record<string, string>>;

/**
 * The value of a field of the pod (downward API). Labels and annotations as a whole become lines `key="value"`.
 * `undefined` when there is no such field.
 */
export function fieldValue(
  { metadata, spec }: Readonly<Pod>,
  { fieldPath }: ObjectFieldSelector,
  { podIps, hostIps }: PodAddresses,
): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  if (subscript !== null) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]!] ?? '';
  const fields: Record<string, () => string> = {
    'metadata.name': () => metadata.name,
    'metadata.namespace': () => metadata.namespace ?? '',
    'metadata.uid': () => metadata.uid ?? '',
    'metadata.labels': () => linesOf(metadata.labels),
    'metadata.annotations': () => linesOf(metadata.annotations),
    'spec.nodeName': () => spec.nodeName ?? '',
    'spec.serviceAccountName': () => spec.serviceAccountName ?? '',
    'status.hostIP': () => hostIps[0] ?? '',
    'status.hostIPs': () => hostIps.join(','),
    'status.podIP': () => podIps[0] ?? '',
    'status.podIPs': () => podIps.join(','),
  };
  return fields[fieldPath]?.();
}

/**
 * A request or limit of a container in units of the divisor, rounded up. An unset limit is what the node can give; an
 * unset request is 0. `undefined` when the resource cannot be referred to.
 */
export function resourceValue(
  container: Readonly<Pick<Container, 'resources'>>,
  { resource, divisor }: ResourceFieldSelector,
  allocatable: Allocatable,
): string | undefined {
  const [side, ...rest] = resource.split('.');
  const name = rest.join('.');
  if ((side !== 'limits' && side !== 'requests') || name === '') return undefined;
  const set = container.resources?.[side]?.[name];
  const amount = parseQuantity(set ?? (side === 'limits' ? (allocatable[name] ?? '0') : '0'));
  const unit = parseQuantity(divisor === undefined || divisor === '0' ? '1' : divisor);
  const value = name === 'cpu' ? milliValue : quantityValue;
  const [total, each] = [value(amount), value(unit)];
  return String((total + each - 1n) / each);
}

function linesOf(map: Readonly<Record<string, string>> = {}): string {
  const keys = Object.keys(map).sort();
  return keys.map((key) => `${key}=${goQuote(map[key]!)}`).join('\n');
}
