import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaimSpec,
} from '../../../api/resource/v1/types.ts';
import { invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { checkDnsLabel, checkDnsSubdomain, type Errors } from '../checks.ts';
import { checkItems, checkSet } from './bounded.ts';
import { checkConfiguration } from './configuration.ts';
import { checkAttributeWithDomain } from './names.ts';
import { checkSelectors } from './selectors.ts';
import { checkToleration, tolerationDefaults } from './taints.ts';

const mostRequests = 32;
const mostChoices = 8;
const mostConstraints = 32;
export const mostConfigurations = 32;

/** What of the spec of a claim is not said, filled in place. */
export function claimSpecDefaults(spec: ResourceClaimSpec): void {
  for (const { exactly, firstAvailable } of spec.devices?.requests ?? []) {
    if (exactly) requestDefaults(exactly);
    firstAvailable?.forEach(requestDefaults);
  }
}

function requestDefaults(request: ExactDeviceRequest | DeviceSubRequest): void {
  if (!request.allocationMode) request.allocationMode = 'ExactCount';
  if (request.allocationMode === 'ExactCount' && !request.count) request.count = 1;
  request.tolerations?.forEach(tolerationDefaults);
}

/** The expressions of all requests. */
export function selectorsOf({ devices }: ResourceClaimSpec): readonly DeviceSelector[] {
  return (devices?.requests ?? []).flatMap(({ exactly, firstAvailable = [] }) =>
    [...(exactly ? [exactly] : []), ...firstAvailable].flatMap(({ selectors = [] }) => selectors),
  );
}

export function checkClaimSpec(errors: Errors, { devices = {} }: ResourceClaimSpec, field: string): void {
  checkDeviceClaim(errors, devices, `${field}.devices`);
}

function checkDeviceClaim(errors: Errors, claim: DeviceClaim, field: string): void {
  const names = requestNames(claim);
  checkSet(errors, claim.requests, `${field}.requests`, mostRequests, ({ name = '' }) => name, checkRequest);
  checkItems(errors, claim.constraints, `${field}.constraints`, mostConstraints, (_, constraint, at) =>
    checkConstraint(errors, constraint, names, at),
  );
  checkItems(errors, claim.config, `${field}.config`, mostConfigurations, (_, config, at) => {
    checkRequestReferences(errors, config.requests, names, `${at}.requests`);
    checkConfiguration(errors, config, at);
  });
}

function checkRequest(errors: Errors, request: DeviceRequest, field: string): void {
  const { name = '', exactly, firstAvailable = [] } = request;
  checkDnsLabel(errors, `${field}.name`, name);
  const rule = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly && firstAvailable.length > 0) errors.push(invalid(field, null, `${rule}, but multiple fields are set`));
  else if (exactly) checkWanted(errors, exactly, `${field}.exactly`);
  else if (firstAvailable.length === 0) errors.push(required(field, rule));
  else
    checkSet(
      errors,
      firstAvailable,
      `${field}.firstAvailable`,
      mostChoices,
      (one) => one.name ?? '',
      (_, one, at) => {
        checkDnsLabel(errors, `${at}.name`, one.name ?? '');
        checkWanted(errors, one, at);
      },
    );
}

function checkWanted(errors: Errors, wanted: ExactDeviceRequest | DeviceSubRequest, field: string): void {
  const { deviceClassName = '', selectors, allocationMode, count = 0, tolerations = [] } = wanted;
  if (deviceClassName === '') errors.push(required(`${field}.deviceClassName`));
  else checkDnsSubdomain(errors, `${field}.deviceClassName`, deviceClassName);
  checkSelectors(errors, selectors, `${field}.selectors`);
  if (allocationMode === 'All') {
    if (count !== 0)
      errors.push(invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else if (allocationMode !== 'ExactCount')
    errors.push(notSupported(`${field}.allocationMode`, allocationMode, ['All', 'ExactCount']));
  else if (count <= 0) errors.push(invalid(`${field}.count`, count, 'must be greater than zero'));
  tolerations.forEach((one, i) => checkToleration(errors, one, `${field}.tolerations[${i}]`));
}

function checkConstraint(
  errors: Errors,
  constraint: DeviceConstraint,
  names: ReadonlySet<string>,
  field: string,
): void {
  const { requests, matchAttribute, distinctAttribute } = constraint;
  checkRequestReferences(errors, requests, names, `${field}.requests`);
  if (matchAttribute !== undefined) checkAttributeWithDomain(errors, matchAttribute, `${field}.matchAttribute`);
  else if (distinctAttribute !== undefined)
    checkAttributeWithDomain(errors, distinctAttribute, `${field}.distinctAttribute`);
  else
    errors.push(
      // The end of the sentence is Kubernetes' own slip.
      required(
        field,
        'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      ),
    );
}

/** How parts of a claim refer to requests: `request`, and `request/choice` where it has choices. */
export function requestNames({ requests }: DeviceClaim): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name = '', firstAvailable = [] } of requests ?? []) {
    names.add(name);
    for (const one of firstAvailable) names.add(`${name}/${one.name ?? ''}`);
  }
  return names;
}

export function checkRequestReferences(
  errors: Errors,
  references: readonly string[] | undefined,
  names: ReadonlySet<string>,
  field: string,
): void {
  checkSet(
    errors,
    references,
    field,
    mostRequests,
    (name) => name,
    (_, name, at) => checkRequestReference(errors, name, names, at),
  );
}

const referenceRule =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export function checkRequestReference(errors: Errors, name: string, names: ReadonlySet<string>, field: string): void {
  const segments = name.split('/');
  if (segments.length > 2) return void errors.push(invalid(field, name, referenceRule));
  for (const segment of segments) checkDnsLabel(errors, field, segment);
  if (!names.has(name)) errors.push(invalid(field, name, referenceRule));
}
