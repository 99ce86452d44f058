import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/discovery/v1/types.ts';
import { isIpv4, isIpv6, parseIp } from '../../../apimachinery/ip.ts';
import { dnsLabel, dnsSubdomain, labelValueText, qualifiedName } from '../../../apimachinery/names.ts';
import { duplicate, invalid, required, tooMany } from '../../../apimachinery/validation.ts';
import { checkNonSpecialAddress } from '../addresses.ts';
import { checkOneOf, complain, type Errors } from '../checks.ts';

const mostEndpoints = 1000;
const mostAddresses = 100;
const mostPorts = 20_000;
const mostHints = 8;

export function checkEndpoints(
  errors: Errors,
  endpoints: readonly Endpoint[],
  addressType: EndpointSlice['addressType'],
  field: string,
): void {
  if (endpoints.length > mostEndpoints) {
    errors.push(tooMany(field, endpoints.length, mostEndpoints));
    return;
  }
  endpoints.forEach((endpoint, i) => checkEndpoint(errors, endpoint, addressType, `${field}[${i}]`));
}

function checkEndpoint(
  errors: Errors,
  { addresses, nodeName, hostname, hints }: Endpoint,
  addressType: EndpointSlice['addressType'],
  field: string,
): void {
  if (!addresses?.length) errors.push(required(`${field}.addresses`, 'must contain at least 1 address'));
  else if (addresses.length > mostAddresses)
    errors.push(tooMany(`${field}.addresses`, addresses.length, mostAddresses));
  if (addresses) checkAddresses(errors, addresses, addressType, `${field}.addresses`);
  if (nodeName !== undefined) complain(errors, `${field}.nodeName`, nodeName, dnsSubdomain(nodeName));
  if (hostname !== undefined) complain(errors, `${field}.hostname`, hostname, dnsLabel(hostname));
  if (hints?.forZones) checkHints(errors, hints.forZones, `${field}.hints.forZones`, labelValueText);
  if (hints?.forNodes) checkHints(errors, hints.forNodes, `${field}.hints.forNodes`, dnsSubdomain);
}

function checkAddresses(
  errors: Errors,
  addresses: readonly string[],
  addressType: EndpointSlice['addressType'],
  field: string,
): void {
  addresses.forEach((address, i) => {
    const at = `${field}[${i}]`;
    if (addressType === 'FQDN') return checkFullName(errors, address, at);
    if (addressType !== 'IPv4' && addressType !== 'IPv6') return undefined;
    if (parseIp(address) === undefined)
      return void errors.push(invalid(at, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
    const isOfType = addressType === 'IPv4' ? isIpv4(address) : isIpv6(address);
    if (!isOfType) errors.push(invalid(field, address, `must be an ${addressType} address`));
    return checkNonSpecialAddress(errors, at, address);
  });
}

function checkFullName(errors: Errors, name: string, field: string): void {
  if (name === '') {
    errors.push(required(field));
    return;
  }
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  const complaints = dnsSubdomain(bare);
  complain(errors, field, name, complaints);
  if (complaints.length > 0) return;
  const labels = bare.split('.');
  if (labels.length < 2)
    errors.push(invalid(field, name, 'should be a domain with at least two segments separated by dots'));
  for (const label of labels) complain(errors, field, label, dnsLabel(label));
}

function checkHints(
  errors: Errors,
  hints: readonly { readonly name: string }[],
  field: string,
  rule: (name: string) => string[],
): void {
  if (hints.length > mostHints) {
    errors.push(tooMany(field, hints.length, mostHints));
    return;
  }
  const seen = new Set<string>();
  hints.forEach(({ name }, i) => {
    if (seen.has(name)) errors.push(duplicate(`${field}[${i}].name`, name));
    seen.add(name);
    complain(errors, `${field}[${i}].name`, name, rule(name));
  });
}

export function checkEndpointPorts(errors: Errors, ports: readonly EndpointPort[], field: string): void {
  if (ports.length > mostPorts) {
    errors.push(tooMany(field, ports.length, mostPorts));
    return;
  }
  const names = new Set<string>();
  ports.forEach(({ name = '', protocol, appProtocol }, i) => {
    const at = `${field}[${i}]`;
    if (name !== '') complain(errors, `${at}.name`, name, dnsLabel(name));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (protocol !== undefined) checkOneOf(errors, `${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']);
    else errors.push(required(`${at}.protocol`));
    if (appProtocol !== undefined) complain(errors, `${at}.appProtocol`, appProtocol, qualifiedName(appProtocol));
  });
}
