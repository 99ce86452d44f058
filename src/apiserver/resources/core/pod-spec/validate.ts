import type { PodResourceClaim, PodSpec } from '../../../../api/core/v1/types.ts';
import { rangeComplaint } from '../../../../apimachinery/names.ts';
import { duplicate, forbidden, invalid, required, tooLong } from '../../../../apimachinery/validation.ts';
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabels,
  checkOneOf,
  checkQualifiedName,
  type Errors,
} from '../../checks.ts';
import { internalForm } from '../pod/internal-form.ts';
import { checkAffinity } from './affinity.ts';
import { checkContainers, checkEphemeralContainers, checkInitContainers, type PodOfContainer } from './containers.ts';
import { checkDnsConfig, checkHostAliases } from './dns.ts';
import { checkFilesOfVariables } from './environment.ts';
import { checkHostProcesses, checkOperatingSystem } from './operating-system.ts';
import type { PodSpecPlace } from './options.ts';
import { checkPodResources } from './pod-resources.ts';
import { checkContainerResources } from './resources.ts';
import { checkPodSecurityContext } from './security.ts';
import { checkSpread } from './spread.ts';
import { checkTolerations } from './tolerations.ts';
import { checkVolumes } from './volumes.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const preemptionPolicies = ['PreemptLowerPriority', 'Never'];
const noClaims: ReadonlySet<string> = new Set();

/** All rules of a pod spec, in the order in which users are told of them. */
export function checkPodSpec(errors: Errors, spec: PodSpec, path: string, place: PodSpecPlace): void {
  if (spec.terminationGracePeriodSeconds === undefined) errors.push(required(`${path}.terminationGracePeriodSeconds`));
  const volumes = checkVolumes(errors, spec, `${path}.volumes`, place);
  const claims = spec.resourceClaims === undefined ? noClaims : namesOf(spec.resourceClaims);
  if (spec.resourceClaims !== undefined) checkResourceClaims(errors, spec.resourceClaims, `${path}.resourceClaims`);
  const pod: PodOfContainer = { spec, volumes, claims };
  checkContainers(errors, pod, `${path}.containers`);
  checkInitContainers(errors, pod, `${path}.initContainers`);
  checkEphemeralContainers(errors, pod, `${path}.ephemeralContainers`);
  checkPodResources(errors, spec, claims, `${path}.resources`);
  if (spec.hostNetwork === true) checkHostNetworkPorts(errors, spec, path, place);
  checkOneOf(errors, `${path}.restartPolicy`, spec.restartPolicy, restartPolicies, { emptyIsMissing: true });
  checkOneOf(errors, `${path}.dnsPolicy`, spec.dnsPolicy, dnsPolicies, { emptyIsMissing: true });
  checkLabels(errors, `${path}.nodeSelector`, spec.nodeSelector);
  if (spec.securityContext !== undefined)
    checkPodSecurityContext(errors, spec.securityContext, spec, `${path}.securityContext`);
  if (spec.affinity !== undefined) checkAffinity(errors, spec.affinity, `${path}.affinity`);
  checkDnsConfig(errors, spec, `${path}.dnsConfig`);
  spec.readinessGates?.forEach(({ conditionType }, i) =>
    checkQualifiedName(errors, `${path}.readinessGates[${i}].conditionType`, conditionType ?? ''),
  );
  if (spec.schedulingGates !== undefined) checkSchedulingGates(errors, spec.schedulingGates, `${path}.schedulingGates`);
  if (spec.topologySpreadConstraints !== undefined)
    checkSpread(errors, spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`);
  checkHostProcesses(errors, spec, path);
  checkHostUsers(errors, spec, path);
  checkNames(errors, spec, path);
  if (spec.preemptionPolicy !== undefined)
    checkOneOf(errors, `${path}.preemptionPolicy`, spec.preemptionPolicy, preemptionPolicies, { emptyIsMissing: true });
  if (spec.overhead !== undefined)
    checkContainerResources(errors, { limits: spec.overhead }, noClaims, `${path}.overhead`);
  checkOperatingSystem(errors, spec, path);
  checkFilesOfVariables(errors, spec, path);
}

/** Names of other objects, and of the pod in DNS. */
function checkNames(errors: Errors, spec: PodSpec, path: string): void {
  if (spec.serviceAccountName) checkDnsSubdomain(errors, `${path}.serviceAccountName`, spec.serviceAccountName);
  if (spec.nodeName) checkDnsSubdomain(errors, `${path}.nodeName`, spec.nodeName);
  const { activeDeadlineSeconds: deadline } = spec;
  if (deadline !== undefined && (deadline < 1 || deadline > 2 ** 31 - 1))
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, rangeComplaint(1, 2 ** 31 - 1)));
  if (spec.hostname) checkDnsLabel(errors, `${path}.hostname`, spec.hostname);
  if (spec.subdomain) checkDnsLabel(errors, `${path}.subdomain`, spec.subdomain);
  if (spec.hostnameOverride !== undefined) checkHostnameOverride(errors, spec, path);
  if (spec.tolerations !== undefined) checkTolerations(errors, spec.tolerations, `${path}.tolerations`);
  if (spec.hostAliases !== undefined) checkHostAliases(errors, spec.hostAliases, `${path}.hostAliases`);
  if (spec.priorityClassName) checkDnsSubdomain(errors, `${path}.priorityClassName`, spec.priorityClassName);
  if (spec.runtimeClassName !== undefined) checkDnsSubdomain(errors, `${path}.runtimeClassName`, spec.runtimeClassName);
}

function checkHostnameOverride(errors: Errors, spec: PodSpec, path: string): void {
  const field = `${path}.hostnameOverride`;
  if (spec.setHostnameAsFQDN === true)
    errors.push(forbidden(field, 'may not be specified when setHostnameAsFQDN is true'));
  if (spec.hostNetwork === true) errors.push(forbidden(field, 'may not be specified when hostNetwork is true'));
  const name = spec.hostnameOverride!;
  if (name.length > 64) errors.push(tooLong(field, 64));
  checkDnsSubdomain(errors, field, name);
}

/** In a pod the host's port must be the container's; in a template it may be left out. */
function checkHostNetworkPorts(errors: Errors, spec: PodSpec, path: string, { isPod }: PodSpecPlace): void {
  spec.containers?.forEach(({ ports }, i) =>
    ports?.forEach(({ hostPort = 0, containerPort = 0 }, at) => {
      if ((isPod || hostPort !== 0) && hostPort !== containerPort)
        errors.push(
          invalid(
            `${path}.containers[${i}].ports[${at}].hostPort`,
            hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
    }),
  );
}

function checkSchedulingGates(errors: Errors, gates: NonNullable<PodSpec['schedulingGates']>, path: string): void {
  const seen = new Set<string>();
  gates.forEach(({ name = '' }, i) => {
    checkQualifiedName(errors, `${path}[${i}]`, name);
    if (seen.has(name)) errors.push(duplicate(`${path}[${i}]`, name));
    seen.add(name);
  });
}

function checkHostUsers(errors: Errors, spec: PodSpec, path: string): void {
  if (spec.hostUsers !== false) return;
  for (const name of ['hostNetwork', 'hostPID', 'hostIPC'] as const)
    if (spec[name] === true) errors.push(forbidden(`${path}.${name}`, 'when `hostUsers` is false'));
}

function namesOf(claims: readonly PodResourceClaim[]): ReadonlySet<string> {
  return new Set(claims.map(({ name }) => name).filter((name) => name));
}

function checkResourceClaims(errors: Errors, claims: readonly PodResourceClaim[], path: string): void {
  const seen = new Set<string>();
  claims.forEach((claim, i) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    const field = `${path}[${i}]`;
    if (!name) errors.push(required(`${field}.name`));
    else if (seen.has(name)) errors.push(duplicate(`${field}.name`, name));
    else {
      checkDnsLabel(errors, `${field}.name`, name);
      seen.add(name);
    }
    const both = resourceClaimName !== undefined && resourceClaimTemplateName !== undefined;
    const neither = resourceClaimName === undefined && resourceClaimTemplateName === undefined;
    const shown = both || neither ? internalForm(claim, 'ResourceClaim') : undefined;
    if (both)
      errors.push(
        invalid(field, shown, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
      );
    if (neither)
      errors.push(invalid(field, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    if (resourceClaimName !== undefined) checkDnsSubdomain(errors, `${field}.resourceClaimName`, resourceClaimName);
    if (resourceClaimTemplateName !== undefined)
      checkDnsSubdomain(errors, `${field}.resourceClaimTemplateName`, resourceClaimTemplateName);
  });
}
