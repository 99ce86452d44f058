import type { Service } from '../../../../api/core/v1/types.ts';
import { isIpv6, validateOldIp } from '../../../../apimachinery/ip.ts';
import { duplicate, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { isHeadless } from './shape.ts';

const families = ['IPv4', 'IPv6'];
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const field = 'spec.clusterIPs';

/** `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` must fit together. */
export function checkAddressFields(errors: Errors, spec: Readonly<Service['spec']>): void {
  if (spec.type === 'ExternalName') return;
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (clusterIP !== '') {
    if (clusterIPs.length === 0) errors.push(required(field));
    else if (clusterIPs[0] !== clusterIP) errors.push(invalid(field, clusterIPs, 'first value must match `clusterIP`'));
  } else if (clusterIPs.length > 0)
    errors.push(invalid(field, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  ipFamilies.forEach((family, i) => {
    if (!families.includes(family)) errors.push(notSupported(`spec.ipFamilies[${i}]`, family, families));
    if (ipFamilies.indexOf(family) < i) errors.push(duplicate(`spec.ipFamilies[${i}]`, family));
  });
  if (ipFamilyPolicy !== undefined && !policies.includes(ipFamilyPolicy))
    errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, policies));
  if (!checkAddresses(errors, clusterIPs)) return;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(isIpv6)).size < 2)
    errors.push(invalid(field, clusterIPs, 'may specify no more than one IP for each IP family'));
  if (!isHeadless(spec)) checkFamilies(errors, clusterIPs, ipFamilies);
}

/** Whether the rest is worth looking at. */
function checkAddresses(errors: Errors, addresses: readonly string[]): boolean {
  let good = true;
  addresses.forEach((address, i) => {
    const problems = i === 0 && address === 'None' ? [] : validateOldIp(`${field}[${i}]`, address, true);
    if (i === 0 && address === 'None' && addresses.length > 1)
      problems.push(invalid(field, addresses, "'None' must be the first and only value"));
    if (problems.length > 0) good = false;
    errors.push(...problems);
  });
  if (addresses.length > 2) errors.push(invalid(field, addresses, 'may only hold up to 2 values'));
  return good;
}

function checkFamilies(errors: Errors, addresses: readonly string[], ipFamilies: readonly string[]): void {
  addresses.slice(0, ipFamilies.length).forEach((address, i) => {
    const family = isIpv6(address) ? 'IPv6' : 'IPv4';
    if (ipFamilies[i] !== family && families.includes(ipFamilies[i]!))
      errors.push(
        invalid(`${field}[${i}]`, address, `expected an ${ipFamilies[i]} value as indicated by \`ipFamilies[${i}]\``),
      );
  });
}
