import type { Container, ContainerPort, EphemeralContainer, PodSpec } from '../../../../api/core/v1/types.ts';
import { portName } from '../../../../apimachinery/names.ts';
import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../../apimachinery/validation.ts';
import { checkDnsLabel, checkPortNumber, checkProtocol, complain, type Errors } from '../../checks.ts';
import { checkEnvironment, checkEnvironmentSources } from './environment.ts';
import { checkMountsAndDevices } from './mounts.ts';
import { checkLifecycleAndProbes } from './probes.ts';
import { checkPullPolicy } from './pull-policy.ts';
import { checkContainerResources } from './resources.ts';
import { checkContainerRestarts, checkInitContainerRestarts, checkResizePolicy } from './restarts.ts';
import { checkSecurityContext } from './security.ts';
import type { VolumesByName } from './volumes.ts';

/** What the checks of a container need to know of its pod. */
export interface PodOfContainer {
  readonly spec: PodSpec;
  readonly volumes: VolumesByName;
  /** Names of `spec.resourceClaims`. */
  readonly claims: ReadonlySet<string>;
}

export function checkContainers(errors: Errors, pod: PodOfContainer, field: string): void {
  const { containers } = pod.spec;
  if (!containers?.length) {
    errors.push(required(field));
    return;
  }
  const names = new Set<string>();
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i]!;
    const path = `${field}[${i}]`;
    checkAnyContainer(errors, container, pod, path);
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    names.add(container.name);
    checkLongRunning(errors, container, pod, path);
    checkContainerRestarts(errors, container, path);
  }
  checkHostPortsOnce(errors, containers, field);
}

export function checkInitContainers(errors: Errors, pod: PodOfContainer, field: string): void {
  const { containers = [], initContainers } = pod.spec;
  if (!initContainers?.length) return;
  const names = new Set(containers.map(({ name }) => name));
  initContainers.forEach((container, i) => {
    const path = `${field}[${i}]`;
    checkAnyContainer(errors, container, pod, path);
    checkInitContainerRestarts(errors, container, path);
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    else if (container.name) names.add(container.name);
    // They run one after the other, so only a container's own ports can collide.
    checkHostPortsOnce(errors, [container], field);
    if (container.restartPolicy === 'Always') checkLongRunning(errors, container, pod, path);
    else
      for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
        if (container[name] !== undefined)
          errors.push(forbidden(`${path}.${name}`, 'may not be set for init containers without restartPolicy=Always'));
  });
}

/** What an ephemeral container cannot have: it is for looking, not for serving. */
const notForEphemeral = [
  'ports',
  'resources',
  'restartPolicy',
  'restartPolicyRules',
  'resizePolicy',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

export function checkEphemeralContainers(errors: Errors, pod: PodOfContainer, field: string): void {
  const { containers = [], initContainers = [], ephemeralContainers } = pod.spec;
  if (!ephemeralContainers?.length) return;
  const others = new Set([...containers, ...initContainers].map(({ name }) => name));
  const names = new Set(others);
  ephemeralContainers.forEach((container, i) => {
    const path = `${field}[${i}]`;
    checkAnyContainer(errors, container, pod, path);
    checkImageIsTrimmed(errors, container.image, `${path}.image`);
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    names.add(container.name);
    const { targetContainerName } = container;
    if (targetContainerName && !others.has(targetContainerName))
      errors.push(notFound(`${path}.targetContainerName`, targetContainerName));
    for (const name of notForEphemeral)
      if (isSet(container[name])) errors.push(forbidden(`${path}.${name}`, 'cannot be set for an Ephemeral Container'));
    container.volumeMounts?.forEach(({ subPath, subPathExpr }, at) => {
      for (const [name, value] of Object.entries({ subPath, subPathExpr }))
        if (value)
          errors.push(forbidden(`${path}.volumeMounts[${at}].${name}`, 'cannot be set for an Ephemeral Container'));
    });
  });
}

function isSet(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== undefined;
}

const messagePolicies = ['File', 'FallbackToLogsOnError'];

function checkAnyContainer(
  errors: Errors,
  container: Container | EphemeralContainer,
  { spec, volumes, claims }: PodOfContainer,
  path: string,
): void {
  const { name, terminationMessagePolicy, ports, resizePolicy, securityContext } = container;
  if (!name) errors.push(required(`${path}.name`));
  else checkDnsLabel(errors, `${path}.name`, name);
  if (!container.image) errors.push(required(`${path}.image`));
  if (!terminationMessagePolicy) errors.push(required(`${path}.terminationMessagePolicy`));
  else if (!messagePolicies.includes(terminationMessagePolicy))
    errors.push(notSupported(`${path}.terminationMessagePolicy`, terminationMessagePolicy, messagePolicies));
  if (ports !== undefined) checkPorts(errors, ports, `${path}.ports`);
  checkEnvironment(errors, container.env, `${path}.env`);
  checkEnvironmentSources(errors, container.envFrom, `${path}.envFrom`);
  checkMountsAndDevices(errors, container, volumes, path);
  checkPullPolicy(errors, container.imagePullPolicy, `${path}.imagePullPolicy`);
  checkContainerResources(errors, container.resources, claims, `${path}.resources`);
  if (resizePolicy !== undefined) checkResizePolicy(errors, resizePolicy, spec.restartPolicy, `${path}.resizePolicy`);
  if (securityContext !== undefined)
    checkSecurityContext(errors, securityContext, spec.hostUsers ?? true, `${path}.securityContext`);
}

function checkLongRunning(errors: Errors, container: Container, { spec }: PodOfContainer, path: string): void {
  checkLifecycleAndProbes(errors, container, spec.terminationGracePeriodSeconds, path);
}

function checkPorts(errors: Errors, ports: readonly ContainerPort[], field: string): void {
  const names = new Set<string>();
  ports.forEach(({ name, containerPort, hostPort, protocol }, i) => {
    const path = `${field}[${i}]`;
    if (name) {
      const problems = portName(name);
      if (problems.length > 0) complain(errors, `${path}.name`, name, problems);
      else if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
      else names.add(name);
    }
    if (!containerPort) errors.push(required(`${path}.containerPort`));
    else checkPortNumber(errors, `${path}.containerPort`, containerPort);
    if (hostPort) checkPortNumber(errors, `${path}.hostPort`, hostPort);
    checkProtocol(errors, `${path}.protocol`, protocol);
  });
}

function checkHostPortsOnce(errors: Errors, containers: readonly Container[], field: string): void {
  let taken: Set<string> | undefined;
  for (let i = 0; i < containers.length; i++) {
    const { ports } = containers[i]!;
    if (ports === undefined) continue;
    for (let at = 0; at < ports.length; at++) {
      const { hostPort, hostIP = '', protocol = '' } = ports[at]!;
      if (!hostPort) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      taken ??= new Set();
      if (taken.has(key)) errors.push(duplicate(`${field}[${i}].ports[${at}].hostPort`, key));
      taken.add(key);
    }
  }
}

/** Only pods are as strict: templates with such images were always taken. */
export function checkImageIsTrimmed(errors: Errors, image: string | undefined, field: string): void {
  if (image !== undefined && image.trim() !== image)
    errors.push(invalid(field, image, 'must not have leading or trailing whitespace'));
}
