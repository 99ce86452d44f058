import type { Service, ServicePort } from '../../../../api/core/v1/types.ts';
import { validateOldCidr, validateOldIp } from '../../../../apimachinery/ip.ts';
import { dnsSubdomain } from '../../../../apimachinery/names.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { checkNonSpecialAddress } from '../../addresses.ts';
import {
  checkDnsLabel,
  checkLabels,
  checkOneOf,
  checkPort,
  checkPortNumber,
  checkProtocol,
  checkQualifiedName,
  complain,
  type Errors,
} from '../../checks.ts';
import { checkAddressFields } from './address-fields.ts';
import { isHeadless, isReachableFromOutside, needsHealthCheckPort } from './shape.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const affinities = ['ClientIP', 'None'];
const trafficPolicies = ['Cluster', 'Local'];
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const longestAffinity = 86_400;
const topologyHints = 'service.kubernetes.io/topology-aware-hints';
const topologyMode = 'service.kubernetes.io/topology-mode';
const sourceRanges = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const onlyForLoadBalancers = "may only be used when `type` is 'LoadBalancer'";

/** All rules of a Service that do not look at what it was before. */
export function checkService(errors: Errors, { metadata, spec }: Readonly<Service>): void {
  const { annotations = {} } = metadata;
  const { ports = [], type = '' } = spec;
  if (annotations[topologyMode] !== undefined && annotations[topologyHints] !== undefined)
    if (annotations[topologyMode] !== annotations[topologyHints])
      errors.push(
        invalid(
          `metadata.annotations[${topologyMode}]`,
          annotations[topologyMode],
          `must match annotations[${topologyHints}] when both are specified`,
        ),
      );
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') errors.push(required('spec.ports'));
  checkType(errors, spec);
  const names = new Set<string>();
  ports.forEach((port, i) =>
    checkServicePort(errors, port, `spec.ports[${i}]`, { needsName: ports.length > 1, names }),
  );
  checkLabels(errors, 'spec.selector', spec.selector);
  checkAffinity(errors, spec);
  checkAddressFields(errors, spec);
  spec.externalIPs?.forEach((address, i) => {
    const problems = validateOldIp(`spec.externalIPs[${i}]`, address, true);
    if (problems.length > 0) errors.push(...problems);
    else checkNonSpecialAddress(errors, `spec.externalIPs[${i}]`, address);
  });
  checkOneOf(errors, 'spec.type', type, types, { emptyIsMissing: true });
  checkPortsTogether(errors, ports, type);
  checkSourceRanges(errors, spec, annotations[sourceRanges]);
  if (spec.allocateLoadBalancerNodePorts !== undefined && type !== 'LoadBalancer')
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', onlyForLoadBalancers));
  checkLoadBalancerClass(errors, spec);
  checkTraffic(errors, spec);
}

function checkType(errors: Errors, spec: Readonly<Service['spec']>): void {
  const { type, externalName } = spec;
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec))
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  if (type !== 'ExternalName') return;
  const notHere = 'may not be set for ExternalName services';
  if (spec.clusterIPs?.length) errors.push(forbidden('spec.clusterIPs', notHere));
  if (spec.ipFamilies?.length) errors.push(forbidden('spec.ipFamilies', notHere));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', notHere));
  const name = externalName?.endsWith('.') === true ? externalName.slice(0, -1) : (externalName ?? '');
  if (name === '') errors.push(required('spec.externalName'));
  else complain(errors, 'spec.externalName', name, dnsSubdomain(name));
}

function checkServicePort(
  errors: Errors,
  { name, port, protocol, targetPort, appProtocol }: ServicePort,
  field: string,
  { needsName, names }: { readonly needsName: boolean; readonly names: Set<string> },
): void {
  if (name) {
    checkDnsLabel(errors, `${field}.name`, name);
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
  } else if (needsName) errors.push(required(`${field}.name`));
  checkPortNumber(errors, `${field}.port`, port ?? 0);
  checkProtocol(errors, `${field}.protocol`, protocol);
  checkPort(errors, `${field}.targetPort`, targetPort);
  if (appProtocol !== undefined) checkQualifiedName(errors, `${field}.appProtocol`, appProtocol);
}

/** Ports and node ports may be used once for each protocol. */
function checkPortsTogether(errors: Errors, ports: readonly ServicePort[], type: string): void {
  if (type === 'ClusterIP')
    ports.forEach(({ nodePort }, i) => {
      if (nodePort) errors.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    });
  const seenNodePorts = new Set<string>();
  ports.forEach(({ protocol, nodePort }, i) => {
    if (!nodePort) return;
    const key = `${protocol}/${nodePort}`;
    if (seenNodePorts.has(key)) errors.push(duplicate(`spec.ports[${i}].nodePort`, nodePort));
    seenNodePorts.add(key);
  });
  const seen = new Set<string>();
  ports.forEach(({ protocol, port }, i) => {
    const key = `${protocol}/${port}`;
    if (seen.has(key)) errors.push(duplicate(`spec.ports[${i}]`, { protocol, port }));
    seen.add(key);
  });
}

function checkAffinity(errors: Errors, { sessionAffinity, sessionAffinityConfig }: Readonly<Service['spec']>): void {
  checkOneOf(errors, 'spec.sessionAffinity', sessionAffinity, affinities, { emptyIsMissing: true });
  const field = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && sessionAffinityConfig !== undefined)
    errors.push(forbidden(field, 'must not be set when session affinity is None'));
  if (sessionAffinity !== 'ClientIP') return;
  const when = 'when session affinity type is ClientIP';
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinityConfig === undefined) errors.push(required(field, when));
  else if (sessionAffinityConfig.clientIP === undefined) errors.push(required(`${field}.clientIP`, when));
  else if (seconds === undefined) errors.push(required(`${field}.clientIP.timeoutSeconds`, when));
  else if (seconds <= 0 || seconds > longestAffinity)
    errors.push(
      invalid(`${field}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${longestAffinity}`),
    );
}

/** In the field, or in the annotation that came before it. */
function checkSourceRanges(errors: Errors, spec: Readonly<Service['spec']>, annotation: string | undefined): void {
  const { loadBalancerSourceRanges: ranges = [], type } = spec;
  if (ranges.length > 0) {
    const field = 'spec.LoadBalancerSourceRanges';
    if (type !== 'LoadBalancer') errors.push(forbidden(field, onlyForLoadBalancers));
    ranges.forEach((range, i) => errors.push(...validateOldCidr(`${field}[${i}]`, range.trim(), true)));
  } else if (annotation !== undefined) {
    const field = `metadata.annotations[${sourceRanges}]`;
    if (type !== 'LoadBalancer') errors.push(forbidden(field, onlyForLoadBalancers));
    if (annotation.trim() !== '')
      for (const range of annotation.split(',')) errors.push(...validateOldCidr(field, range.trim(), true));
  }
}

function checkLoadBalancerClass(errors: Errors, { loadBalancerClass, type }: Readonly<Service['spec']>): void {
  if (loadBalancerClass === undefined) return;
  if (type === 'LoadBalancer') checkQualifiedName(errors, 'spec.loadBalancerClass', loadBalancerClass);
  else errors.push(forbidden('spec.loadBalancerClass', onlyForLoadBalancers));
}

function checkTraffic(errors: Errors, spec: Readonly<Service['spec']>): void {
  const { externalTrafficPolicy, healthCheckNodePort, internalTrafficPolicy, trafficDistribution } = spec;
  if (isReachableFromOutside(spec))
    checkOneOf(errors, 'spec.externalTrafficPolicy', externalTrafficPolicy, trafficPolicies, { emptyIsMissing: true });
  else if (externalTrafficPolicy)
    errors.push(
      invalid(
        'spec.externalTrafficPolicy',
        externalTrafficPolicy,
        'may only be set for externally-accessible services',
      ),
    );
  if (needsHealthCheckPort(spec)) {
    if (!healthCheckNodePort) errors.push(required('spec.healthCheckNodePort'));
    else checkPortNumber(errors, 'spec.healthCheckNodePort', healthCheckNodePort);
  } else if (healthCheckNodePort)
    errors.push(
      invalid(
        'spec.healthCheckNodePort',
        healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  if (internalTrafficPolicy !== undefined && !trafficPolicies.includes(internalTrafficPolicy))
    errors.push(notSupported('spec.internalTrafficPolicy', internalTrafficPolicy, trafficPolicies));
  if (trafficDistribution !== undefined && !distributions.includes(trafficDistribution))
    errors.push(notSupported('spec.trafficDistribution', trafficDistribution, distributions));
}

/** What may not change once it is set. */
export function checkServiceUpdate(
  errors: Errors,
  { spec }: Readonly<Service>,
  { spec: old }: Readonly<Service>,
): void {
  if (spec.type !== 'ExternalName' && old.type !== 'ExternalName') {
    const bothHeadless = isHeadless(spec) && isHeadless(old);
    if (!bothHeadless) checkSameAddresses(errors, spec, old);
    if (!bothHeadless && isHeadless(spec) === isHeadless(old)) checkSameFamilies(errors, spec, old);
  }
  const isBalancer = spec.type === 'LoadBalancer' && old.type === 'LoadBalancer';
  if (isBalancer && spec.loadBalancerClass !== old.loadBalancerClass)
    errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass ?? null, 'may not change once set'));
  // Of a change Kubernetes tells twice what is wrong with the class.
  checkLoadBalancerClass(errors, spec);
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(old) && spec.healthCheckNodePort !== old.healthCheckNodePort)
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
}

type Spec = Readonly<Service['spec']>;

function checkSameAddresses(
  errors: Errors,
  { clusterIPs = [], ipFamilyPolicy }: Spec,
  { clusterIPs: old = [] }: Spec,
): void {
  const changed = (at: number) => errors.push(invalid(`spec.clusterIPs[${at}]`, clusterIPs, 'may not change once set'));
  if (old.length === clusterIPs.length) {
    old.forEach((address, i) => {
      if (address !== clusterIPs[i]) changed(i);
    });
    return;
  }
  if (clusterIPs.length === 0)
    errors.push(invalid('spec.clusterIPs[0]', clusterIPs, 'primary clusterIP can not be unset'));
  if (old.length > 0 && clusterIPs.length > 0 && old[0] !== clusterIPs[0]) changed(0);
  if (old.length > clusterIPs.length && clusterIPs.length === 1 && ipFamilyPolicy !== 'SingleStack')
    errors.push(
      invalid(
        'spec.ipFamilyPolicy',
        ipFamilyPolicy ?? null,
        "must be set to 'SingleStack' when releasing the secondary clusterIP",
      ),
    );
}

function checkSameFamilies(errors: Errors, { ipFamilies = [] }: Spec, { ipFamilies: old = [] }: Spec): void {
  if (ipFamilies.length > 0 && old.length > 0 && ipFamilies[0] !== old[0])
    errors.push(invalid('spec.ipFamilies[0]', ipFamilies, 'may not change once set'));
}

const modes = ['Proxy', 'VIP'];

/** What a load balancer reports. */
export function checkServiceStatus(errors: Errors, { spec, status }: Readonly<Service>): void {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const path = 'status.loadBalancer.ingress';
  if (spec.type !== 'LoadBalancer' && ingress.length > 0) {
    errors.push(forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'"));
    return;
  }
  ingress.forEach(({ ip, ipMode, hostname }, i) => {
    const field = `${path}[${i}]`;
    if (ip) errors.push(...validateOldIp(`${field}.ip`, ip, true));
    if (ipMode === undefined && ip) errors.push(required(`${field}.ipMode`, 'must be specified when `ip` is set'));
    else if (ipMode !== undefined && !ip)
      errors.push(forbidden(`${field}.ipMode`, 'may not be specified when `ip` is not set'));
    else if (ipMode !== undefined && !modes.includes(ipMode))
      errors.push(notSupported(`${field}.ipMode`, ipMode, modes));
    if (!hostname) return;
    complain(errors, `${field}.hostname`, hostname, dnsSubdomain(hostname));
    if (validateOldIp('', hostname, false).length === 0)
      errors.push(invalid(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  });
}
