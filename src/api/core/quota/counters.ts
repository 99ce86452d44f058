import { groupResourceOf, type ResourceType } from '../../../apimachinery/resource-type.ts';
import { one, type Amounts } from './amounts.ts';
import { claimCounter } from './claim-counter.ts';
import type { Counter } from './counter.ts';
import { deviceClaimCounter } from './device-claim-counter.ts';
import { podCounter } from './pod-counter.ts';
import { serviceCounter } from './service-counter.ts';

/** Names of counted kinds from before there was `count/…`. */
const shortNames = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);
const special: Readonly<Record<string, Counter>> = {
  pods: podCounter,
  services: serviceCounter,
  persistentvolumeclaims: claimCounter,
  'resourceclaims.resource.k8s.io': deviceClaimCounter,
};
/** Kinds that are never counted. */
const uncounted = new Set([
  'bindings',
  'componentstatuses',
  'events',
  'events.events.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
]);

const plainCounters = new Map<string, Counter>();

/** `undefined`: objects of the kind are not counted. */
export function counterOf(type: ResourceType): Counter | undefined {
  const name = groupResourceOf(type);
  if (uncounted.has(name)) return undefined;
  if (Object.hasOwn(special, name)) return special[name];
  let counter = plainCounters.get(name);
  if (counter === undefined) plainCounters.set(name, (counter = plainCounter(name)));
  return counter;
}

/** Counts objects, whatever they are. */
function plainCounter(name: string): Counter {
  const names = [`count/${name}`, ...(shortNames.has(name) ? [name] : [])];
  const usage: Amounts = Object.fromEntries(names.map((each) => [each, one]));
  return { counts: (resource) => names.includes(resource), usage: () => usage };
}
