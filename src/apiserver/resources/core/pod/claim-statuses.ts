import type { PodExtendedResourceClaimStatus, PodResourceClaimStatus, PodSpec } from '../../../../api/core/v1/types.ts';
import { duplicate, invalid, required } from '../../../../apimachinery/validation.ts';
import { checkDnsLabel, checkDnsSubdomain, type Errors } from '../../checks.ts';

/** Which claims a pod has, where they were made for it. */
export function checkClaimStatuses(
  errors: Errors,
  statuses: readonly PodResourceClaimStatus[],
  { resourceClaims = [] }: Readonly<PodSpec>,
): void {
  const seen = new Set<string>();
  statuses.forEach(({ name = '', resourceClaimName }, i) => {
    const field = `status.resourceClaimStatuses[${i}]`;
    if (!resourceClaims.some((claim) => claim.name === name))
      errors.push(invalid(`${field}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'));
    if (seen.has(name)) errors.push(duplicate(`${field}.name`, name));
    seen.add(name);
    if (resourceClaimName !== undefined) checkDnsSubdomain(errors, `${field}.resourceClaimName`, resourceClaimName);
  });
}

/** The claim that stands for extended resources, and which of its requests is for which container. */
export function checkExtendedClaim(
  errors: Errors,
  status: Readonly<PodExtendedResourceClaimStatus>,
  { initContainers = [], containers }: Readonly<PodSpec>,
): void {
  const field = 'status.extendedResourceClaimStatus';
  const { resourceClaimName = '' } = status;
  // A list that is always written is null where nobody has set it.
  const requestMappings = status.requestMappings ?? [];
  const all = new Map([...initContainers, ...containers].map((container) => [container.name, container]));
  if (requestMappings.length === 0)
    errors.push(required(`${field}.requestMappings`, 'at least one request mapping is required'));
  const seen = new Set<string>();
  requestMappings.forEach(({ containerName = '', resourceName = '', requestName = '' }, i) => {
    const at = `${field}.requestMappings[${i}]`;
    const container = all.get(containerName);
    if (container === undefined) {
      const rule = 'must match the name of an entry in spec.initContainers.name or spec.containers.name';
      errors.push(invalid(`${at}.containerName`, containerName, rule));
    } else if (container.resources?.requests?.[resourceName] === undefined)
      errors.push(
        invalid(
          `${at}.resourceName`,
          resourceName,
          'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests',
        ),
      );
    // The place is Kubernetes' own slip.
    checkDnsLabel(errors, `${field}.requestName`, requestName);
    const parts = { containerName, resourceName, requestName };
    const key = JSON.stringify(parts);
    if (seen.has(key))
      for (const [name, value] of Object.entries(parts)) errors.push(duplicate(`${at}.${name}`, value));
    seen.add(key);
  });
  if (resourceClaimName === '') errors.push(required(`${field}.resourceClaimName`));
  else checkDnsSubdomain(errors, `${field}.resourceClaimName`, resourceClaimName);
}
