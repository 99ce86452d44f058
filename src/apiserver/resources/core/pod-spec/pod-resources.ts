import type { PodSpec } from '../../../../api/core/v1/types.ts';
import { addQuantities, compareQuantities, quantityText, type Quantity } from '../../../../apimachinery/quantity.ts';
import { forbidden, invalid } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { hugePagePrefix } from './resource-names.ts';
import { canonicalQuantity, compareQuantities as compareTexts, readQuantity } from './quantities.ts';
import { checkPodResourceAmounts } from './resources.ts';

/** Requests and limits of the pod as a whole: no less than its containers ask for, no less than any may use. */
export function checkPodResources(errors: Errors, spec: PodSpec, claims: ReadonlySet<string>, field: string): void {
  const { resources } = spec;
  if (resources === undefined) return;
  if (spec.os?.name === 'windows') {
    errors.push(forbidden(field, 'may not be set for a windows pod'));
    return;
  }
  if (resources.claims !== undefined)
    errors.push(forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level'));
  checkPodResourceAmounts(errors, resources, claims, field);
  for (const [name, sum] of Object.entries(containerRequests(spec))) {
    const amount = resources.requests?.[name];
    if (amount !== undefined && compareQuantities(sum, readQuantity(amount)) > 0)
      errors.push(
        invalid(
          `${field}.requests[${name}]`,
          canonicalQuantity(amount),
          `must be greater than or equal to aggregate container requests of ${quantityText(sum)}`,
        ),
      );
  }
  // Huge pages are not shared: what containers may use together is what the pod may use.
  for (const [name, sum] of Object.entries(containerLimits(spec))) {
    const limit = name.startsWith(hugePagePrefix) ? resources.limits?.[name] : undefined;
    if (limit !== undefined && compareQuantities(sum, readQuantity(limit)) > 0)
      errors.push(
        invalid(
          `${field}.limits[${name}]`,
          canonicalQuantity(limit),
          `must be greater than or equal to aggregate container limits of ${quantityText(sum)}`,
        ),
      );
  }
  spec.containers?.forEach((container, i) => {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const ofPod = resources.limits?.[name];
      if (ofPod !== undefined && compareTexts(limit, ofPod) > 0)
        errors.push(
          invalid(
            `${field}.containers[${i}][${name}].limits`,
            canonicalQuantity(limit),
            `must be less than or equal to pod limits of ${canonicalQuantity(ofPod)}`,
          ),
        );
    }
  });
}

type Amounts = Record<string, Quantity>;

/**
 * What the containers of a pod ask for together: those that run side by side add up, with the sidecars; an init
 * container needs only to fit beside the sidecars that started before it.
 */
export function containerRequests(spec: PodSpec): Amounts {
  return amountsOf(spec, 'requests');
}

/** What the containers of a pod may use together, in the same way. */
export function containerLimits(spec: PodSpec): Amounts {
  return amountsOf(spec, 'limits');
}

function amountsOf({ containers = [], initContainers = [] }: PodSpec, of: 'requests' | 'limits'): Amounts {
  const total: Amounts = {};
  for (const { resources } of containers) addTo(total, resources?.[of]);
  const sidecars: Amounts = {};
  const initial: Amounts = {};
  for (const { restartPolicy, resources } of initContainers) {
    const isSidecar = restartPolicy === 'Always';
    if (isSidecar) {
      addTo(total, resources?.[of]);
      addTo(sidecars, resources?.[of]);
    }
    const running = { ...sidecars };
    if (!isSidecar) addTo(running, resources?.[of]);
    raiseTo(initial, running);
  }
  raiseTo(total, initial);
  return total;
}

function addTo(sum: Amounts, amounts: Readonly<Record<string, string>> | undefined): void {
  for (const [name, text] of Object.entries(amounts ?? {})) {
    const amount = readQuantity(text);
    sum[name] = sum[name] === undefined ? amount : addQuantities(sum[name], amount);
  }
}

function raiseTo(most: Amounts, amounts: Amounts): void {
  for (const [name, amount] of Object.entries(amounts))
    if (most[name] === undefined || compareQuantities(amount, most[name]) > 0) most[name] = amount;
}
