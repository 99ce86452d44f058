/**
 * What the kubelet needs of a container runtime: the part of CRI that it uses, in plain values. Implementations:
 * `cri/` (containerd over gRPC) and `simulated/`; both pass `describeRuntimeContract` (contract.ts).
 * Times are milliseconds since the epoch. Ids are the runtime's. Stop and remove of what is gone succeed.
 * Failures reject with `RuntimeError` (runtime-error.ts); its message is the runtime's, fit for events.
 */
export interface ContainerRuntime extends AsyncDisposable {
  version(): Promise<{ readonly name: string; readonly version: string }>;
  status(): Promise<RuntimeStatus>;
  /** Tells the runtime the node's pod network. */
  setPodCidr(cidr: string): Promise<void>;

  listSandboxes(): Promise<readonly Sandbox[]>;
  sandboxStatus(
    id: string,
  ): Promise<(Sandbox & { readonly ips: readonly string[]; readonly networkNamespace?: string }) | undefined>;
  runSandbox(config: SandboxConfig): Promise<string>;
  stopSandbox(id: string): Promise<void>;
  removeSandbox(id: string): Promise<void>;

  listContainers(): Promise<readonly ContainerSummary[]>;
  containerStatus(id: string): Promise<ContainerDetail | undefined>;
  createContainer(sandboxId: string, config: ContainerConfig, sandbox: SandboxConfig): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** SIGTERM (or the image's stop signal), then SIGKILL after `graceSeconds`. Resolves when it has stopped. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  removeContainer(id: string): Promise<void>;
  /** Ask for the log file to be opened anew after rotation. */
  reopenLog(id: string): Promise<void>;
  updateResources(id: string, resources: LinuxResources): Promise<void>;

  /**
   * Rejects with `DeadlineExceeded` after `timeoutSeconds` (0: no limit). A command that cannot start rejects with
   * `Unknown`.
   */
  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult>;
  /** Each answers a URL of the runtime's streaming server (SPDY). */
  exec(id: string, options: StreamOptions & { readonly command: readonly string[] }): Promise<string>;
  attach(id: string, options: StreamOptions): Promise<string>;
  portForward(sandboxId: string, ports: readonly number[]): Promise<string>;

  listImages(): Promise<readonly Image[]>;
  imageStatus(reference: string): Promise<Image | undefined>;
  /** Resolves to the image's id. Rejects with the registry's message. */
  pullImage(reference: string, auth?: { readonly username: string; readonly password: string }): Promise<string>;
  removeImage(reference: string): Promise<void>;
  /**
   * The folders that an image is made of, the one that covers the others first; nothing may be changed in them. They stay
   * until they are released, whatever becomes of the image. Rejects with `NotFound` where the runtime has no image of this
   * id, with `Unimplemented` where it gives no folders.
   */
  holdImage(id: string, holder: ImageHolder): Promise<readonly string[]>;
  /** Lets go of all images that volumes of a pod hold. */
  releaseImages(podUid: string): Promise<void>;
  /** The pods, by uid, whose volumes hold images. */
  imageHolders(): Promise<readonly string[]>;

  containerStats(): Promise<readonly ContainerStats[]>;
  /**
   * The ids of containers and sandboxes that have ended, where the runtime tells it; otherwise the kubelet relists. Status
   * calls show the end then, or a moment later. Some may be missing after a failure: list again. All else that happens to
   * them is the kubelet's own doing.
   */
  ends?(signal: AbortSignal): AsyncIterable<string>;
}

export interface RuntimeStatus {
  readonly runtimeReady: boolean;
  readonly networkReady: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface PodIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly attempt: number;
}

export interface SandboxConfig {
  readonly pod: PodIdentity;
  readonly hostname: string;
  readonly logDirectory: string;
  /** Absent: the runtime writes the host's resolv.conf. */
  readonly dns?: {
    readonly servers: readonly string[];
    readonly searches: readonly string[];
    readonly options: readonly string[];
  };
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly cgroupParent: string;
  readonly hostNetwork: boolean;
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
  readonly shareProcesses: boolean;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly security: {
    readonly runAsUser?: number;
    readonly runAsGroup?: number;
    readonly supplementalGroups?: readonly number[];
    readonly readOnlyRootFilesystem?: boolean;
    readonly privileged?: boolean;
    readonly seccomp?: string;
  };
  /** As a RuntimeClass names it; absent or empty: the usual one. */
  readonly runtimeHandler?: string;
}

export interface Sandbox {
  readonly id: string;
  readonly pod: PodIdentity;
  readonly ready: boolean;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ContainerConfig {
  readonly name: string;
  readonly attempt: number;
  /** Image id or reference that the runtime has. */
  readonly image: string;
  /** What the user wrote, kept for status. */
  readonly imageReference: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly Device[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Relative to the sandbox's log directory. */
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly resources: LinuxResources;
  readonly security: ContainerSecurity;
}

export interface ContainerSecurity {
  readonly privileged: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly runAsUser?: number;
  /** The image's user by name; used when there is no `runAsUser`. */
  readonly runAsUserName?: string;
  /** Only together with a user: runtimes refuse it alone. */
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  readonly readOnlyRootFilesystem: boolean;
  readonly noNewPrivileges: boolean;
  /** `runtime/default`, `unconfined` or `localhost/…`. */
  readonly seccomp?: string;
  /** The same of AppArmor; absent: what the runtime does by itself, where the machine has AppArmor. */
  readonly appArmor?: string;
  /** Whose processes are seen. */
  readonly pidMode: 'container' | 'pod' | 'node' | 'target';
  /** With `target`: the container whose processes are seen. */
  readonly pidTarget?: string;
  readonly hostNetwork: boolean;
  readonly hostIpc: boolean;
  readonly unmaskedProc: boolean;
}

/** A device of the machine as a container sees it. `permissions`: of `r`, `w`, `m`. */
export interface Device {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly permissions: string;
}

export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  /** Where `hostPath` can only be read anyway, `false` keeps its other flags: runtimes drop them with `true`. */
  readonly readOnly: boolean;
  readonly propagation: 'private' | 'host-to-container' | 'bidirectional';
}

export interface LinuxResources {
  readonly cpuShares?: number;
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly memoryLimitBytes?: number;
  readonly oomScoreAdj?: number;
  /** cgroup v2 keys such as `memory.high`. */
  readonly unified?: Readonly<Record<string, string>>;
}

export interface ContainerSummary {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  readonly imageId: string;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ContainerDetail extends ContainerSummary {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`, as the runtime says. */
  readonly reason: string;
  readonly message: string;
  readonly logPath: string;
  readonly mounts: readonly Mount[];
}

export interface ExecResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

export interface StreamOptions {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface Image {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** The image's user, if numeric, and its name otherwise. */
  readonly uid?: number;
  readonly username?: string;
  /** The runtime needs it itself. */
  readonly pinned?: boolean;
}

/** The volume of a pod that shows an image. It holds one at a time. */
export interface ImageHolder {
  readonly podUid: string;
  readonly volume: string;
}

export interface ContainerStats {
  readonly id: string;
  readonly podUid: string;
  readonly name: string;
  readonly at: number;
  readonly cpuNanoSecondsTotal: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryUsageBytes: number;
  readonly memoryRssBytes?: number;
  readonly pageFaults?: number;
  readonly majorPageFaults?: number;
  /** What the container has written into its own layer of the image. */
  readonly layer?: { readonly usedBytes: number; readonly inodesUsed: number };
}
