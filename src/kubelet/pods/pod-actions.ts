import type { Pod } from '../../api/core/v1/types.ts';
import { errorText } from '../../base/error-text.ts';
import { runHook } from './lifecycle-hooks.ts';
import type { ObservedPod } from './observed-pod.ts';
import { containersOf, type PodContainer } from './pod-containers.ts';
import { recordContainer, type PodParts } from './pod-parts.ts';
import { runtimeHandlerOf } from './runtime-handler.ts';
import { rpcText } from '../runtime/runtime-error.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { volumesSurelyCome } from './sure-volumes.ts';
import type { SandboxConfig } from '../runtime/runtime.ts';

/** The least that a container gets between SIGTERM and SIGKILL. */
const leastGraceSeconds = 2;
const noDevices = 'Failed to prepare dynamic resources: drivers of devices are not served on this node yet';

/**
 * Folders, cgroups and volumes; answers whether all of them are there, or when to try volumes again. Failures become events.
 * A pod that claims devices stays as it is. `mayHaveSandbox` is called as soon as a sandbox may be made beside the volumes.
 */
export async function preparePod(
  { cgroups, volumes, events }: PodParts,
  pod: Readonly<Pod>,
  mayHaveSandbox: () => void,
): Promise<{ readonly prepared: boolean; readonly againAt?: number }> {
  // Nobody here talks to drivers of devices, and without its devices no pod runs.
  if ((pod.spec.resourceClaims ?? []).length > 0 || pod.status?.extendedResourceClaimStatus !== undefined) {
    events.record(pod, 'Warning', 'FailedPrepareDynamicResources', noDevices);
    return { prepared: false };
  }
  try {
    const grouped = cgroups.create(pod).then(() => volumesSurelyCome(pod) && mayHaveSandbox());
    const [, { failures, againAt }] = await Promise.all([grouped, volumes.setUp(pod)]);
    for (const { reason, message } of failures) events.record(pod, 'Warning', reason, message);
    return againAt === undefined ? { prepared: true } : { prepared: false, againAt };
  } catch (error) {
    events.record(
      pod,
      'Warning',
      'FailedCreatePodContainer',
      `unable to ensure pod container exists: ${errorText(error)}`,
    );
    return { prepared: false };
  }
}

/** Answers whether there is a sandbox now. A failure becomes an event. */
export async function createSandbox(parts: PodParts, pod: Readonly<Pod>, attempt: number): Promise<boolean> {
  const { client, runtime, view, events } = parts;
  try {
    const config = sandboxFor(parts, pod, attempt);
    const runtimeHandler = await runtimeHandlerOf(client, pod);
    const id = await runtime.runSandbox({ ...config, runtimeHandler });
    await view.lookAtSandbox(id);
    return true;
  } catch (error) {
    events.record(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${rpcText(error)}`);
    return false;
  }
}

export function sandboxFor(parts: PodParts, pod: Readonly<Pod>, attempt: number): SandboxConfig {
  const { node, files, cgroups } = parts;
  const place = { attempt, logDirectory: files.logDirectory(pod), cgroupParent: cgroups.pathOf(pod) };
  return sandboxConfig(pod, node, place);
}

/** Tells the end of a container and runs its preStop hook, for no longer than until the deadline. */
export async function announceKill(
  parts: PodParts,
  pod: Readonly<Pod>,
  observed: ObservedPod,
  { id, name, message, deadline }: { id: string; name: string; message: string; deadline: number },
): Promise<void> {
  const container = containerNamed(pod, name);
  if (container === undefined) return;
  recordContainer(parts, pod, container, 'Normal', 'Killing', message);
  const hook = container.spec.lifecycle?.preStop;
  const leftMs = deadline - parts.clock.now();
  if (hook === undefined || leftMs <= 0) return;
  const podIp = observed.sandboxes[0]?.ips[0] ?? parts.node.hostIps[0] ?? '';
  try {
    await runHook(parts, hook, { pod, container, containerId: id, podIp }, leftMs);
  } catch (error) {
    parts.log.info('preStop hook failed', { pod: pod.metadata.name, container: name, error: errorText(error) });
    recordContainer(parts, pod, container, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
  }
}

export async function stopContainer({ view, clock }: PodParts, id: string, deadline: number): Promise<void> {
  const leftSeconds = Math.ceil((deadline - clock.now()) / 1000);
  await view.stopContainer(id, Math.max(leastGraceSeconds, leftSeconds));
}

export async function stopSandbox(parts: PodParts, pod: Readonly<Pod>, id: string, changed: boolean): Promise<void> {
  const { view, events } = parts;
  if (changed) events.record(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
  await view.stopSandbox(id);
}

/** Removes all that the runtime has of a pod: its sandboxes with what is in them, and what has none any more. */
export async function removeFromRuntime({ view }: PodParts, observed: ObservedPod): Promise<void> {
  const sandboxes = new Set(observed.sandboxes.map(({ id }) => id));
  for (const id of sandboxes) await view.removeSandbox(id);
  const others = observed.containers.filter(({ sandboxId }) => !sandboxes.has(sandboxId));
  await Promise.all(others.map(({ id }) => view.removeContainer(id)));
}

/** Removes one attempt at a container with its log. */
export async function removeAttempt(
  parts: PodParts,
  pod: Readonly<Pod>,
  observed: ObservedPod,
  id: string,
): Promise<void> {
  await parts.view.removeContainer(id);
  const gone = observed.containers.find((container) => container.id === id);
  if (gone !== undefined) await parts.files.removeAttempt(pod, gone.name, gone.attempt);
}

export function containerNamed(pod: Readonly<Pod>, name: string): PodContainer | undefined {
  return containersOf(pod).find((container) => container.name === name);
}
