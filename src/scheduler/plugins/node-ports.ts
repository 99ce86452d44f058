import { fits, rejects, type FilterStage, type SchedulerPlugin } from '../framework/plugin.ts';
import type { HostPort } from '../framework/pod-info.ts';

const rejection = rejects(["node(s) didn't have free ports for the requested pod ports"], { evictionMayHelp: true });

/** Keeps pods off nodes where another pod holds a host port that they want. */
export const nodePorts: SchedulerPlugin = {
  name: 'NodePorts',
  retryOn: ['node-added', 'pod-removed', 'self-changed'],
  mayHelp: ({ hostPorts }, change) =>
    change.type !== 'pod-removed' ||
    change.pod.hostPorts.some(({ protocol, port }) =>
      hostPorts.some((one) => one.port === port && one.protocol === protocol),
    ),
  filter: {
    prepare: ({ hostPorts }) => (hostPorts.length === 0 ? undefined : hostPorts),
    test: (ports, node) => (ports.some((port) => node.hasConflict(port)) ? rejection : fits),
  } satisfies FilterStage<readonly HostPort[]>,
};
