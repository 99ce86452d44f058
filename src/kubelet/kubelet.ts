import { Nodes, Pods, Services, type Node, type Pod, type Service } from '../api/core/v1/types.ts';
import type { KubeObject, ObjectKey } from '../apimachinery/object.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import { isStatus } from '../apimachinery/status.ts';
import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createInformer } from '../client/informer-cache.ts';
import type { Informer } from '../client/informer.ts';
import { equalJson } from '../reconciler/equal-json.ts';
import { createEventRecorder } from '../reconciler/event-writer.ts';
import { ImagePuller } from './images/image-puller.ts';
import type { MachineParts } from './machine-parts.ts';
import { keepLease } from './node/lease-keeper.ts';
import { allocatableOf, type NodeSettings } from './node/node-facts.ts';
import { NodeKeeper } from './node/node-keeper.ts';
import { createObjectSource } from './objects/object-source.ts';
import type { ClusterDns } from './pods/dns.ts';
import type { ObservedPod } from './pods/observed-pod.ts';
import type { IsolatePod, NodeFacts, PodParts } from './pods/pod-parts.ts';
import { PodWorkers } from './pods/pod-workers.ts';
import { RuntimeView } from './pods/runtime-view.ts';
import type { AskEndpointsRemoved } from './pods/endpoints-removed.ts';
import { ProbeKeeper } from './probes/probe-keeper.ts';
import type { ContainerRuntime } from './runtime/runtime.ts';
import type { ReadObject } from './volumes/claimed-volume.ts';
import { openCsi, type CsiOptions } from './volumes/csi/csi.ts';
import { ownDrivers } from './volumes/drivers/all.ts';
import { PodVolumes } from './volumes/pod-volumes.ts';
import { requestToken } from './volumes/token-source.ts';

export interface KubeletOptions {
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Stops the kubelet; containers go on running and are found again by the next one. */
  readonly signal: AbortSignal;
  readonly node: NodeSettings;
  readonly clusterDns: ClusterDns;
  /** Whom to ask whether traffic still goes to a deleted pod; absent: its containers get SIGTERM at once. */
  readonly askEndpointsRemoved?: AskEndpointsRemoved;
  /** Who sees to it that network policies hold for a pod; absent: nobody is waited for. */
  readonly isolatePod?: IsolatePod;
  /** What the kubelet does on the machine: disk, control groups, network. */
  readonly machine: MachineParts;
  /** The pods of this node, when someone watches them already. */
  readonly pods?: Informer<Pod>;
  /** All Services, when someone watches them already. */
  readonly services?: Informer<Service>;
  /** This node alone, when someone watches it already. */
  readonly nodes?: Informer<Node>;
}

/** A running kubelet. */
export interface Kubelet {
  /** Resolves when the pods of the node are looked after. */
  readonly started: Promise<void>;
  /** Resolves when nothing of it is under way any more, after the signal. */
  readonly stopped: Promise<void>;
  /** Every pod of the node, with the status that the kubelet sees. */
  pods(): readonly Readonly<Pod>[];
  pod(key: ObjectKey): Readonly<Pod> | undefined;
  /** What the runtime has of a pod. */
  observed(podUid: string): ObservedPod;
  /** Fails a pod that takes what it may not, or what others need: `message` says why, `disruption` what does it. */
  evict(podUid: string, message: string, disruption?: string): void;
  /** Records an event about the node. */
  tellOfNode(type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** How often remains of pods that no longer exist are looked for. */
const sweepMs = 60_000;
/** Between two looks at everything: a second where the runtime says nothing by itself. */
const relistMs = 1000;
const relistBesideEventsMs = 30_000;

/** Runs the pods of one node. */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { client, runtime, clock, random, log, signal, node, machine } = options;
  const sources = { clock, random, log, signal };
  const events = createEventRecorder({ ...sources, client, component: 'kubelet', host: node.name });
  const objects = createObjectSource({ ...sources, client });
  const pods =
    options.pods ?? createInformer(client, Pods, { ...sources, fieldSelector: `spec.nodeName=${node.name}` });
  const services = options.services ?? createInformer(client, Services, sources);
  const nodes =
    options.nodes ?? createInformer(client, Nodes, { ...sources, fieldSelector: `metadata.name=${node.name}` });

  const wake = (podUid: string) => workers.wake(podUid);
  const view = new RuntimeView({
    runtime,
    clock,
    log,
    onChange: wake,
    lastWords: (container) => machine.files.lastWords(container),
    relistMs: runtime.ends === undefined ? relistMs : relistBesideEventsMs,
  });
  const facts = nodeFacts(options);
  const read: ReadObject = (type, key) => readIfThere(client, type, key);
  const token: CsiOptions['token'] = (pod, spec) =>
    machine.token?.(pod, spec) ?? requestToken({ client, clock, random }, pod, spec);
  const csi =
    machine.csiFolder === undefined
      ? undefined
      : openCsi({
          ...sources,
          client,
          events,
          nodeName: node.name,
          folder: machine.csiFolder,
          node: () => keeper.node,
          read,
          token,
          onRegistered: () => volumes.retryMissing(),
        });
  const own = ownDrivers({
    disk: machine.disk,
    images: runtime,
    objects,
    clock,
    log,
    token,
    allocatable: facts.allocatable,
    addresses: (pod) => ({ podIps: view.observed(pod.metadata.uid ?? '').sandboxes[0]?.ips ?? [], hostIps: node.ips }),
  });
  const volumes = new PodVolumes({
    disk: machine.disk,
    drivers: csi === undefined ? own : [...own, csi.driver],
    images: runtime,
    read,
    clock,
    onChange: (podUid) => workers.get(podUid)?.retryPrepare(),
    onUse: () => keeper.look(),
  });
  const { prober, files, cgroups } = machine;
  const parts: PodParts = {
    client,
    clock,
    log,
    events,
    runtime,
    runtimeName: machine.runtimeName,
    view,
    images: new ImagePuller(runtime, clock, machine.pullRecords),
    volumes,
    files,
    cgroups,
    probes: new ProbeKeeper({ clock, runtime, prober, events, onChange: wake }),
    prober,
    objects,
    services: () => services.list(),
    node: facts,
    ...(options.askEndpointsRemoved && { askEndpointsRemoved: options.askEndpointsRemoved }),
    ...(options.isolatePod && { isolatePod: options.isolatePod }),
    over: wake,
    signal,
  };
  const keeper = new NodeKeeper({
    client,
    clock,
    log,
    events,
    runtime,
    settings: node,
    pressure: () => machine.pressure.pressure(),
    volumesInUse: () => volumes.volumesInUse(),
    stalledMs: () => (view.listedAt === 0 ? 0 : clock.monotonic() - view.listedAt - relistBesideEventsMs),
    signal,
  });
  const workers = new PodWorkers(
    parts,
    () => keeper.node,
    (pod) => machine.pressure.refuse(pod),
  );
  const unfollowNode = nodes.onChange((change) => {
    if (change.type === 'deleted') return;
    const volumesOf = (shown: Readonly<Node> | undefined) => [
      shown?.status?.volumesAttached,
      shown?.status?.volumesInUse,
    ];
    const before = volumesOf(keeper.node);
    keeper.saw(change.object);
    if (!equalJson(before, volumesOf(change.object))) volumes.retryMissing();
  });
  onAbort(signal, unfollowNode);

  const started = start();
  const lease = { client, clock, log, signal, nodeName: node.name, nodeUid: () => keeper.node?.metadata.uid };
  const stopped = Promise.all([keepNode(), keepLease(lease), look(), sweep(), csi?.run()]).then(() => workers.stop());
  return {
    started,
    stopped,
    pods: () => pods.list().map(withStatus),
    pod: (key) => {
      const found = pods.get(key);
      return found && withStatus(found);
    },
    observed: (podUid) => view.observed(podUid),
    evict: (podUid, message, disruption) => workers.get(podUid)?.evict(message, disruption),
    tellOfNode: (type, reason, message) => keeper.tell(type, reason, message),
  };

  function withStatus(pod: Readonly<Pod>): Readonly<Pod> {
    const status = workers.get(pod.metadata.uid ?? '')?.status;
    return status === undefined ? pod : { ...pod, status };
  }

  /** Nothing is begun or removed before both sides are known: what is asked for and what is there. */
  async function start(): Promise<void> {
    await Promise.all([firstList(), pods.synced(), services.synced(), nodes.synced()]);
    // Others may share the informer, and go on.
    onAbort(
      signal,
      pods.onChange((change) => workers.take(change)),
    );
  }

  async function keepNode(): Promise<void> {
    await volumes.reconstruct().catch((error) => {
      log.warn('volumes of earlier pods could not be looked for', { error: String(error) });
    });
    await keeper.run();
  }

  async function firstList(): Promise<void> {
    while (!signal.aborted) {
      try {
        return await view.relist();
      } catch (error) {
        log.warn('the runtime could not be listed', { error: String(error) });
        await clock.sleep(500, signal);
      }
    }
  }

  async function look(): Promise<void> {
    await started.catch(() => undefined);
    await view.run(signal);
  }

  async function sweep(): Promise<void> {
    await started.catch(() => undefined);
    while (!signal.aborted) {
      await workers.removeOrphans().catch((error) => {
        log.warn('remains of pods could not be looked for', { error: String(error) }); // the runtime may be starting anew
      });
      await clock.sleep(sweepMs, signal).catch(() => undefined);
    }
  }
}

async function readIfThere<T extends KubeObject>(client: Client, type: ResourceType<T>, key: ObjectKey) {
  try {
    return await client.get(type, key);
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

function nodeFacts({ node, clusterDns, machine }: KubeletOptions): NodeFacts {
  return {
    name: node.name,
    hostIps: node.ips,
    clusterDns,
    nodeDns: machine.nodeDns,
    hostsFile: machine.hostsFile,
    seccompFolder: machine.seccompFolder,
    resources: { memoryBytes: node.machine.memoryBytes, cgroupVersion: machine.cgroups.version },
    allocatable: allocatableOf(node),
  };
}
