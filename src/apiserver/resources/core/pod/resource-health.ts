import type { Container, ContainerStatus } from '../../../../api/core/v1/types.ts';
import { byteLength } from '../../../../apimachinery/go-text.ts';
import { duplicate, invalid, required, tooLong } from '../../../../apimachinery/validation.ts';
import { checkOneOf, type Errors } from '../../checks.ts';

const healths = ['Healthy', 'Unhealthy', 'Unknown'];
const longestMessage = 1024;
const asRequested = "must match one of the container's resource requests";
const asClaimed =
  "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";

/** How the devices are that containers have been given. A status of a container that is not there is let be. */
export function checkHealth(
  errors: Errors,
  statuses: readonly ContainerStatus[],
  field: string,
  containers: readonly Container[] = [],
): void {
  statuses.forEach(({ name, allocatedResourcesStatus = [] }, i) => {
    allocatedResourcesStatus.forEach(({ name: resource = '', resources = [] }, j) => {
      const at = `${field}[${i}].allocatedResourcesStatus[${j}]`;
      const container = containers.find((one) => one.name === name);
      const isClaim = resource.startsWith('claim:');
      if (container !== undefined && !(isClaim ? claimsOf(container) : requestsOf(container)).includes(resource))
        errors.push(invalid(`${at}.name`, resource, isClaim ? asClaimed : asRequested));
      const seen = new Set<string>();
      resources.forEach(({ resourceID = '', health, message }, k) => {
        const device = `${at}.resources[${k}]`;
        checkOneOf(errors, `${device}.health`, health, healths);
        if (message === '') errors.push(required(`${device}.message`, 'must be non-empty if specified'));
        else if (message !== undefined && byteLength(message) > longestMessage)
          errors.push(tooLong(`${device}.message`, longestMessage));
        if (seen.has(resourceID)) errors.push(duplicate(`${device}.resourceID`, resourceID));
        seen.add(resourceID);
      });
    });
  });
}

function requestsOf({ resources }: Container): string[] {
  return Object.keys(resources?.requests ?? {});
}

function claimsOf({ resources }: Container): string[] {
  return (resources?.claims ?? []).map(({ name, request }) => `claim:${name}${request ? `/${request}` : ''}`);
}
