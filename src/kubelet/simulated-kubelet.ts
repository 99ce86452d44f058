import type { Node, Pod, Service } from '../api/core/v1/types.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import { noPodCgroups } from './cgroups/pod-cgroups.ts';
import { NodePressure } from './eviction/node-pressure.ts';
import { defaultEvictionHard, type Observations } from './eviction/thresholds.ts';
import { noPullRecords, PullRecords } from './images/pull-records.ts';
import { startKubelet, type Kubelet } from './kubelet.ts';
import { noPodFiles } from './pods/pod-files.ts';
import type { AskEndpointsRemoved } from './pods/endpoints-removed.ts';
import type { IsolatePod } from './pods/pod-parts.ts';
import { simulatedProber } from './probes/simulated-prober.ts';
import type { SimulatedRuntime } from './runtime/simulated/simulated-runtime.ts';
import { createUsageReader } from './stats/usage-reader.ts';
import type { NodeUsage } from './stats/usage.ts';
import { noVolumeDisk } from './volumes/volume-disk.ts';

export interface SimulatedKubeletOptions {
  readonly client: Client;
  /** Outlives the kubelet, as a real one does: give it to the next one to restart the kubelet alone. */
  readonly runtime: SimulatedRuntime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly name: string;
  /** The node's address. */
  readonly ip: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Defaults: 4 CPUs, 16 GiB, 110 pods. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly mostPods?: number;
  readonly kubeletVersion?: string;
  /** What is left on the node; default: enough of everything. */
  readonly observe?: () => Promise<Observations>;
  readonly askEndpointsRemoved?: AskEndpointsRemoved;
  readonly isolatePod?: IsolatePod;
  /** Informers that many share: the pods of this node, all Services, this node; default: its own. */
  readonly pods?: Informer<Pod>;
  readonly services?: Informer<Service>;
  readonly nodes?: Informer<Node>;
}

const gibibyte = 2 ** 30;

/** What a simulated node uses: what its containers do, by their behaviour. */
export function simulatedUsage(node: {
  readonly name: string;
  readonly kubelet: Kubelet;
  readonly runtime: SimulatedRuntime;
  readonly clock: Clock;
}): () => Promise<NodeUsage> {
  return createUsageReader({ ...node, cgroups: noPodCgroups, node: { name: node.name, memoryBytes: 16 * gibibyte } });
}

/**
 * The kubelet itself on a node that is not there: the same pod workers, statuses, events, probes and heartbeats over a
 * simulated runtime, without disk, processes or network.
 */
export function startSimulatedKubelet(options: SimulatedKubeletOptions): Kubelet {
  const { client, runtime, clock, random, log, signal, name, ip, pods, services, nodes } = options;
  return startKubelet({
    client,
    runtime,
    clock,
    random,
    log,
    signal,
    ...(options.askEndpointsRemoved && { askEndpointsRemoved: options.askEndpointsRemoved }),
    ...(options.isolatePod && { isolatePod: options.isolatePod }),
    ...(pods && { pods }),
    ...(services && { services }),
    ...(nodes && { nodes }),
    clusterDns: { servers: ['10.96.0.10'], domain: 'cluster.local' },
    node: {
      name,
      ips: [ip],
      labels: options.labels ?? {},
      taints: [],
      kubeletPort: 10250,
      kubeletVersion: options.kubeletVersion ?? 'v1.36.0',
      mostPods: options.mostPods ?? 110,
      machine: {
        cpus: options.cpus ?? 4,
        memoryBytes: options.memoryBytes ?? 16 * gibibyte,
        diskBytes: 100 * gibibyte,
        architecture: 'amd64',
        osImage: 'Simulated Linux',
        kernelVersion: '6.0.0',
        machineId: name,
        systemUuid: name,
        bootId: name,
      },
    },
    machine: {
      runtimeName: 'simulated',
      files: noPodFiles,
      disk: noVolumeDisk,
      cgroups: noPodCgroups,
      prober: simulatedProber(runtime),
      pullRecords: new PullRecords(noPullRecords, clock, log),
      pressure: new NodePressure(options.observe ?? (async () => ({})), defaultEvictionHard, clock),
      nodeDns: { servers: [], searches: [], options: [] },
      hostsFile: '',
      seccompFolder: '/var/lib/kubelet/seccomp',
      token: async () => ({ token: 'simulated', renewAt: Infinity }),
    },
  });
}
