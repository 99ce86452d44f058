import type { Node } from '../../../api/core/v1/types.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { parseCidr, validateOldCidr } from '../../../apimachinery/ip.ts';
import { duplicate, forbidden, invalid } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';
import { checkAmount } from './pod-spec/resources.ts';
import { checkTaints } from './pod-spec/tolerations.ts';

/** What is asked of a node whoever writes it, and whatever was before. */
export function checkNode(errors: Errors, node: Readonly<Node>): void {
  checkNodeTaints(errors, node);
  checkAmounts(errors, node);
  const swap = node.status?.nodeInfo?.swap?.capacity;
  // Its error is reported below `metadata`, too.
  if (swap !== undefined && swap <= 0)
    errors.push(invalid('metadata.nodeSwapStatus.capacity', swap, 'must be greater than zero'));
  checkFeatures(errors, node);
  checkRanges(errors, node.spec?.podCIDRs ?? []);
}

/** What is asked of a change, of its status alone too. */
export function checkNodeUpdate(errors: Errors, node: Readonly<Node>, old: Readonly<Node>): void {
  checkAmounts(errors, node);
  checkFeatures(errors, node);
  checkAddresses(errors, node);
  checkUnchanged(errors, node, old);
  checkNodeTaints(errors, node);
  if ((node.spec?.externalID ?? '') !== (old.spec?.externalID ?? ''))
    errors.push(forbidden('spec.externalID', 'may not be updated'));
}

/** Of a new node. One whose ranges change is refused for that. */
export function checkDistinctRanges(errors: Errors, { spec }: Readonly<Node>): void {
  const seen = new Set<string>();
  spec?.podCIDRs?.forEach((range, i) => {
    if (seen.has(range)) errors.push(duplicate(`spec.podCIDRs[${i}]`, range));
    seen.add(range);
  });
}

/** Errors in taints have always been reported below `metadata`. */
function checkNodeTaints(errors: Errors, { spec }: Readonly<Node>): void {
  if (spec?.taints !== undefined) checkTaints(errors, spec.taints, 'metadata.taints');
}

function checkAmounts(errors: Errors, { status = {} }: Readonly<Node>): void {
  for (const field of ['capacity', 'allocatable'] as const)
    for (const [name, amount] of Object.entries(status[field] ?? {}))
      checkAmount(errors, name, amount, `status.${field}.${name}`);
}

function checkRanges(errors: Errors, ranges: readonly string[]): void {
  const field = 'spec.podCIDRs';
  ranges.forEach((range, i) => errors.push(...validateOldCidr(`${field}[${i}]`, range, true)));
  if (ranges.length < 2) return;
  const families = new Set(ranges.map((range) => parseCidr(range)?.address.length));
  if (ranges.length > 2 || families.size !== 2)
    errors.push(invalid(field, ranges, 'may specify no more than one CIDR for each IP family'));
}

function checkAddresses(errors: Errors, { status }: Readonly<Node>): void {
  const seen = new Set<string>();
  status?.addresses?.forEach((address, i) => {
    const key = `${address.type} ${address.address}`;
    if (seen.has(key)) errors.push(duplicate(`status.addresses[${i}]`, address));
    seen.add(key);
  });
}

function checkUnchanged(errors: Errors, { spec = {} }: Readonly<Node>, { spec: old = {} }: Readonly<Node>): void {
  const ranges = spec.podCIDRs ?? [];
  const oldRanges = old.podCIDRs ?? [];
  if (oldRanges.length > 0 && (ranges.length !== oldRanges.length || oldRanges.some((one, i) => one !== ranges[i])))
    errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  if (old.providerID && old.providerID !== spec.providerID)
    errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
}

const featureName = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const longestFeatureName = 253;

/** Features that the kubelet says it has: paths of names, sorted. */
function checkFeatures(errors: Errors, { status }: Readonly<Node>): void {
  const features = status?.declaredFeatures ?? [];
  features.forEach((feature, i) => {
    const field = `status.declaredFeatures[${i}]`;
    const before = features[i - 1];
    if (before === feature) errors.push(duplicate(field, feature));
    else if (before !== undefined && before > feature)
      errors.push(invalid(field, feature, 'list must be sorted alphabetically'));
    const complaint = featureComplaint(feature);
    if (complaint !== undefined)
      errors.push(invalid(field, feature, `invalid feature name ${JSON.stringify(feature)}: ${complaint}`));
  });
}

function featureComplaint(name: string): string | undefined {
  if (byteLength(name) > longestFeatureName) return `must be no more than ${longestFeatureName} characters`;
  if (featureName.test(name)) return undefined;
  return "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
}
