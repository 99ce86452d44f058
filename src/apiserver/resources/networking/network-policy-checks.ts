import type {
  IPBlock,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../../../api/networking/v1/types.ts';
import { cidrContains, cidrWarnings, parseCidr, validateOldCidr } from '../../../apimachinery/ip.ts';
import { portName } from '../../../apimachinery/names.ts';
import { forbidden, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { checkPortNumber, complain, type Errors } from '../checks.ts';
import { checkLabelSelector } from '../label-selector.ts';

const protocols = ['TCP', 'UDP', 'SCTP'];
const policyTypes = ['Ingress', 'Egress'];

/** `known`: ranges that are not checked for their form, for an earlier version has them. */
export function checkNetworkPolicySpec(
  errors: Errors,
  { podSelector, ingress = [], egress = [], policyTypes: types = [] }: Readonly<NetworkPolicySpec>,
  known: ReadonlySet<string> = new Set(),
): void {
  checkLabelSelector(errors, podSelector, 'spec.podSelector');
  ingress.forEach(({ ports, from }, i) => {
    ports?.forEach((port, j) => checkPort(errors, port, `spec.ingress[${i}].ports[${j}]`));
    from?.forEach((peer, j) => checkPeer(errors, peer, `spec.ingress[${i}].from[${j}]`, known));
  });
  egress.forEach(({ ports, to }, i) => {
    ports?.forEach((port, j) => checkPort(errors, port, `spec.egress[${i}].ports[${j}]`));
    to?.forEach((peer, j) => checkPeer(errors, peer, `spec.egress[${i}].to[${j}]`, known));
  });
  if (types.length > policyTypes.length)
    return void errors.push(invalid('spec.policyTypes', types, 'may not specify more than two policyTypes'));
  types.forEach((type, i) => {
    if (!policyTypes.includes(type)) errors.push(notSupported(`spec.policyTypes[${i}]`, type, policyTypes));
  });
}

/** About ranges that are right but written in an unusual way. */
export function ipBlockWarnings({ ingress = [], egress = [] }: Readonly<NetworkPolicySpec>): string[] {
  return [
    ...ingress.flatMap(({ from = [] }, i) =>
      from.flatMap((peer, j) => warnings(peer, `spec.ingress[${i}].from[${j}]`)),
    ),
    ...egress.flatMap(({ to = [] }, i) => to.flatMap((peer, j) => warnings(peer, `spec.egress[${i}].to[${j}]`))),
  ];
}

function warnings({ ipBlock }: NetworkPolicyPeer, field: string): string[] {
  if (ipBlock === undefined) return [];
  return [
    ...cidrWarnings(`${field}.ipBlock.cidr`, ipBlock.cidr),
    ...(ipBlock.except ?? []).flatMap((range, i) => cidrWarnings(`${field}.ipBlock.except[${i}]`, range)),
  ];
}

function checkPort(errors: Errors, { protocol, port, endPort }: NetworkPolicyPort, field: string): void {
  if (protocol !== undefined && !protocols.includes(protocol))
    errors.push(notSupported(`${field}.protocol`, protocol, protocols));
  const refuseEnd = (why: string): void => {
    if (endPort !== undefined) errors.push(invalid(`${field}.endPort`, endPort, why));
  };
  if (port === undefined) return refuseEnd('may not be specified when `port` is not specified');
  if (typeof port === 'string') {
    refuseEnd('may not be specified when `port` is non-numeric');
    return complain(errors, `${field}.port`, port, portName(port));
  }
  checkPortNumber(errors, `${field}.port`, port);
  if (endPort === undefined) return;
  // It is the port that Kubernetes quotes here.
  if (endPort < port) errors.push(invalid(`${field}.endPort`, port, 'must be greater than or equal to `port`'));
  checkPortNumber(errors, `${field}.endPort`, endPort);
}

function checkPeer(errors: Errors, peer: NetworkPolicyPeer, field: string, known: ReadonlySet<string>): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  checkLabelSelector(errors, podSelector, `${field}.podSelector`);
  checkLabelSelector(errors, namespaceSelector, `${field}.namespaceSelector`);
  if (ipBlock !== undefined) checkIpBlock(errors, ipBlock, `${field}.ipBlock`, known);
  const isSelected = podSelector !== undefined || namespaceSelector !== undefined;
  if (!isSelected && ipBlock === undefined) errors.push(required(field, 'must specify a peer'));
  if (isSelected && ipBlock !== undefined)
    errors.push(forbidden(field, 'may not specify both ipBlock and another peer'));
}

function checkIpBlock(errors: Errors, { cidr, except = [] }: IPBlock, field: string, known: ReadonlySet<string>): void {
  if (!cidr) return void errors.push(required(`${field}.cidr`));
  if (!known.has(cidr)) errors.push(...validateOldCidr(`${field}.cidr`, cidr, true));
  const block = parseCidr(cidr);
  if (block === undefined) return;
  except.forEach((text, i) => {
    const at = `${field}.except[${i}]`;
    if (!known.has(text)) errors.push(...validateOldCidr(at, text, true));
    const range = parseCidr(text);
    if (range === undefined) return;
    if (!cidrContains(block, range.address) || block.prefixLength >= range.prefixLength)
      errors.push(invalid(at, text, 'must be a strict subset of `cidr`'));
  });
}
