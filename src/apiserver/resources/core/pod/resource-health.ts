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
  /** By name; made when somebody tells of devices, which few do, of thousands of them maybe. */
  let given: Map<string, GivenResources> | undefined;
  statuses.forEach(({ name, allocatedResourcesStatus = [] }, i) => {
    allocatedResourcesStatus.forEach(({ name: resource = '', resources = [] }, j) => {
      const at = `${field}[${i}].allocatedResourcesStatus[${j}]`;
      given ??= givenResources(containers);
      const own = given.get(name);
      const isClaim = resource.startsWith('claim:');
      if (own !== undefined && !(isClaim ? own.claims : own.requests).has(resource))
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

/** What a container asks for, under the names by which its status tells of it. */
interface GivenResources {
  readonly requests: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
}

function givenResources(containers: readonly Container[]): Map<string, GivenResources> {
  const given = new Map<string, GivenResources>();
  for (const { name, resources: { requests = {}, claims = [] } = {} } of containers)
    given.set(name, {
      requests: new Set(Object.keys(requests)),
      claims: new Set(claims.map(({ name: claim, request }) => `claim:${claim}${request ? `/${request}` : ''}`)),
    });
  return given;
}
