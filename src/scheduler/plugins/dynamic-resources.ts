import type { Rejection, SchedulerPlugin, FilterStage, ScoreStage } from '../framework/plugin.ts';
import { fits, rejects, scaleByLargest } from '../framework/plugin.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { deviceClaimNames } from '../../api/core/pod-device-claims.ts';
import type { DeviceState } from '../devices/device-state.ts';
import { grantsOn, mayWantDevices, podDevices, type PodDevices } from '../devices/pod-devices.ts';
import type { Grants } from '../devices/allocator.ts';
import { AllocationError } from '../devices/selection.ts';

interface State {
  readonly found: PodDevices;
  readonly devices: DeviceState;
}

/** Ways to serve a request; the first is worth this much. */
const mostChoices = 8;

/** Keeps a pod to the nodes on which its claims get devices, or from which they reach those that they have. */
export const dynamicResources: SchedulerPlugin = {
  name: 'DynamicResources',
  retryOn: ['node-added', 'node-relabelled', 'devices-changed', 'self-changed'],
  mayHelp: ({ namespace, pod }, change) =>
    change.type !== 'devices-changed' ||
    change.claim === undefined ||
    change.frees ||
    (change.claim.namespace === namespace && deviceClaimNames(pod).includes(change.claim.name)),
  filter: {
    prepare(pod, { devices }) {
      if (!mayWantDevices(pod, devices)) return undefined;
      const found = podDevices(pod, devices);
      return typeof found === 'string' ? rejects([found], { evictionMayHelp: false }) : { found, devices };
    },
    test(state, node) {
      const grants = tryNode(state, node);
      return 'fits' in grants ? grants : fits;
    },
  } satisfies FilterStage<State>,
  score: {
    weight: 2,
    prepare(pod, _nodes, { devices }) {
      if (pod.pod.spec.resourceClaims === undefined) return undefined;
      const found = podDevices(pod, devices);
      if (typeof found === 'string') return undefined;
      const hasChoices = found.wanted.some(({ requests }) => requests.some((ways) => ways.length > 1));
      return hasChoices ? { found, devices } : undefined;
    },
    score(state, node) {
      const grants = tryNode(state, node);
      return 'fits' in grants ? 0 : worth(state.found, grants);
    },
    normalize: (scores) => scaleByLargest(scores, false),
  } satisfies ScoreStage<State>,
};

function tryNode({ found, devices }: State, node: NodeInfo): Grants | Rejection {
  try {
    return grantsOn(found, node, devices);
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    throw new Error(`running "DynamicResources" filter plugin: ${error.message}`, { cause: error });
  }
}

/** The sooner a way stands among those of its request, the more. */
function worth({ wanted }: PodDevices, grants: Grants): number {
  let sum = 0;
  for (const [i, { requests }] of wanted.entries())
    for (const ways of requests) {
      if (ways.length === 1) continue;
      const chosen = ways.findIndex((way) => grants[i]!.some(({ alternative }) => alternative === way));
      sum += mostChoices - chosen;
    }
  return sum;
}
