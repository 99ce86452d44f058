import { one as oneOf, plus, type Amounts } from './amounts.ts';
import type { Quantity } from '../../../apimachinery/quantity.ts';
import { chargedAmounts } from '../pod-requests.ts';
import type { Container, Pod, PodAffinityTerm } from '../v1/types.ts';
import type { Counter, Scope } from './counter.ts';
import { matchesScope } from './scope-values.ts';

const compute = ['cpu', 'memory', 'ephemeral-storage'];
const bounded = new Set([
  'pods',
  'count/pods',
  ...compute.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
/** Where a quota bounds one of these, each container has to say how much of it it takes. */
const demanded = ['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]);

/** Pods count with what they ask for until they are finished; `count/pods` counts finished ones, too. */
export const podCounter: Counter<Pod> = {
  counts: (name) =>
    bounded.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-') || isExtended(name),

  isWithin: (pod, scope) => isWithin(pod, scope),

  usage(pod, now) {
    const counted = { 'count/pods': oneOf };
    if (!isCharged(pod, now)) return counted;
    const { requests, limits } = chargedAmounts(pod);
    return plus(counted, computeUsage(requests, limits));
  },

  changesBy: (subresource) => subresource === 'resize',

  frees: (pod, old) =>
    isTerminating(pod) !== isTerminating(old) ||
    (isFinished(pod) && !isFinished(old)) ||
    heldResources(pod) !== heldResources(old),

  missing({ spec }, resources) {
    const wanted = demanded.filter((name) => resources.includes(name));
    if (wanted.length === 0) return undefined;
    const without = new Map<string, string[]>();
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])])
      for (const name of wanted.filter((each) => !says(container, each)))
        without.set(name, [...(without.get(name) ?? []), container.name]);
    if (without.size === 0) return undefined;
    const parts = [...without.keys()].sort().map((name) => `${name} for: ${without.get(name)!.sort().join(',')}`);
    return `must specify ${parts.join('; ')}`;
  },
};

/** Finished pods use nothing, nor do those whose node has let their end pass. */
function isCharged(pod: Readonly<Pod>, now: number): boolean {
  if (isFinished(pod)) return false;
  const { deletionTimestamp, deletionGracePeriodSeconds: grace } = pod.metadata;
  if (deletionTimestamp === undefined || grace === undefined) return true;
  return now <= Date.parse(deletionTimestamp) + grace * 1000;
}

function isFinished({ status }: Readonly<Pod>): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage: Record<string, Quantity> = { pods: oneOf };
  for (const [name, amount] of Object.entries(requests)) {
    const isBare = compute.includes(name) || name.startsWith('hugepages-');
    if (isBare) usage[name] = amount;
    if (isBare || isExtended(`requests.${name}`)) usage[`requests.${name}`] = amount;
  }
  for (const name of compute) if (limits[name] !== undefined) usage[`limits.${name}`] = limits[name];
  return usage;
}

/** `requests.` with the name of what some nodes offer. */
function isExtended(name: string): boolean {
  return name.startsWith('requests.') && name.includes('/') && !name.includes('kubernetes.io/');
}

function says({ resources }: Readonly<Container>, name: string): boolean {
  const [kind, resource = kind] = name.split('.');
  return (kind === 'limits' ? resources?.limits : resources?.requests)?.[resource!] !== undefined;
}

function isWithin(pod: Readonly<Pod>, scope: Scope): boolean {
  const { spec, status } = pod;
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return status?.qosClass === 'BestEffort';
    case 'NotBestEffort':
      return status?.qosClass !== 'BestEffort';
    case 'PriorityClass':
      return matchesScope(scope, spec.priorityClassName ? [spec.priorityClassName] : []);
    case 'CrossNamespacePodAffinity':
      return looksIntoOtherNamespaces(pod);
    default:
      return false;
  }
}

function isTerminating({ spec }: Readonly<Pod>): boolean {
  return (spec.activeDeadlineSeconds ?? -1) >= 0;
}

function looksIntoOtherNamespaces({ spec }: Readonly<Pod>): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const isElsewhere = ({ namespaces, namespaceSelector }: Readonly<PodAffinityTerm>): boolean =>
    (namespaces?.length ?? 0) > 0 || namespaceSelector !== undefined;
  return [podAffinity, podAntiAffinity].some(
    (rules) =>
      rules?.requiredDuringSchedulingIgnoredDuringExecution?.some(isElsewhere) ||
      rules?.preferredDuringSchedulingIgnoredDuringExecution?.some((each) => isElsewhere(each.podAffinityTerm)),
  );
}

/** What its containers hold on their node, in a form that can be compared. */
function heldResources({ status }: Readonly<Pod>): string {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return JSON.stringify(all.map(({ name, resources }) => [name, resources]));
}
