import { Nodes, type Node, type NodeCondition } from '../../api/core/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { Backoff } from '../../base/backoff.ts';
import type { Cluster } from '../../reconciler/controller.ts';

/** Of a node: whether Ingresses are served on it, as its ingress says itself. */
const type = 'IngressReady';
const retries = { initialMs: 250, maximumMs: 30_000 };

/** Whether the node says of itself that it serves Ingresses. One that has said nothing does not. */
export function servesIngresses({ status }: Readonly<Node>): boolean {
  return status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
}

/** What is known of this node's nginx. */
export type Serving = { readonly serves: true } | { readonly serves: false; readonly why: string };

/** The condition that the node must get, `undefined` when it has it. Pure; `time` is RFC 3339. */
function planCondition(node: Readonly<Node>, serving: Serving, time: string): NodeCondition | undefined {
  const { status, reason, message } = serving.serves
    ? { status: 'True', reason: 'NginxRuns', message: 'nginx serves Ingresses on this node' }
    : { status: 'False', reason: 'NginxDoesNotRun', message: serving.why };
  const shown = node.status?.conditions?.find((one) => one.type === type);
  if (shown?.status === status && shown.reason === reason && shown.message === message) return undefined;
  const lastTransitionTime = shown?.status === status ? (shown.lastTransitionTime ?? time) : time;
  return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime };
}

/** Keeps the condition of this node true. It is written when it changes, and again where somebody has taken it away. */
export class ServingCondition {
  readonly #nodeName: string;
  readonly #backoff = new Backoff(retries);
  #notBefore = 0;

  constructor(nodeName: string) {
    this.#nodeName = nodeName;
  }

  /** Until a write that has failed is tried again; `undefined` where none has. */
  leftMs(now: number): number | undefined {
    return this.#notBefore > now ? this.#notBefore - now : undefined;
  }

  /** A write that fails is tried again in a later call: nginx is looked after meanwhile. */
  async keep(serving: Serving, cluster: Cluster): Promise<void> {
    const { clock, log } = cluster;
    const node = cluster.get(Nodes, { name: this.#nodeName });
    const condition = node && planCondition(node, serving, rfc3339(clock.now()));
    if (condition === undefined || clock.monotonic() < this.#notBefore) return;
    try {
      const body = { status: { conditions: [condition] } };
      await cluster.patch(Nodes, { name: this.#nodeName }, { type: 'strategic', body }, { subresource: 'status' });
      this.#backoff.reset();
    } catch (error) {
      const retryMs = this.#backoff.next();
      this.#notBefore = clock.monotonic() + retryMs;
      log.warn('the node does not show whether nginx runs', { error: String(error), retryMs });
    }
  }
}
