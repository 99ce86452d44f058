import type { Pod } from '../api/core/v1/types.ts';
import type { PodCgroups } from './cgroups/pod-cgroups.ts';
import type { NodePressure } from './eviction/node-pressure.ts';
import type { DnsSettings } from './pods/dns.ts';
import type { PodFiles } from './pods/pod-files.ts';
import type { PullRecords } from './images/pull-records.ts';
import type { Prober } from './probes/prober.ts';
import type { FreshToken, TokenSpec } from './volumes/token-source.ts';
import type { VolumeDisk } from './volumes/volume-disk.ts';

/** What a kubelet does outside the API and the runtime: on a machine, or in the stead of one. */
export interface MachineParts {
  /** `containerd`: the prefix of container ids in statuses. */
  readonly runtimeName: string;
  readonly files: PodFiles;
  readonly disk: VolumeDisk;
  /** The kubelet's folder, where CSI drivers register and show volumes; absent: the node has none. */
  readonly csiFolder?: string;
  readonly cgroups: PodCgroups;
  readonly prober: Prober;
  readonly pullRecords: PullRecords;
  readonly pressure: NodePressure;
  /** The machine's own resolv.conf and hosts file, which some pods share. */
  readonly nodeDns: DnsSettings;
  readonly hostsFile: string;
  /** Where the machine's own seccomp profiles lie; absolute. */
  readonly seccompFolder: string;
  /** Stands in for the API server's tokens. */
  readonly token?: (pod: Readonly<Pod>, spec: TokenSpec) => Promise<FreshToken>;
}
