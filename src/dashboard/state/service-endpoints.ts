import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import type { Share } from './node-usage.ts';

const serviceLabel = 'kubernetes.io/service-name';

/**
 * How many endpoints each Service has, and how many of them are ready, by `namespace/name`. Those in two slices count
 * once.
 */
export function serviceEndpoints(slices: readonly Readonly<EndpointSlice>[]): Map<string, Share> {
  const found = new Map<string, Map<string, boolean>>();
  for (const { metadata, endpoints = [] } of slices) {
    const name = metadata.labels?.[serviceLabel];
    if (name === undefined) continue;
    const key = keyText({ name, namespace: metadata.namespace });
    const addresses = found.get(key) ?? new Map<string, boolean>();
    found.set(key, addresses);
    for (const {
      addresses: [address],
      targetRef,
      conditions,
    } of endpoints ?? []) {
      const id = targetRef?.uid ?? address ?? '';
      addresses.set(id, addresses.get(id) === true || conditions?.ready !== false);
    }
  }
  return new Map(
    [...found].map(([key, addresses]) => {
      const ready = [...addresses.values()].filter((isReady) => isReady);
      return [key, { used: ready.length, of: addresses.size }];
    }),
  );
}
