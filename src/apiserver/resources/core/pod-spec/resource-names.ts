import { qualifiedName } from '../../../../apimachinery/names.ts';

export const hugePagePrefix = 'hugepages-';

/** Names without a domain that mean something somewhere. */
const standard = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
]);

/** Things that are counted in whole numbers. */
const counted = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

export const podResources: readonly string[] = ['cpu', 'hugepages-', 'memory'];

export function isStandardResource(name: string): boolean {
  return standard.has(name) || name.startsWith(hugePagePrefix) || name.startsWith(`requests.${hugePagePrefix}`);
}

export function isContainerResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name.startsWith(hugePagePrefix);
}

export function isPodResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith(hugePagePrefix);
}

/** Without a domain, or of Kubernetes' own. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** What a node offers beyond the native ones; it must also be usable as `requests.…` in a quota. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return qualifiedName(`requests.${name}`).length === 0;
}

export function isCountedResource(name: string): boolean {
  return counted.has(name) || (name.includes('/') && isExtendedResource(name));
}

/** Whether a request may be lower than the limit. */
export function isOvercommittable(name: string): boolean {
  return isNativeResource(name) && !name.startsWith(hugePagePrefix);
}
