import { AsyncQueue } from '../../../base/async-queue.ts';
import { onAbort } from '../../../base/abort.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import { RuntimeError } from '../runtime-error.ts';
import type {
  ContainerConfig,
  ContainerDetail,
  ContainerRuntime,
  ContainerStats,
  ContainerSummary,
  ExecResult,
  Image,
  ImageHolder,
  LinuxResources,
  RuntimeStatus,
  Sandbox,
  SandboxConfig,
} from '../runtime.ts';
import { AddressPool } from './address-pool.ts';
import {
  behaviourFromAnnotations,
  usualImageSupply,
  type ImageSupply,
  type SimulatedBehaviour,
  type SimulatedContainer,
} from './behaviour.ts';
import { identifierFrom } from './identifier.ts';

export interface SimulatedRuntimeOptions {
  readonly clock: Clock;
  /** Tells the ids of one runtime from those of another; the node's name. */
  readonly name: string;
  /** What a container does; by default what its pod's annotations say. */
  readonly behaviour?: (container: SimulatedContainer) => SimulatedBehaviour;
  readonly images?: (reference: string) => ImageSupply;
  /** How long the steps take, in milliseconds. The defaults are those of a real containerd. */
  readonly delays?: Partial<Delays>;
}

interface Delays {
  readonly sandbox: number;
  readonly create: number;
  readonly start: number;
  readonly teardown: number;
  readonly pull: number;
}

interface LiveSandbox {
  readonly id: string;
  readonly config: SandboxConfig;
  readonly createdAt: number;
  ready: boolean;
  address: string | undefined;
}

interface LiveContainer {
  readonly id: string;
  readonly sandbox: LiveSandbox;
  readonly config: ContainerConfig;
  readonly behaviour: SimulatedBehaviour;
  readonly createdAt: number;
  resources: LinuxResources;
  state: 'created' | 'running' | 'exited';
  startedAt: number;
  finishedAt: number;
  exitCode: number;
  reason: string;
  message: string;
  exitTimer?: Timer;
  whenExited: (() => void)[];
}

/**
 * A container runtime without containers: everything takes its time on the clock, and containers do what their
 * behaviour says. Waits for nothing but the clock, so a cluster of it takes the same course every time.
 */
export class SimulatedRuntime implements ContainerRuntime {
  readonly #options: SimulatedRuntimeOptions;
  readonly #clock: Clock;
  readonly #delays: Delays;
  readonly #sandboxes = new Map<string, LiveSandbox>();
  readonly #containers = new Map<string, LiveContainer>();
  readonly #images = new Map<string, Image>();
  readonly #imageHolders = new Set<string>();
  readonly #listeners = new Set<AsyncQueue<string>>();
  #addresses: AddressPool | undefined;
  #made = 0;

  constructor(options: SimulatedRuntimeOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#delays = { sandbox: 120, create: 40, start: 40, teardown: 100, pull: 1000, ...options.delays };
  }

  async version(): Promise<{ name: string; version: string }> {
    return { name: 'simulated', version: '1.0.0' };
  }

  async status(): Promise<RuntimeStatus> {
    if (this.#addresses !== undefined) return { runtimeReady: true, networkReady: true, reason: '', message: '' };
    return { runtimeReady: true, networkReady: false, reason: 'NetworkPluginNotReady', message: 'no pod CIDR is set' };
  }

  async setPodCidr(cidr: string): Promise<void> {
    this.#addresses ??= new AddressPool(cidr);
  }

  async listSandboxes(): Promise<Sandbox[]> {
    return [...this.#sandboxes.values()].map(sandboxView);
  }

  async sandboxStatus(id: string): Promise<(Sandbox & { ips: string[] }) | undefined> {
    const sandbox = this.#sandboxes.get(id);
    return sandbox && { ...sandboxView(sandbox), ips: sandbox.address === undefined ? [] : [sandbox.address] };
  }

  async runSandbox(config: SandboxConfig): Promise<string> {
    await this.#clock.sleep(this.#delays.sandbox);
    let address: string | undefined;
    if (!config.hostNetwork) {
      address = this.#addresses?.take();
      if (address === undefined)
        throw new RuntimeError('Unknown', 'failed to setup network for sandbox: no free address');
    }
    const id = this.#newId();
    const sandbox = { id, config, createdAt: this.#clock.now(), ready: true, address };
    this.#sandboxes.set(id, sandbox);
    return id;
  }

  async stopSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) return;
    const wasReady = sandbox.ready;
    sandbox.ready = false;
    for (const container of this.#containersIn(id)) this.#exit(container, 137, 'Error');
    if (!wasReady) return;
    await this.#clock.sleep(this.#delays.teardown);
    if (sandbox.address !== undefined) this.#addresses?.giveBack(sandbox.address);
    sandbox.address = undefined;
    this.#tellEnd(sandbox.id);
  }

  async removeSandbox(id: string): Promise<void> {
    await this.stopSandbox(id);
    for (const container of this.#containersIn(id)) await this.removeContainer(container.id);
    this.#sandboxes.delete(id);
  }

  async listContainers(): Promise<ContainerSummary[]> {
    return [...this.#containers.values()].map(containerView);
  }

  async containerStatus(id: string): Promise<ContainerDetail | undefined> {
    const container = this.#containers.get(id);
    return container && containerView(container);
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    await this.#clock.sleep(this.#delays.create);
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox?.ready) throw new RuntimeError('NotFound', `failed to find sandbox id "${sandboxId}": not found`);
    const behaviour = (this.#options.behaviour ?? behaviourFromAnnotations)({
      container: config.name,
      image: config.imageReference,
      attempt: config.attempt,
      namespace: sandbox.config.pod.namespace,
      pod: sandbox.config.pod.name,
      annotations: sandbox.config.annotations,
    });
    if (behaviour.createError !== undefined) throw new RuntimeError('Unknown', behaviour.createError);
    const container: LiveContainer = {
      id: this.#newId(),
      sandbox,
      config,
      behaviour,
      createdAt: this.#clock.now(),
      resources: config.resources,
      state: 'created',
      startedAt: 0,
      finishedAt: 0,
      exitCode: 0,
      reason: '',
      message: '',
      whenExited: [],
    };
    this.#containers.set(container.id, container);
    return container.id;
  }

  async startContainer(id: string): Promise<void> {
    await this.#clock.sleep(this.#delays.start);
    const container = this.#containers.get(id);
    if (container === undefined)
      throw new RuntimeError('NotFound', `an error occurred when try to find container "${id}": not found`);
    if (container.state !== 'created') throw new RuntimeError('Unknown', `container is in ${container.state} state`);
    const { startError, exitAfterMs, exitCode = 0, exitReason, exitMessage } = container.behaviour;
    container.startedAt = this.#clock.now();
    container.state = 'running';
    if (startError !== undefined) {
      container.startedAt = 0;
      this.#exit(container, 128, 'StartError', startError);
      throw new RuntimeError('Unknown', startError);
    }
    if (exitAfterMs === undefined) return;
    container.exitTimer = this.#clock.setTimer(exitAfterMs, () =>
      this.#exit(container, exitCode, exitReason ?? (exitCode === 0 ? 'Completed' : 'Error'), exitMessage),
    );
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    const container = this.#containers.get(id);
    if (container?.state !== 'running') return;
    const { ignoresTerm = false, stopMs = 0, stopExitCode = 0 } = container.behaviour;
    const graceMs = Math.max(0, graceSeconds) * 1000;
    const obeys = !ignoresTerm && graceMs > 0 && stopMs <= graceMs;
    const code = obeys ? stopExitCode : 137;
    const exited = new Promise<void>((resolve) => container.whenExited.push(resolve));
    const timer = this.#clock.setTimer(obeys ? stopMs : graceMs, () =>
      this.#exit(container, code, code === 0 ? 'Completed' : 'Error'),
    );
    await exited;
    timer.cancel();
  }

  async removeContainer(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (container === undefined) return;
    this.#exit(container, 137, 'Error');
    this.#containers.delete(id);
  }

  async reopenLog(): Promise<void> {}

  async updateResources(id: string, resources: LinuxResources): Promise<void> {
    await this.#clock.sleep(this.#delays.create);
    const container = this.#containers.get(id);
    if (container === undefined) throw new RuntimeError('NotFound', `container not found (${id})`);
    container.resources = resources;
  }

  /** What the containers that run may use, by their names. */
  resources(): Record<string, LinuxResources> {
    const running = [...this.#containers.values()].filter(({ state }) => state === 'running');
    return Object.fromEntries(running.map(({ config, resources }) => [config.name, resources]));
  }

  /** A healthy container answers with code 0, an unhealthy one with 1. */
  async execSync(id: string, command: readonly string[]): Promise<ExecResult> {
    const container = this.#containers.get(id);
    if (container?.state !== 'running') throw new RuntimeError('Unknown', `container not running (${id})`);
    const healthy = this.isHealthy(id);
    const text = healthy ? '' : `${command[0] ?? 'command'}: unhealthy`;
    return { stdout: new TextEncoder().encode(text), stderr: new Uint8Array(), exitCode: healthy ? 0 : 1 };
  }

  exec(): Promise<string> {
    return noStreams();
  }
  attach(): Promise<string> {
    return noStreams();
  }
  portForward(): Promise<string> {
    return noStreams();
  }

  async listImages(): Promise<Image[]> {
    return [...this.#images.values()];
  }

  async imageStatus(reference: string): Promise<Image | undefined> {
    const known = this.#images.get(reference) ?? [...this.#images.values()].find(({ id }) => id === reference);
    if (known !== undefined) return known;
    return this.#supply(reference) === 'present' ? this.#keepImage(reference) : undefined;
  }

  async pullImage(reference: string): Promise<string> {
    await this.#clock.sleep(this.#delays.pull);
    const supply = this.#supply(reference);
    if (typeof supply === 'object') throw new RuntimeError('Unknown', supply.refusal);
    return this.#keepImage(reference).id;
  }

  async removeImage(reference: string): Promise<void> {
    this.#images.delete(reference);
  }

  async holdImage(id: string, { podUid }: ImageHolder): Promise<string[]> {
    const isThere = [...this.#images.values()].some((image) => image.id === id);
    if (!isThere) throw new RuntimeError('NotFound', `image "${id}" not found`);
    this.#imageHolders.add(podUid);
    return [`/images/${id}`];
  }

  async releaseImages(podUid: string): Promise<void> {
    this.#imageHolders.delete(podUid);
  }

  async imageHolders(): Promise<string[]> {
    return [...this.#imageHolders];
  }

  async containerStats(): Promise<ContainerStats[]> {
    return [...this.#containers.values()]
      .filter((container) => container.state === 'running')
      .map((container) => ({
        id: container.id,
        podUid: container.sandbox.config.pod.uid,
        name: container.config.name,
        at: this.#clock.now(),
        cpuNanoSecondsTotal: (this.#clock.now() - container.startedAt) * (container.behaviour.milliCpu ?? 0) * 1000,
        memoryWorkingSetBytes: container.behaviour.memoryBytes ?? 0,
        memoryUsageBytes: container.behaviour.memoryBytes ?? 0,
      }));
  }

  async *ends(signal: AbortSignal): AsyncIterable<string> {
    const queue = new AsyncQueue<string>();
    this.#listeners.add(queue);
    const unlink = onAbort(signal, () => queue.close());
    try {
      yield* queue;
    } finally {
      unlink();
      this.#listeners.delete(queue);
    }
  }

  /** Whether probes of the container succeed now. */
  isHealthy(id: string): boolean {
    const container = this.#containers.get(id);
    if (container?.state !== 'running') return false;
    const { healthyAfterMs = 0, unhealthyAfterMs = Infinity } = container.behaviour;
    const age = this.#clock.now() - container.startedAt;
    return age >= healthyAfterMs && age < unhealthyAfterMs;
  }

  /** Ends a running container as if its process had ended by itself. */
  endContainer(id: string, exitCode: number, reason: string = exitCode === 0 ? 'Completed' : 'Error'): void {
    const container = this.#containers.get(id);
    if (container !== undefined) this.#exit(container, exitCode, reason);
  }

  /** Ends every stream of ends and timer. Containers stay, as those of a real runtime do. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    for (const container of this.#containers.values()) container.exitTimer?.cancel();
  }

  #exit(container: LiveContainer, exitCode: number, reason: string, message = ''): void {
    if (container.state !== 'running') return;
    container.exitTimer?.cancel();
    Object.assign(container, { state: 'exited', exitCode, reason, message, finishedAt: this.#clock.now() });
    for (const resolve of container.whenExited.splice(0)) resolve();
    this.#tellEnd(container.id);
  }

  #containersIn(sandboxId: string): LiveContainer[] {
    return [...this.#containers.values()].filter((container) => container.sandbox.id === sandboxId);
  }

  #supply(reference: string): ImageSupply {
    return (this.#options.images ?? usualImageSupply)(reference);
  }

  #keepImage(reference: string): Image {
    const id = `sha256:${identifierFrom(reference)}`;
    const image: Image = { id, tags: [reference], digests: [], sizeBytes: 10_000_000 };
    this.#images.set(reference, image);
    return image;
  }

  #newId(): string {
    return identifierFrom(`${this.#options.name}/${this.#made++}`);
  }

  #tellEnd(id: string): void {
    for (const listener of this.#listeners) listener.push(id);
  }
}

function sandboxView({ id, config, createdAt, ready }: LiveSandbox): Sandbox {
  return { id, pod: config.pod, ready, createdAt, labels: config.labels, annotations: config.annotations };
}

function containerView(container: LiveContainer): ContainerDetail {
  const { id, sandbox, config, state, createdAt, startedAt, finishedAt, exitCode, reason, message } = container;
  const { name, attempt, imageReference: image, image: imageId, labels, annotations, logPath, mounts } = config;
  const identity = { id, sandboxId: sandbox.id, name, attempt, image, imageId, labels, annotations, logPath, mounts };
  return { ...identity, state, createdAt, startedAt, finishedAt, exitCode, reason, message };
}

function noStreams(): Promise<string> {
  return Promise.reject(new Error('The simulated runtime has no processes to stream with'));
}
