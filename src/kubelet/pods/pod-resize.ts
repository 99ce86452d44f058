import type { Pod, ResourceRequirements } from '../../api/core/v1/types.ts';
import { errorText } from '../../base/error-text.ts';
import { containerResources } from '../cgroups/container-resources.ts';
import { isRunning, type ObservedPod } from './observed-pod.ts';
import { containersOf, type PodContainer } from './pod-containers.ts';
import type { PodParts } from './pod-parts.ts';
import { haveSameResources, mapResources, resizeOf, withResourcesOf } from './pod-resources.ts';
import type { Verdict } from './pod-status.ts';

/** What the status says of a resize that is not done; `undefined` members: there is nothing to say. */
export interface ResizeFindings {
  readonly pending?: { readonly reason: string; readonly message: string };
  readonly inProgress?: { readonly reason?: string; readonly message?: string };
}

/**
 * The way of a pod's resources from its object to its containers ("Resize CPU and Memory Resources assigned to
 * Containers"): the node grants them where they fit, and then they are brought to what runs. What containers have is
 * known from their start or from the pod's status, so that another kubelet can go on.
 */
export class PodResize {
  readonly #parts: PodParts;
  readonly #refuse: (pod: Readonly<Pod>) => Verdict | undefined;
  /** By container id: what it was started with, or has been brought to. */
  readonly #actual = new Map<string, ResourceRequirements>();
  #granted: Readonly<Pod>;
  /** As the pod's control group has it; absent before there is one. */
  #limited: Readonly<Pod> | undefined;
  #refusal: { readonly generation: number | undefined; readonly message: string } | undefined;
  #failure: string | undefined;
  #findings: ResizeFindings = {};

  /** `refuse`: why the node cannot take the pod beside its others. */
  constructor(parts: PodParts, pod: Readonly<Pod>, refuse: (pod: Readonly<Pod>) => Verdict | undefined) {
    this.#parts = parts;
    this.#refuse = refuse;
    const shown = new Map(
      [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].map((one) => [
        one.name,
        one,
      ]),
    );
    for (const { containerID, resources } of shown.values()) {
      const id = containerID?.replace(/^[^:]*:\/\//, '');
      if (id !== undefined && id !== '' && resources !== undefined) this.#actual.set(id, resources);
    }
    this.#granted = mapResources(pod, ({ name, resources }) => shown.get(name)?.resources ?? resources);
    this.#granted = this.#grant(pod);
  }

  /** The pod with the resources that the node has granted: all but its object sees it so. */
  get granted(): Readonly<Pod> {
    return this.#granted;
  }

  /** Changes whenever the status has something else to say. */
  get findings(): ResizeFindings {
    return this.#findings;
  }

  get isDeferred(): boolean {
    return this.#refusal !== undefined;
  }

  /** The object has changed, or others on the node have. */
  want(pod: Readonly<Pod>): void {
    this.#granted = this.#grant(pod);
  }

  #grant(pod: Readonly<Pod>): Readonly<Pod> {
    if (haveSameResources(pod, this.#granted)) {
      this.#refusal = undefined;
      return pod;
    }
    const refusal = this.#refuse(pod);
    const { events } = this.#parts;
    if (refusal === undefined) {
      this.#refusal = undefined;
      this.#failure = undefined;
      events.record(pod, 'Normal', 'ResizeStarted', resizeMessage('Pod resize started', pod));
      return pod;
    }
    const message = refusal.message.replace(/^Pod was rejected: /, '');
    const { generation } = pod.metadata;
    if (this.#refusal?.generation !== generation)
      events.record(pod, 'Warning', 'ResizeDeferred', resizeMessage('Pod resize Deferred', pod, message));
    this.#refusal = { generation, message };
    return withResourcesOf(pod, this.#granted);
  }

  /** A container is about to start with the resources of `spec`. */
  started(id: string, { spec }: PodContainer): void {
    this.#actual.set(id, spec.resources ?? {});
  }

  removed(id: string): void {
    this.#actual.delete(id);
  }

  /** What a container has; `undefined`: what its spec asks for, as far as anybody knows. */
  actual(id: string): ResourceRequirements | undefined {
    return this.#actual.get(id);
  }

  /** As what runs of the pod has its resources now: its control group must leave room for that. */
  current(observed: ObservedPod): Readonly<Pod> {
    const running = new Map(observed.containers.filter(isRunning).map(({ name, id }) => [name, this.actual(id)]));
    const ofPod = this.#limited?.spec.resources;
    return mapResources(this.#granted, ({ name, resources }) => running.get(name) ?? resources, ofPod);
  }

  /** The pod's control group has been made, with the resources of `pod`. */
  limited(pod: Readonly<Pod>): void {
    this.#limited = pod;
  }

  /** Whether something has to be brought to what is granted, without a restart. */
  isDue(observed: ObservedPod): boolean {
    const isLimited = this.#limited === undefined || haveSameResources(this.#limited, this.#granted);
    return !isLimited || this.#changes(observed).some(({ resize }) => resize === 'in-place');
  }

  /** Brings containers and the pod's control group to what is granted. Rejects where the kernel does not let it. */
  async carryOut(observed: ObservedPod): Promise<void> {
    const { cgroups, runtime, node, events } = this.#parts;
    const pod = this.#granted;
    try {
      await cgroups.resize(this.current(observed), pod, async () => {
        for (const { id, container, resize } of this.#changes(observed)) {
          if (resize !== 'in-place') continue;
          await runtime.updateResources(id, containerResources(pod, container, node.resources));
          this.#actual.set(id, container.spec.resources ?? {});
        }
      });
      this.#limited = pod;
      this.#failure = undefined;
    } catch (error) {
      const message = errorText(error);
      if (this.#failure !== message)
        events.record(pod, 'Warning', 'ResizeError', resizeMessage('Pod resize error', pod, message));
      this.#failure = message;
      throw error;
    }
  }

  /** Looks how far the resize is, before the status is told. */
  look(observed: ObservedPod): void {
    const isRunningStill = this.isDue(observed) || this.#changes(observed).some(({ resize }) => resize === 'restart');
    const was = this.#findings;
    if (was.inProgress !== undefined && !isRunningStill) {
      this.#failure = undefined;
      const done = resizeMessage('Pod resize completed', this.#granted);
      this.#parts.events.record(this.#granted, 'Normal', 'ResizeCompleted', done);
    }
    const reason = this.#failure === undefined ? {} : { reason: 'Error', message: this.#failure };
    const findings: ResizeFindings = {
      ...(this.#refusal && { pending: { reason: 'Deferred', message: this.#refusal.message } }),
      ...(isRunningStill && { inProgress: reason }),
    };
    if (JSON.stringify(findings) !== JSON.stringify(was)) this.#findings = findings;
  }

  /** Containers that run with other resources than are granted. */
  #changes(observed: ObservedPod): { id: string; container: PodContainer; resize: 'in-place' | 'restart' }[] {
    if (this.#actual.size === 0) return [];
    const named = new Map(containersOf(this.#granted).map((container) => [container.name, container]));
    return observed.containers.filter(isRunning).flatMap(({ id, name }) => {
      const container = named.get(name);
      const resize = container === undefined ? 'none' : resizeOf(container, this.actual(id));
      return resize === 'none' ? [] : [{ id, container: container!, resize }];
    });
  }
}

/** What events say of a resize: the resources asked for, as JSON. */
function resizeMessage(prefix: string, { metadata, spec }: Readonly<Pod>, error?: string): string {
  const listed = (containers: Readonly<Pod>['spec']['containers'] = []) =>
    containers.map(({ name, resources = {} }) => ({ name, resources }));
  const summary = {
    ...(spec.initContainers && { initContainers: listed(spec.initContainers) }),
    containers: listed(spec.containers),
    generation: metadata.generation ?? 0,
    ...(error && { error }),
  };
  return `${prefix}: ${JSON.stringify(summary)}`;
}
