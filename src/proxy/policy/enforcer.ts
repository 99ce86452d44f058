import { Namespaces, Pods, type Namespace, type Pod } from '../../api/core/v1/types.ts';
import { NetworkPolicies, type NetworkPolicy } from '../../api/networking/v1/types.ts';
import { keyFromText, keyText } from '../../apimachinery/object.ts';
import { abortable, deadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { createInformer } from '../../client/informer-cache.ts';
import type { Informer } from '../../client/informer.ts';
import { BatchLoop } from '../batch-loop.ts';
import type { Kernel } from '../kernel.ts';
import { RuleWriter } from '../rule-writer.ts';
import { compilePolicy } from './compiled-policy.ts';
import { PolicyModel } from './policy-model.ts';
import { policyPod } from './policy-pod.ts';
import { policyTable } from './policy-table.ts';
import { slimPod } from './slim-pod.ts';

export interface EnforcerOptions {
  /** Reads NetworkPolicies and, as soon as there is one, all pods and namespaces. */
  readonly client: Client;
  readonly nodeName: string;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface Enforcer {
  readonly model: PolicyModel;
  readonly policies: Informer<NetworkPolicy>;
  /** A pod of the cluster, with what policies need of it; `undefined` also while there is no policy. */
  pod(key: string): Readonly<Pod> | undefined;
  /** The kernel has the rules of all that there was at the start. */
  readonly started: Promise<void>;
  /**
   * Resolves when the policies hold for a pod of this node that has got an address, which its status need not tell yet: its
   * containers may be started. Rejects when the kernel does not have the rules in time.
   */
  isolate(pod: Readonly<Pod>, address: string): Promise<void>;
  /** Somebody else may have changed the rules: writes all of them anew. */
  restore(): void;
  /** Resolves after the signal has aborted and nothing is written any more. The rules stay. */
  readonly stopped: Promise<void>;
}

/** An address that a pod has got, and what its status said of it then. */
interface EarlyAddress {
  readonly uid: string | undefined;
  readonly address: string;
  readonly before: string | undefined;
}

/** Changes that come within this time are one transaction. */
const gatherMs = 3;
const longestIsolationMs = 10_000;

/** Makes the NetworkPolicies of the cluster hold on this node, until the signal aborts. */
export function enforcePolicies(options: EnforcerOptions): Enforcer {
  const { client, nodeName, kernel, clock, random, log, signal } = options;
  const informing = { clock, random, log, signal };
  const policies = createInformer<NetworkPolicy>(client, NetworkPolicies, informing);
  const model = new PolicyModel();
  const writer = new RuleWriter(kernel, policyTable);
  const early = new Map<string, EarlyAddress>();
  const stops: (() => void)[] = [];
  /** Pods and namespaces, once there is a policy. */
  let world: { readonly pods: Informer<Pod>; readonly namespaces: Informer<Namespace> } | undefined;
  /** How often something has changed, and up to which change the kernel has the rules. */
  let changes = 0;
  let written = -1;
  let waiting: { readonly change: number; readonly done: () => void }[] = [];
  const firstWrite = Promise.withResolvers<void>();
  const loop = new BatchLoop({
    clock,
    random,
    signal,
    gatherMs,
    work,
    onFailure(error, retryMs) {
      if (!signal.aborted) log.error('network policies were not written', { error: String(error), retryMs });
    },
  });
  const stopped = run();
  const started = Promise.race([firstWrite.promise, stopped]);
  const pod = (key: string): Readonly<Pod> | undefined => world?.pods.get(keyFromText(key));
  const restore = (): void => {
    writer.mistrust();
    news();
  };
  return { model, policies, pod, started, isolate, restore, stopped };

  async function run(): Promise<void> {
    await policies.synced().catch(() => undefined);
    if (signal.aborted) return;
    stops.push(
      policies.onChange(({ type, object }) => {
        model.setPolicy(keyText(object.metadata), type === 'deleted' ? undefined : compilePolicy(object));
        world ??= followWorld();
        news();
      }),
    );
    news(); // rules that an earlier run has left may be of policies that are no more
    await loop.run();
    for (const stop of stops) stop();
  }

  async function work(): Promise<void> {
    await Promise.all([world?.pods.synced(), world?.namespaces.synced()]);
    const change = changes;
    await model.update(clock);
    const result = await writer.write(model);
    if (result.kind !== 'nothing') log.debug('network policies written', { ...result });
    written = change;
    firstWrite.resolve();
    for (const { done } of waiting.filter((one) => one.change <= written)) done();
    waiting = waiting.filter((one) => one.change > written);
  }

  function news(): void {
    changes++;
    loop.news();
  }

  function followWorld(): NonNullable<typeof world> {
    const pods = createInformer<Pod>(client, Pods, { ...informing, transform: slimPod });
    const namespaces = createInformer<Namespace>(client, Namespaces, informing);
    stops.push(
      pods.onChange(({ type, object }) => {
        if (type === 'deleted') early.delete(keyText(object.metadata));
        if (place(object, type === 'deleted')) news();
      }),
      namespaces.onChange(({ type, object: { metadata } }) => {
        if (model.setNamespace(metadata.name, type === 'deleted' ? undefined : (metadata.labels ?? {}))) news();
      }),
    );
    return { pods, namespaces };
  }

  function place(pod: Readonly<Pod>, isGone: boolean): boolean {
    const { metadata, status } = pod;
    const key = keyText(metadata);
    const known = early.get(key);
    const isEarly = known !== undefined && known.uid === metadata.uid && known.before === status?.podIP;
    return model.setPod(key, isGone ? undefined : policyPod(pod, nodeName, isEarly ? known.address : undefined));
  }

  async function isolate(pod: Readonly<Pod>, address: string): Promise<void> {
    const { namespace, uid } = pod.metadata;
    using limit = deadline(clock, longestIsolationMs, signal);
    await abortable(policies.synced(), limit.signal);
    if (policies.list(namespace).length === 0) return;
    const key = keyText(pod.metadata);
    const seen = world?.pods.get(keyFromText(key));
    const newest = seen !== undefined && seen.metadata.uid === uid ? seen : pod; // the caller may have seen less
    early.set(key, { uid, address, before: newest.status?.podIP });
    if (place(newest, false)) news();
    if (written === changes) return;
    const { promise, resolve: done } = Promise.withResolvers<void>();
    waiting.push({ change: changes, done });
    await abortable(promise, limit.signal);
  }
}
