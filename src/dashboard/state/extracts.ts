import type { Deployment } from '../../api/apps/v1/types.ts';
import type { Event, Node, Pod } from '../../api/core/v1/types.ts';
import { podRequests } from '../../api/core/pod-requests.ts';
import { parseQuantity, quantityToNumber } from '../../apimachinery/quantity.ts';
import { lastSeen } from './events.ts';
import { lastRestart } from './restarts.ts';
import { rolloutOf } from './rollout.ts';
import type { Extract } from './table-rows.ts';

/** CPU in cores, memory in bytes. */
export interface Amounts {
  readonly cpu: number;
  readonly memory: number;
}

/** What the page keeps of a pod, of which there may be very many. */
export interface PodExtract {
  /** Absent: no node has it. */
  readonly nodeName: string | undefined;
  /** It has ended, and takes nothing. */
  readonly isOver: boolean;
  readonly requests: Amounts;
  /** When a container was last started again. */
  readonly restarted: string | undefined;
}

/** What a node has to give to pods. */
export interface NodeExtract extends Amounts {
  readonly pods: number;
}

export interface EventExtract {
  /** RFC 3339. */
  readonly lastSeen: string;
  readonly isWarning: boolean;
}

const podExtract = (pod: Pod): PodExtract => {
  const { cpu, memory } = podRequests(pod);
  return {
    nodeName: pod.spec.nodeName,
    isOver: pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed',
    requests: {
      cpu: cpu === undefined ? 0 : quantityToNumber(cpu),
      memory: memory === undefined ? 0 : quantityToNumber(memory),
    },
    restarted: lastRestart(pod),
  };
};

const nodeExtract = ({ status }: Node): NodeExtract => {
  const has = (resource: string): number => quantityToNumber(parseQuantity(status?.allocatable?.[resource] ?? '0'));
  return { pods: has('pods'), cpu: has('cpu'), memory: has('memory') };
};

const eventExtract = (event: Event): EventExtract => ({
  lastSeen: lastSeen(event),
  isWarning: event.type === 'Warning',
});

/** What is kept of objects beside their cells, by kind; of all others the server sends metadata only. */
export const extracts: Readonly<Record<string, Extract>> = {
  pods: (object) => podExtract(object as Pod),
  nodes: (object) => nodeExtract(object as Node),
  events: (object) => eventExtract(object as Event),
  'deployments.apps': (object) => rolloutOf(object as Deployment),
};
