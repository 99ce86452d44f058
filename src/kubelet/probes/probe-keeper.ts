import type { ContainerStatus, Pod, Probe } from '../../api/core/v1/types.ts';
import type { Clock } from '../../base/clock.ts';
import type { EventRecorder } from '../../reconciler/event-recorder.ts';
import type { ObservedPod } from '../pods/observed-pod.ts';
import { containerFieldPath, containersOf, type PodContainer } from '../pods/pod-containers.ts';
import { noProbes, type ContainerHealth } from '../pods/situation.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { Prober } from './prober.ts';
import { ProbeLoop, type ProbeKind } from './probe-loop.ts';
import { askOnce } from './ask-once.ts';

export interface ProbeKeeperOptions {
  readonly clock: Clock;
  readonly runtime: Pick<ContainerRuntime, 'execSync'>;
  readonly prober: Prober;
  readonly events: EventRecorder;
  /** Called with the uid of a pod of which a probe has changed its mind. */
  readonly onChange: (podUid: string) => void;
}

interface Probed {
  readonly podUid: string;
  readonly loops: Map<ProbeKind, ProbeLoop>;
}

/** Runs the probes of all running containers of a node. */
export class ProbeKeeper {
  readonly #options: ProbeKeeperOptions;
  readonly #containers = new Map<string, Probed>();

  constructor(options: ProbeKeeperOptions) {
    this.#options = options;
  }

  /** Containers without probes are healthy as soon as they run. */
  health(containerId: string): ContainerHealth {
    const probed = this.#containers.get(containerId);
    if (probed === undefined) return noProbes;
    const { loops } = probed;
    const started = loops.get('Startup')?.verdict ?? true;
    const ready = started && (loops.get('Readiness')?.verdict ?? true);
    if (loops.get('Startup')?.hasFailed) return { started, ready, failed: 'startup' };
    return loops.get('Liveness')?.hasFailed ? { started, ready, failed: 'liveness' } : { started, ready };
  }

  /** Probes what runs of the pod and nothing else of it. A pod that ends is only asked whether it is ready. */
  update(pod: Readonly<Pod>, observed: ObservedPod, podIp: string, ending: boolean): void {
    for (const container of containersOf(pod)) {
      if (container.role === 'init' || container.role === 'ephemeral') continue;
      for (const { id, name, state, startedAt } of observed.containers) {
        if (name !== container.name) continue;
        if (state === 'running') this.#begin(pod, container, { id, startedAt, podIp }, ending);
        else this.#end(id);
      }
    }
    for (const [id, { podUid }] of this.#containers)
      if (podUid === pod.metadata.uid && !observed.containers.some((one) => one.id === id)) this.#end(id);
  }

  forget(podUid: string): void {
    for (const [id, probed] of this.#containers) if (probed.podUid === podUid) this.#end(id);
  }

  #begin(
    pod: Readonly<Pod>,
    container: PodContainer,
    running: { readonly id: string; readonly startedAt: number; readonly podIp: string },
    ending: boolean,
  ): void {
    const known = this.#containers.get(running.id);
    if (known !== undefined) {
      if (ending) for (const kind of ['Startup', 'Liveness'] as const) known.loops.get(kind)?.stop();
      return;
    }
    const { startupProbe, livenessProbe, readinessProbe } = container.spec;
    const wanted = Object.entries({ Startup: startupProbe, Liveness: livenessProbe, Readiness: readinessProbe });
    if (wanted.every(([, probe]) => probe === undefined)) return;
    const probed: Probed = { podUid: pod.metadata.uid ?? '', loops: new Map() };
    this.#containers.set(running.id, probed);
    const shown = shownStatus(pod, container.name, running.id);
    for (const [kind, probe] of wanted as [ProbeKind, Probe | undefined][]) {
      if (probe === undefined || (ending && kind !== 'Readiness')) continue;
      probed.loops.set(kind, this.#loop(kind, probe, { pod, container, probed, running, shown }));
    }
    probed.loops.get('Startup')?.start();
    if (probed.loops.get('Startup')?.verdict ?? true) this.#startOthers(probed);
  }

  #loop(
    kind: ProbeKind,
    probe: Probe,
    about: {
      readonly pod: Readonly<Pod>;
      readonly container: PodContainer;
      readonly probed: Probed;
      readonly running: { readonly id: string; readonly startedAt: number; readonly podIp: string };
      readonly shown: ContainerStatus | undefined;
    },
  ): ProbeLoop {
    const { clock, events, onChange } = this.#options;
    const { pod, container, probed, running, shown } = about;
    const initially = { Startup: shown?.started === true, Readiness: shown?.ready === true, Liveness: true }[kind];
    return new ProbeLoop({
      kind,
      probe,
      initially,
      clock,
      startedAt: running.startedAt,
      ask: () => askOnce(this.#options, probe, container, running),
      complain: (message) =>
        events.record(pod, 'Warning', 'Unhealthy', message, { fieldPath: containerFieldPath(container) }),
      onChange: () => {
        if (kind === 'Startup' && probed.loops.get(kind)?.verdict === true) this.#startOthers(probed);
        onChange(probed.podUid);
      },
    });
  }

  #startOthers({ loops }: Probed): void {
    for (const kind of ['Liveness', 'Readiness'] as const) loops.get(kind)?.start();
  }

  #end(containerId: string): void {
    const probed = this.#containers.get(containerId);
    if (probed === undefined) return;
    for (const loop of probed.loops.values()) loop.stop();
    this.#containers.delete(containerId);
  }
}

/** What the pod's status says of this very container: after a restart of the kubelet its readiness goes on. */
function shownStatus({ status = {} }: Readonly<Pod>, name: string, containerId: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = status;
  return [...containerStatuses, ...initContainerStatuses].find(
    (one) => one.name === name && one.containerID?.endsWith(`/${containerId}`),
  );
}
