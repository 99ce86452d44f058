import type { ObjectFieldSelector, ResourceFieldSelector } from '../../../../api/core/v1/types.ts';
import { invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { checkQualifiedName, type Errors } from '../../checks.ts';
import { canonicalQuantity, isZero } from './quantities.ts';

/** Fields of the pod that a file of a volume may show. */
export const volumeFieldPaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Fields of the pod that an environment variable may show. */
export const environmentFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** What can be named at all; which of them fit depends on where the reference stands. */
const knownPaths = new Set([
  ...volumeFieldPaths,
  ...environmentFieldPaths,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
  'status.nominatedNodeName',
  'spec.hostNetwork',
]);
/** Old names of fields. */
const renamed: Readonly<Record<string, string>> = { 'spec.host': 'spec.nodeName' };
const subscripted = /^([^[\]]*)\['(.*)'\]$/;

export function checkFieldReference(
  errors: Errors,
  reference: ObjectFieldSelector,
  allowed: readonly string[],
  field: string,
): void {
  const { apiVersion, fieldPath } = reference;
  if (!apiVersion) {
    errors.push(required(`${field}.apiVersion`));
    return;
  }
  if (!fieldPath) {
    errors.push(required(`${field}.fieldPath`));
    return;
  }
  const [, base = fieldPath, subscript] = subscripted.exec(fieldPath) ?? [];
  const conversion = conversionProblem(apiVersion, base, fieldPath, subscript);
  if (conversion !== undefined) {
    errors.push(invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${conversion}`));
    return;
  }
  if (subscript !== undefined) {
    checkQualifiedName(errors, field, base === 'metadata.annotations' ? subscript.toLowerCase() : subscript);
    return;
  }
  const path = renamed[fieldPath] ?? fieldPath;
  if (!allowed.includes(path)) errors.push(notSupported(`${field}.fieldPath`, path, allowed));
}

function conversionProblem(apiVersion: string, base: string, path: string, subscript?: string): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  if (subscript !== undefined) {
    if (base === 'metadata.annotations' || base === 'metadata.labels') return undefined;
    return `field label does not support subscript: ${path}`;
  }
  return knownPaths.has(renamed[path] ?? path) ? undefined : `field label not supported: ${path}`;
}

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const hugePages = /^(?:limits|requests)\.hugepages-/;

/** A file in a volume must say whose resources it shows; a variable shows those of its own container. */
export function checkResourceReference(
  errors: Errors,
  reference: ResourceFieldSelector,
  field: string,
  { needsContainer }: { readonly needsContainer: boolean },
): void {
  const { containerName, resource, divisor } = reference;
  if (needsContainer && !containerName) errors.push(required(`${field}.containerName`));
  else if (!resource) errors.push(required(`${field}.resource`));
  else if (!resources.includes(resource) && !hugePages.test(resource))
    errors.push(notSupported(`${field}.resource`, resource, resources));
  if (divisor === undefined || isZero(divisor)) return;
  const problem = divisorProblem(resource ?? '', canonicalQuantity(divisor));
  if (problem !== undefined) errors.push(invalid(`${field}.divisor`, resource, problem));
}

const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

function divisorProblem(resource: string, divisor: string): string | undefined {
  const name = resource.slice(resource.indexOf('.') + 1);
  if (name === 'cpu') {
    if (divisor === '1m' || divisor === '1') return undefined;
    return "only divisor's values 1m and 1 are supported with the cpu resource";
  }
  const shown = bytesShownAs[name] ?? (hugePages.test(resource) ? 'hugepages' : undefined);
  if (shown === undefined || byteDivisors.includes(divisor)) return undefined;
  return `only divisor's values ${byteDivisors.join(', ')} are supported with the ${shown} resource`;
}

const bytesShownAs: Readonly<Record<string, string>> = {
  memory: 'memory',
  'ephemeral-storage': 'local ephemeral storage',
};
