import type { Pod } from '../../api/core/v1/types.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { prometheusText, type MetricFamily } from './prometheus-text.ts';

export interface Measured {
  readonly nodeName: string;
  readonly runtime: Pick<ContainerRuntime, 'listContainers' | 'listSandboxes'>;
  pods(): readonly Readonly<Pod>[];
  /** What network policies have refused on this node, where somebody counts it. */
  denied?(): readonly DeniedPackets[];
}

/** Packets that a policy (`namespace/name`) was among those to refuse. */
export interface DeniedPackets {
  readonly policy: string;
  readonly direction: 'ingress' | 'egress';
  readonly packets: number;
}

/** `/metrics`: the kubelet's own, as far as it has what Kubernetes counts under these names. */
export async function kubeletMetrics({ nodeName, runtime, pods, denied }: Measured): Promise<string> {
  const [sandboxes, containers] = await Promise.all([runtime.listSandboxes(), runtime.listContainers()]);
  const states = Map.groupBy(containers, ({ state }) => state);
  const { user, system } = process.cpuUsage();
  return prometheusText([
    gauge('kubelet_node_name', "[ALPHA] The node's name. The count is always 1.", 1, { node: nodeName }),
    gauge('kubelet_active_pods', '[ALPHA] The number of pods the kubelet considers active', pods().length),
    gauge(
      'kubelet_running_pods',
      '[ALPHA] Number of pods that have a running pod sandbox',
      sandboxes.filter(({ ready }) => ready).length,
    ),
    {
      name: 'kubelet_running_containers',
      help: '[ALPHA] Number of containers currently running',
      type: 'gauge',
      samples: [...states].map(([state, all]) => ({ labels: { container_state: state }, value: all.length })),
    },
    {
      name: 'process_cpu_seconds_total',
      help: 'Total user and system CPU time spent in seconds.',
      type: 'counter',
      samples: [{ value: (user + system) / 1e6 }],
    },
    {
      name: 'kubeling_network_policy_denied_packets_total',
      help: 'Packets of pods of this node that no network policy allowed, by each policy that isolates the pod.',
      type: 'counter',
      samples: (denied?.() ?? []).map(({ policy, direction, packets }) => {
        const [namespace = '', name = ''] = policy.split('/');
        return { labels: { namespace, policy: name, direction }, value: packets };
      }),
    },
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()),
  ]);
}

function gauge(name: string, help: string, value: number, labels: Record<string, string> = {}): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ labels, value }] };
}
