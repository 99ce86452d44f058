import type { ResourceRequirements } from '../../../../api/core/v1/types.ts';
import { dnsLabel, qualifiedName } from '../../../../apimachinery/names.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { complain, type Errors } from '../../checks.ts';
import { canonicalQuantity, compareQuantities, isDivisibleBy, isNegative, isWhole } from './quantities.ts';
import {
  hugePagePrefix,
  isContainerResource,
  isCountedResource,
  isExtendedResource,
  isNativeResource,
  isOvercommittable,
  isPodResource,
  isStandardResource,
  podResources,
} from './resource-names.ts';

type NameCheck = (errors: Errors, name: string, field: string) => void;

/** Requests and limits of a container, or of what stands for one (`overhead`). */
export function checkContainerResources(
  errors: Errors,
  resources: ResourceRequirements | undefined,
  claims: ReadonlySet<string>,
  field: string,
): void {
  if (resources !== undefined) checkResources(errors, resources, checkContainerResourceName, claims, field);
}

export function checkPodResourceAmounts(
  errors: Errors,
  resources: ResourceRequirements,
  claims: ReadonlySet<string>,
  field: string,
): void {
  checkResources(errors, resources, checkPodResourceName, claims, field);
}

function checkResources(
  errors: Errors,
  { limits, requests, claims }: ResourceRequirements,
  checkName: NameCheck,
  podClaims: ReadonlySet<string>,
  field: string,
): void {
  let hugePages = false;
  let cpuOrMemory = false;
  if (limits !== undefined)
    for (const name of Object.keys(limits)) {
      const key = `${field}.limits[${name}]`;
      checkName(errors, name, key);
      checkAmount(errors, name, limits[name]!, key);
      if (name.startsWith(hugePagePrefix)) {
        hugePages = true;
        checkHugePages(errors, name, limits[name]!, key);
      }
      if (name === 'cpu' || name === 'memory') cpuOrMemory = true;
    }
  if (requests !== undefined)
    for (const name of Object.keys(requests)) {
      const key = `${field}.requests[${name}]`;
      const amount = requests[name]!;
      checkName(errors, name, key);
      checkAmount(errors, name, amount, key);
      const limit = limits?.[name];
      if (limit === undefined) {
        if (!isOvercommittable(name))
          errors.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
      } else checkRequestWithinLimit(errors, name, amount, limit, `${field}.requests`);
      if (name.startsWith(hugePagePrefix)) {
        hugePages = true;
        checkHugePages(errors, name, amount, key);
      }
      if (name === 'cpu' || name === 'memory') cpuOrMemory = true;
    }
  if (hugePages && !cpuOrMemory) errors.push(forbidden(field, 'HugePages require cpu or memory'));
  if (claims !== undefined) checkClaims(errors, claims, podClaims, `${field}.claims`);
}

function checkRequestWithinLimit(errors: Errors, name: string, amount: string, limit: string, field: string): void {
  const order = compareQuantities(amount, limit);
  if (order !== 0 && !isOvercommittable(name))
    errors.push(
      invalid(field, canonicalQuantity(amount), `must be equal to ${name} limit of ${canonicalQuantity(limit)}`),
    );
  else if (order > 0)
    errors.push(
      invalid(
        field,
        canonicalQuantity(amount),
        `must be less than or equal to ${name} limit of ${canonicalQuantity(limit)}`,
      ),
    );
}

/** An amount of anything: not negative, and whole where the thing is counted. */
export function checkAmount(errors: Errors, name: string, amount: string, field: string): void {
  if (isNegative(amount)) errors.push(invalid(field, canonicalQuantity(amount), 'must be greater than or equal to 0'));
  if (isCountedResource(name) && !isWhole(amount))
    errors.push(invalid(field, canonicalQuantity(amount), 'must be an integer'));
}

function checkHugePages(errors: Errors, name: string, amount: string, field: string): void {
  const size = name.slice(hugePagePrefix.length);
  if (isDivisibleBy(amount, size)) return;
  const shown = canonicalQuantity(amount);
  errors.push(invalid(field, shown, `${shown} is not positive integer multiple of ${name}`));
}

/** Any name that an amount can have: a standard one, or a qualified name. */
export function checkResourceName(errors: Errors, name: string, field: string): void {
  const problems = qualifiedName(name);
  complain(errors, field, name, problems);
  if (problems.length === 0 && !name.includes('/') && !isStandardResource(name))
    errors.push(invalid(field, name, 'must be a standard resource type or fully qualified'));
}

export function checkContainerResourceName(errors: Errors, name: string, field: string): void {
  if (name === 'cpu' || name === 'memory') return;
  checkResourceName(errors, name, field);
  if (!name.includes('/')) {
    if (!isContainerResource(name)) errors.push(invalid(field, name, 'must be a standard resource for containers'));
  } else if (!isNativeResource(name) && !isExtendedResource(name))
    errors.push(invalid(field, name, "doesn't follow extended resource name standard"));
}

function checkPodResourceName(errors: Errors, name: string, field: string): void {
  const before = errors.length;
  checkResourceName(errors, name, field);
  if (errors.length === before && !isPodResource(name)) errors.push(notSupported(field, name, podResources));
}

function checkClaims(
  errors: Errors,
  claims: NonNullable<ResourceRequirements['claims']>,
  podClaims: ReadonlySet<string>,
  field: string,
): void {
  const seen = new Set<string>();
  claims.forEach(({ name, request }, i) => {
    if (!name) {
      errors.push(required(`${field}[${i}]`));
      return;
    }
    const key = request ? `${name}/${request}` : name;
    if (seen.has(name)) errors.push(duplicate(`${field}[${i}]`, name));
    else {
      if (request) complain(errors, `${field}[${i}].request`, request, dnsLabel(request));
      if (seen.has(key)) errors.push(duplicate(`${field}[${i}]`, key));
      else if (!request && [...seen].some((one) => one.startsWith(`${name}/`)))
        errors.push(duplicate(`${field}[${i}]`, name));
      seen.add(key);
    }
    if (podClaims.has(name)) return;
    const choice = podClaims.size === 0 ? ' which is empty' : `: ${[...podClaims].sort().join(', ')}`;
    errors.push({
      reason: 'FieldValueNotFound',
      field: `${field}[${i}]`,
      message: `Not found: ${JSON.stringify(name)}: must be one of the names in pod.spec.resourceClaims${choice}`,
    });
  });
}
