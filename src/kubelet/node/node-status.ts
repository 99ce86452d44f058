import type { ContainerImage, NodeCondition, NodeStatus } from '../../api/core/v1/types.ts';
import type { Image, RuntimeStatus } from '../runtime/runtime.ts';
import { allocatableOf, capacityOf, type NodeSettings, type Pressure } from './node-facts.ts';

export interface NodeStatusSources {
  readonly settings: NodeSettings;
  readonly runtimeVersion: { readonly name: string; readonly version: string } | undefined;
  readonly health: RuntimeHealth;
  readonly pressure: Pressure;
  readonly images: readonly Image[];
  readonly volumesInUse: readonly string[];
  /** The conditions shown so far: their times stay while nothing changes. */
  readonly shown: readonly NodeCondition[];
  /** RFC 3339. */
  readonly time: string;
}

/** `undefined`: the runtime does not answer. `stalledMs`: for how long the containers could not be listed. */
export interface RuntimeHealth {
  readonly status: RuntimeStatus | undefined;
  readonly stalledMs: number;
}

/** The runtime is given up after so long without a list of containers. */
const patienceMs = 180_000;
const mostImages = 50;

/** The status of a node, whole. Pure. */
export function nodeStatus(sources: NodeStatusSources): NodeStatus {
  const { settings, runtimeVersion, images, volumesInUse } = sources;
  const { name, ips, machine, kubeletPort, kubeletVersion } = settings;
  const runtime =
    runtimeVersion === undefined ? 'containerd://Unknown' : `${runtimeVersion.name}://${runtimeVersion.version}`;
  return {
    addresses: [...ips.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: name }],
    capacity: capacityOf(settings),
    allocatable: allocatableOf(settings),
    conditions: nodeConditions(sources),
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    images: imagesShown(images),
    nodeInfo: {
      architecture: machine.architecture,
      bootID: machine.bootId,
      containerRuntimeVersion: runtime,
      kernelVersion: machine.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion,
      machineID: machine.machineId,
      operatingSystem: 'linux',
      osImage: machine.osImage,
      systemUUID: machine.systemUuid,
    },
    volumesInUse: [...volumesInUse],
  };
}

interface Finding {
  readonly type: string;
  readonly holds: boolean;
  readonly reason: string;
  readonly message: string;
}

function nodeConditions({ health, pressure, shown, time }: NodeStatusSources): NodeCondition[] {
  const { memory, disk, processes } = pressure;
  const findings: Finding[] = [
    memory
      ? finding('MemoryPressure', true, 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : finding('MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    disk
      ? finding('DiskPressure', true, 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : finding('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    processes
      ? finding('PIDPressure', true, 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available')
      : finding('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    readiness(health),
  ];
  return findings.map(({ type, holds, reason, message }) => {
    const status = holds ? 'True' : 'False';
    const old = shown.find((one) => one.type === type);
    const since = old?.status === status ? (old.lastTransitionTime ?? time) : time;
    return { type, status, lastHeartbeatTime: time, lastTransitionTime: since, reason, message };
  });
}

function readiness({ status, stalledMs }: RuntimeHealth): Finding {
  const complaints: string[] = [];
  if (status === undefined) complaints.push('container runtime is down');
  else if (!status.runtimeReady) complaints.push(`container runtime not ready: ${detailsOf('RuntimeReady', status)}`);
  if (stalledMs > patienceMs)
    complaints.push(
      `PLEG is not healthy: pleg was last seen active ${Math.floor(stalledMs / 1000)}s ago; threshold is 3m0s`,
    );
  if (status !== undefined && !status.networkReady)
    complaints.push(`container runtime network not ready: ${detailsOf('NetworkReady', status)}`);
  if (complaints.length === 0) return finding('Ready', true, 'KubeletReady', 'kubelet is posting ready status');
  const message = complaints.length === 1 ? complaints[0]! : `[${complaints.join(', ')}]`;
  return finding('Ready', false, 'KubeletNotReady', message);
}

function detailsOf(what: string, { reason, message }: RuntimeStatus): string {
  return `${what}=false reason:${reason} message:${message}`;
}

function finding(type: string, holds: boolean, reason: string, message: string): Finding {
  return { type, holds, reason, message };
}

/** The largest ones, with the names that they go by. */
function imagesShown(images: readonly Image[]): ContainerImage[] {
  return images
    .filter(({ tags, digests }) => tags.length + digests.length > 0)
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes || (a.id < b.id ? -1 : 1))
    .slice(0, mostImages)
    .map(({ tags, digests, sizeBytes }) => ({ names: [...digests, ...tags].slice(0, 5), sizeBytes }));
}
