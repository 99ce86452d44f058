import { Nodes, type Node, type NodeCondition, type NodeStatus } from '../../api/core/v1/types.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { Bell } from '../../base/bell.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import { equalJson } from '../../reconciler/equal-json.ts';
import type { EventRecorder } from '../../reconciler/event-recorder.ts';
import type { ContainerRuntime, Image } from '../runtime/runtime.ts';
import type { NodeSettings, Pressure } from './node-facts.ts';
import { nodeStatus, type NodeStatusSources, type RuntimeHealth } from './node-status.ts';

export interface NodeKeeperOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly runtime: ContainerRuntime;
  readonly settings: NodeSettings;
  readonly pressure: () => Promise<Pressure>;
  /** Volumes that others bring to the node and that its pods use, by their names there. */
  readonly volumesInUse: () => readonly string[];
  /** For how long the containers could not be listed, in milliseconds. */
  readonly stalledMs: () => number;
  readonly signal: AbortSignal;
}

const checkMs = 10_000;
/** As long as the node is not ready, or has just begun, it looks more often. */
const checkUnreadyMs = 250;
const reportMs = 300_000;

/** What a look at the machine shows. */
type Found = Pick<NodeStatusSources, 'runtimeVersion' | 'health' | 'pressure' | 'images' | 'volumesInUse'>;

/**
 * Registers the node and keeps its status true: looks every ten seconds, writes what has changed, and all every five
 * minutes.
 */
export class NodeKeeper {
  readonly #options: NodeKeeperOptions;
  readonly #about: Node;
  readonly #bell: Bell;
  #node: Readonly<Node> | undefined;
  #reportedAt = -Infinity;
  #podCidr: string | undefined;
  /** A look that the node's status agreed with: as long as both are the same, nobody compares them again. */
  #agreed: { readonly node: Readonly<Node>; readonly found: Found } | undefined;
  #runtimeVersion: { name: string; version: string } | undefined;

  constructor(options: NodeKeeperOptions) {
    this.#options = options;
    this.#bell = new Bell(options.clock, options.signal);
    const { name } = options.settings;
    // Events of kubelets carry the node's name in place of its uid: that is where clients look for them.
    this.#about = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name }, spec: {} };
  }

  /** As last seen. */
  get node(): Readonly<Node> | undefined {
    return this.#node;
  }

  /** Something of the node's status has changed: it is written at once. */
  look(): void {
    const inUse = this.#options.volumesInUse();
    if (!equalJson(inUse, this.#node?.status?.volumesInUse ?? [])) this.#bell.ring();
  }

  /** The watch has shown the node. */
  saw(node: Readonly<Node>): void {
    if (Number(node.metadata.resourceVersion ?? 0) < Number(this.#node?.metadata.resourceVersion ?? 0)) return;
    this.#node = node;
    this.#takePodCidr(node);
  }

  /** Resolves when the signal has aborted. */
  async run(): Promise<void> {
    const { log, signal } = this.#options;
    this.tell('Normal', 'Starting', 'Starting kubelet.');
    while (!signal.aborted) {
      try {
        await this.#check();
      } catch (error) {
        if (!signal.aborted) log.warn('node status was not reported', { error: String(error) });
      }
      await this.#bell.rung(this.#isReady() ? checkMs : checkUnreadyMs);
    }
  }

  async #check(): Promise<void> {
    const found = await this.#look();
    const node = this.#node;
    if (node === undefined) return await this.#register(this.#statusOf(found));
    const isDue = this.#options.clock.monotonic() - this.#reportedAt >= reportMs;
    const isAgreed = this.#agreed?.node === node && equalJson(this.#agreed.found, found);
    if (!isDue && isAgreed) return;
    const status = this.#statusOf(found);
    if (isDue || !isSame(node.status ?? {}, status)) await this.#report(node, status);
    else this.#agreed = { node, found };
  }

  async #look(): Promise<Found> {
    const { runtime, pressure, stalledMs } = this.#options;
    this.#runtimeVersion ??= await runtime.version().catch(() => undefined);
    const [found, images, pressed] = await Promise.all([
      runtime.status().catch(() => undefined),
      runtime.listImages().catch((): Image[] => []),
      pressure(),
    ]);
    const health: RuntimeHealth = { status: found, stalledMs: Math.max(0, stalledMs()) };
    const volumesInUse = this.#options.volumesInUse();
    return { runtimeVersion: this.#runtimeVersion, health, pressure: pressed, images, volumesInUse };
  }

  #statusOf(found: Found): NodeStatus {
    const { settings, clock } = this.#options;
    return nodeStatus({
      settings,
      ...found,
      shown: this.#node?.status?.conditions ?? [],
      time: rfc3339(clock.now()),
    });
  }

  async #register(status: NodeStatus): Promise<void> {
    const { client, settings, log } = this.#options;
    const found = await client.get(Nodes, { name: settings.name }).catch((error) => {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    });
    if (found !== undefined) this.saw(await this.#joined(found));
    else {
      const created = client.create(Nodes, newNode(settings, settings.labels, status)).catch((error) => {
        if (!isStatus(error, 'Forbidden')) throw error;
        // Labels that say what a node is for are not for nodes to give themselves.
        log.warn('the node was not allowed to register with its own labels', { error: String(error) });
        return client.create(Nodes, newNode(settings, {}, status));
      });
      this.saw(await created);
    }
    this.#tellChanges([], status.conditions ?? []);
    // A node that is made has its status.
    if (found === undefined && isSame(this.#node!.status ?? {}, status))
      this.#reportedAt = this.#options.clock.monotonic();
    else await this.#report(this.#node!, status);
  }

  /** A node that is known from an earlier life, with the labels that it must have. */
  async #joined(found: Readonly<Node>): Promise<Readonly<Node>> {
    const { client, settings } = this.#options;
    const wanted = Object.entries(labelsOf(settings, {}));
    const missing = wanted.filter(([name, value]) => found.metadata.labels?.[name] !== value);
    if (missing.length === 0) return found;
    const body = { metadata: { labels: Object.fromEntries(missing) } };
    return await client.patch(Nodes, { name: settings.name }, { type: 'merge', body });
  }

  async #report(node: Readonly<Node>, status: NodeStatus): Promise<void> {
    const { client, clock } = this.#options;
    const shown = node.status ?? {};
    const addresses = equalJson(shown.addresses, status.addresses)
      ? {}
      : { addresses: [{ $patch: 'replace' }, ...(status.addresses ?? [])] };
    const { addresses: _, ...rest } = status;
    const body = { metadata: { uid: node.metadata.uid }, status: { ...rest, ...addresses } };
    const written = await client.patch(
      Nodes,
      { name: node.metadata.name },
      { type: 'strategic', body },
      { subresource: 'status' },
    );
    this.#tellChanges(shown.conditions ?? [], status.conditions ?? []);
    this.#reportedAt = clock.monotonic();
    this.saw(written);
  }

  /** Conditions that have changed become events. */
  #tellChanges(before: readonly NodeCondition[], after: readonly NodeCondition[]): void {
    const { name } = this.#options.settings;
    for (const { type, status } of after) {
      const old = before.find((one) => one.type === type);
      if (old?.status === status || (old === undefined && type === 'Ready' && status !== 'True')) continue;
      const reason = conditionEvents[type]?.[status === 'True' ? 0 : 1];
      if (reason !== undefined) this.tell('Normal', reason, `Node ${name} status is now: ${reason}`);
    }
  }

  /** Records an event about the node. */
  tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#options.events.record(this.#about, type, reason, message);
  }

  #isReady(): boolean {
    return this.#node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  }

  #takePodCidr({ spec }: Readonly<Node>): void {
    const cidr = spec?.podCIDR;
    if (cidr === undefined || cidr === '' || cidr === this.#podCidr) return;
    this.#podCidr = cidr;
    this.#options.runtime.setPodCidr(cidr).catch((error) => {
      this.#podCidr = undefined;
      this.#options.log.warn('runtime did not take the pod CIDR', { cidr, error: String(error) });
    });
  }
}

/** Reasons of events for a condition that has come and one that has gone. */
const conditionEvents: Readonly<Record<string, readonly [string, string]>> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
  Ready: ['NodeReady', 'NodeNotReady'],
};

function newNode(settings: NodeSettings, labels: NodeSettings['labels'], status: NodeStatus): Node {
  const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };
  const metadata = { name: settings.name, labels: labelsOf(settings, labels), annotations };
  const { taints } = settings;
  return { apiVersion: 'v1', kind: 'Node', metadata, spec: taints.length === 0 ? {} : { taints: [...taints] }, status };
}

function labelsOf({ name, machine }: NodeSettings, more: NodeSettings['labels']): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': machine.architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': machine.architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    ...more,
  };
}

/** Equal but for the times at which conditions were looked at. */
function isSame(shown: NodeStatus, wanted: NodeStatus): boolean {
  const part = (status: NodeStatus) => ({
    ...Object.fromEntries(Object.keys(wanted).map((key) => [key, unlessEmpty(status[key as keyof NodeStatus])])),
    conditions: (wanted.conditions ?? []).map(({ type }) => {
      const { status: value, reason, message } = status.conditions?.find((one) => one.type === type) ?? {};
      return [type, value, reason, message];
    }),
  });
  return equalJson(part(shown), part(wanted));
}

/** A list without items is not kept by the server. */
function unlessEmpty(value: NodeStatus[keyof NodeStatus]): unknown {
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}
