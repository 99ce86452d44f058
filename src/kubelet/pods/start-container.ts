import { ConfigMaps, Secrets, type EphemeralContainer, type Pod } from '../../api/core/v1/types.ts';
import { abortable } from '../../base/abort.ts';
import { errorText } from '../../base/error-text.ts';
import type { SandboxConfig } from '../runtime/runtime.ts';
import { containerConfig } from './container-config.ts';
import { ConfigurationError, environmentOf, type SkippedKeys, type Variable } from './environment.ts';
import { nodeHostsFile, podHostsFile } from './hosts-file.ts';
import { hostnameOf } from './hostname.ts';
import { showImageVolumes } from './image-volumes.ts';
import { hookFailure, runHook } from './lifecycle-hooks.ts';
import { newestContainer, type ObservedSandbox } from './observed-pod.ts';
import type { PodContainer } from './pod-containers.ts';
import { recordContainer, type PodParts } from './pod-parts.ts';
import { pullSecretsOf } from './pull-secrets.ts';
import { configurationRetryMs, refusalOf, StartRefusal, type RecordEvent } from './start-refusal.ts';

export interface ContainerStart {
  readonly pod: Readonly<Pod>;
  readonly container: PodContainer;
  readonly attempt: number;
  readonly sandbox: ObservedSandbox;
  readonly sandboxConfig: SandboxConfig;
  /** Called with the container's id before it starts. */
  readonly created: (id: string) => void;
  /** Aborts when the pod is to end: what has not begun is left. */
  readonly signal: AbortSignal;
}

/** A postStart hook has no limit of its own; this one only keeps a lost answer from blocking the pod for ever. */
const longestHookMs = 24 * 3600 * 1000;

/**
 * Brings a container from its image to running, with its postStart hook. Rejects with {@link StartRefusal}, or with the
 * signal's reason. Tells each stage as an event.
 */
export async function startContainer(parts: PodParts, start: ContainerStart): Promise<void> {
  const { runtime, view } = parts;
  const { pod, container, sandbox, sandboxConfig, signal } = start;
  const record = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    recordContainer(parts, pod, container, type, reason, message);
  const isolated = isolate(parts, start);
  isolated.catch(() => undefined); // told where it is waited for
  const config = await prepare(parts, start, record);
  signal.throwIfAborted();
  const id = await runtime.createContainer(sandbox.id, config, sandboxConfig).catch((error) => {
    const message = errorText(error);
    record('Warning', 'Failed', `Error: ${message}`);
    throw new StartRefusal('CreateContainerError', message, configurationRetryMs);
  });
  record('Normal', 'Created', 'Container created');
  start.created(id);
  signal.throwIfAborted();
  try {
    await isolated;
    await runtime.startContainer(id);
  } catch (error) {
    const message = errorText(error);
    record('Warning', 'Failed', `Error: ${message}`);
    await view.lookAt(id);
    throw new StartRefusal('RunContainerError', message, 0, id);
  }
  record('Normal', 'Started', 'Container started');
  await view.lookAt(id);
  await afterStart(parts, start, id, record);
}

/** Network policies hold from the first instant that a container runs. */
async function isolate({ isolatePod }: PodParts, { pod, sandbox }: ContainerStart): Promise<void> {
  const [address] = sandbox.ips;
  if (pod.spec.hostNetwork !== true && address !== undefined) await isolatePod?.(pod, address);
}

async function prepare(parts: PodParts, start: ContainerStart, record: RecordEvent) {
  const { images, volumes, node } = parts;
  const { pod, container, attempt, signal } = start;
  const { image = '', imagePullPolicy: policy = 'IfNotPresent' } = container.spec;
  // What is wrong with files is told behind what is wrong with the image, though they need none.
  const made = makeFiles(parts, start);
  made.catch(() => undefined);
  await showImageVolumes(parts, start, record);
  try {
    const podUid = pod.metadata.uid ?? '';
    const pullSecrets = () => pullSecretsOf(parts, pod);
    const found = await images.ensure({ image, policy, podUid, signal, record, pullSecrets });
    const { variables, skipped } = await variablesOf(parts, start);
    for (const one of skipped) record('Warning', 'InvalidVariableNames', skippedText(one));
    const values = new Map(variables.map(({ name, value }: Variable) => [name, value]));
    const mounts = await volumes.mountsOf(pod, container, (name) => values.get(name));
    const { hostsFile, terminationFile } = await made;
    return containerConfig(pod, container, node, {
      attempt,
      image: found,
      variables,
      mounts,
      devices: volumes.devicesOf(pod, container),
      hostsFile,
      terminationFile,
      pidTarget: targetOf(parts, start),
    });
  } catch (error) {
    throw signal.aborted ? error : refusalOf(error, record);
  }
}

async function makeFiles(parts: PodParts, { pod, container, attempt, sandbox }: ContainerStart) {
  const [hostsFile, terminationFile] = await Promise.all([
    parts.files.writeHosts(pod, hostsText(parts, pod, sandbox)),
    parts.files.prepareContainer(pod, container.name, attempt),
  ]);
  return { hostsFile, terminationFile };
}

/** Rejects by exception when the container that an ephemeral one wants to look into does not run. */
function targetOf({ view }: PodParts, { pod, container }: ContainerStart): string | undefined {
  const name = (container.spec as EphemeralContainer).targetContainerName;
  if (container.role !== 'ephemeral' || name === undefined || name === '') return undefined;
  const target = newestContainer(view.observed(pod.metadata.uid ?? ''), name);
  if (target?.state === 'running') return target.id;
  throw new ConfigurationError(`unable to find target container ${name}`);
}

async function variablesOf(
  { objects, services, node }: PodParts,
  { pod, container, sandbox }: ContainerStart,
): Promise<{ variables: Variable[]; skipped: SkippedKeys[] }> {
  const { namespace = '' } = pod.metadata;
  const read = async <T>(type: Parameters<typeof objects.follow>[0], name: string): Promise<T | undefined> => {
    using followed = objects.follow(type, { namespace, name }, () => undefined);
    return (await followed.current()) as T | undefined;
  };
  const podIps = pod.spec.hostNetwork === true ? node.hostIps : sandbox.ips;
  return await environmentOf(pod, container, {
    services: services(),
    addresses: { podIps, hostIps: node.hostIps },
    allocatable: node.allocatable,
    configMap: (name) => read(ConfigMaps, name),
    secret: (name) => read(Secrets, name),
  });
}

function hostsText({ node }: PodParts, pod: Readonly<Pod>, { ips }: ObservedSandbox): string {
  const { hostAliases, hostNetwork } = pod.spec;
  if (hostNetwork === true) return nodeHostsFile(node.hostsFile, hostAliases);
  const named = hostnameOf(pod, node.clusterDns.domain);
  if (typeof named === 'string') throw new ConfigurationError(named);
  return podHostsFile(ips, named, hostAliases);
}

/** A container whose postStart hook fails is ended again. */
async function afterStart(parts: PodParts, start: ContainerStart, id: string, record: RecordEvent): Promise<void> {
  const { view, node, log } = parts;
  const { pod, container, sandbox, signal } = start;
  const hook = container.spec.lifecycle?.postStart;
  if (hook === undefined) return;
  const podIp = (pod.spec.hostNetwork === true ? node.hostIps : sandbox.ips)[0] ?? '';
  try {
    await abortable(runHook(parts, hook, { pod, container, containerId: id, podIp }, longestHookMs), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    log.info('postStart hook failed', { pod: pod.metadata.name, container: container.name, error: errorText(error) });
    record('Warning', 'FailedPostStartHook', 'PostStartHook failed');
    record('Normal', 'Killing', 'FailedPostStartHook');
    await view.stopContainer(id, pod.spec.terminationGracePeriodSeconds ?? 30);
    throw new StartRefusal('PostStartHookError', hookFailure(hook, start, error), 0, id);
  }
}

function skippedText({ source, keys }: SkippedKeys): string {
  return `Keys [${keys.join(', ')}] from the EnvFrom ${source} were skipped since they are considered invalid environment variable names.`;
}
