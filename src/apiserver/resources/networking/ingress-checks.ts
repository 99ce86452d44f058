import type {
  HTTPIngressPath,
  IngressBackend,
  IngressLoadBalancerStatus,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from '../../../api/networking/v1/types.ts';
import { parseIp, validateOldIp } from '../../../apimachinery/ip.ts';
import { dnsLabel, dnsSubdomain, pathSegment, portName, wildcardDnsSubdomain } from '../../../apimachinery/names.ts';
import { invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { checkDnsSubdomain, checkPortNumber, complain, type Errors } from '../checks.ts';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const forbiddenInPaths = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenAtEnds = ['/..', '/.'];

export function checkIngressSpec(errors: Errors, spec: Readonly<IngressSpec>, field: string): void {
  if (!spec.rules?.length && spec.defaultBackend === undefined)
    errors.push(invalid(field, null, 'either `defaultBackend` or `rules` must be specified'));
  if (spec.defaultBackend) checkBackend(errors, spec.defaultBackend, `${field}.defaultBackend`);
  spec.rules?.forEach((rule, i) => checkRule(errors, rule, `${field}.rules[${i}]`));
  spec.tls?.forEach((tls, i) => checkTls(errors, tls, `${field}.tls[${i}]`));
  if (spec.ingressClassName !== undefined)
    checkDnsSubdomain(errors, `${field}.ingressClassName`, spec.ingressClassName);
}

export function checkIngressStatus(
  errors: Errors,
  status: Readonly<IngressLoadBalancerStatus> | undefined,
  field: string,
): void {
  status?.ingress?.forEach(({ ip, hostname }, i) => {
    const at = `${field}.ingress[${i}]`;
    if (ip) errors.push(...validateOldIp(`${at}.ip`, ip, true));
    if (!hostname) return;
    complain(errors, `${at}.hostname`, hostname, dnsSubdomain(hostname));
    if (parseIp(hostname) !== undefined)
      errors.push(invalid(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  });
}

function checkRule(errors: Errors, { host, http }: IngressRule, field: string): void {
  if (host) {
    if (parseIp(host) !== undefined)
      errors.push(invalid(`${field}.host`, host, 'must be a DNS name, not an IP address'));
    checkHost(errors, host, `${field}.host`);
  }
  if (http === undefined) return;
  if (!http.paths?.length) errors.push(required(`${field}.http.paths`));
  http.paths?.forEach((path, i) => checkPath(errors, path, `${field}.http.paths[${i}]`));
}

function checkTls(errors: Errors, { hosts, secretName }: IngressTLS, field: string): void {
  hosts?.forEach((host, i) => checkHost(errors, host, `${field}.hosts[${i}]`));
  if (secretName) checkDnsSubdomain(errors, `${field}.secretName`, secretName);
}

function checkHost(errors: Errors, host: string, field: string): void {
  complain(errors, field, host, host.includes('*') ? wildcardDnsSubdomain(host) : dnsSubdomain(host));
}

function checkPath(errors: Errors, { path = '', pathType, backend }: HTTPIngressPath, field: string): void {
  if (pathType === undefined || pathType === null) {
    errors.push(required(`${field}.pathType`, 'pathType must be specified'));
    return;
  }
  if (!pathTypes.includes(pathType)) errors.push(notSupported(`${field}.pathType`, pathType, pathTypes));
  else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) errors.push(invalid(`${field}.path`, path, 'must be an absolute path'));
  } else checkPlainPath(errors, path, `${field}.path`);
  checkBackend(errors, backend ?? {}, `${field}.backend`);
}

function checkPlainPath(errors: Errors, path: string, field: string): void {
  if (!path.startsWith('/')) errors.push(invalid(field, path, 'must be an absolute path'));
  if (path === '') return;
  for (const part of forbiddenInPaths)
    if (path.includes(part)) errors.push(invalid(field, path, `must not contain '${part}'`));
  for (const end of forbiddenAtEnds)
    if (path.endsWith(end)) errors.push(invalid(field, path, `cannot end with '${end}'`));
}

function checkBackend(errors: Errors, { service, resource }: IngressBackend, field: string): void {
  if (service && resource) errors.push(invalid(field, '', 'cannot set both resource and service backends'));
  else if (resource) checkResource(errors, resource, `${field}.resource`);
  else if (service) checkService(errors, service, field);
  else errors.push(invalid(field, '', 'resource or service backend is required'));
}

function checkResource(errors: Errors, resource: NonNullable<IngressBackend['resource']>, field: string): void {
  const { apiGroup, kind, name } = resource;
  // Null where the client left it out.
  if (typeof apiGroup === 'string') complain(errors, `${field}.apiGroup`, apiGroup, dnsSubdomain(apiGroup));
  if (!kind) errors.push(required(`${field}.kind`));
  else complain(errors, `${field}.kind`, kind, pathSegment(kind));
  if (!name) errors.push(required(`${field}.name`));
  else complain(errors, `${field}.name`, name, pathSegment(name));
}

function checkService(errors: Errors, { name, port = {} }: IngressServiceBackend, field: string): void {
  if (!name) errors.push(required(`${field}.service.name`));
  else complain(errors, `${field}.service.name`, name, dnsLabel(name));
  if (port.name && port.number) errors.push(invalid(field, '', 'cannot set both port name & port number'));
  else if (port.name) complain(errors, `${field}.service.port.name`, port.name, portName(port.name));
  else if (port.number) checkPortNumber(errors, `${field}.service.port.number`, port.number);
  else errors.push(required(field, 'port name or number is required'));
}
