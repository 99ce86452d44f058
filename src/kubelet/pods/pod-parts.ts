import type { Pod, Service } from '../../api/core/v1/types.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../reconciler/event-recorder.ts';
import type { NodeResourceFacts } from '../cgroups/container-resources.ts';
import type { PodCgroups } from '../cgroups/pod-cgroups.ts';
import type { ImagePuller } from '../images/image-puller.ts';
import type { ObjectSource } from '../objects/object-source.ts';
import type { ProbeKeeper } from '../probes/probe-keeper.ts';
import type { Prober } from '../probes/prober.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { VolumeStore } from '../volumes/volume-store.ts';
import type { ClusterDns, DnsSettings } from './dns.ts';
import { containerFieldPath, type PodContainer } from './pod-containers.ts';
import type { PodFiles } from './pod-files.ts';
import type { RuntimeView } from './runtime-view.ts';
import type { AskEndpointsRemoved } from './endpoints-removed.ts';

/** What the workers of all pods of a node share. */
export interface PodParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly runtime: ContainerRuntime;
  /** `containerd`. */
  readonly runtimeName: string;
  readonly view: RuntimeView;
  readonly images: ImagePuller;
  readonly volumes: VolumeStore;
  readonly files: PodFiles;
  readonly cgroups: PodCgroups;
  readonly probes: ProbeKeeper;
  readonly prober: Prober;
  readonly objects: ObjectSource;
  readonly services: () => readonly Readonly<Service>[];
  readonly node: NodeFacts;
  /** Absent: containers of deleted pods get SIGTERM at once. */
  readonly askEndpointsRemoved?: AskEndpointsRemoved;
  /** Absent: containers are started without waiting for network policies. */
  readonly isolatePod?: IsolatePod;
  /** Called when nothing of a pod is left on the node. */
  readonly over: (podUid: string) => void;
  readonly signal: AbortSignal;
}

/** Resolves when network policies hold for a pod at an address: before that, none of its containers may run. */
export type IsolatePod = (pod: Readonly<Pod>, address: string) => Promise<void>;

/** What pods learn about their node. */
export interface NodeFacts {
  readonly name: string;
  readonly hostIps: readonly string[];
  readonly clusterDns: ClusterDns;
  /** The node's own resolv.conf. */
  readonly nodeDns: DnsSettings;
  /** The node's own hosts file. */
  readonly hostsFile: string;
  /** Where the node's own seccomp profiles lie. */
  readonly seccompFolder: string;
  readonly resources: NodeResourceFacts;
  readonly allocatable: Readonly<Record<string, string>>;
}

/** Records an event about one container of a pod. */
export function recordContainer(
  { events }: Pick<PodParts, 'events'>,
  pod: Readonly<Pod>,
  container: PodContainer,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  events.record(pod, type, reason, message, { fieldPath: containerFieldPath(container) });
}
