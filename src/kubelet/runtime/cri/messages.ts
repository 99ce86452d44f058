import { csiMessages } from '../../volumes/csi/messages.ts';

/**
 * The part of the container runtime interface (CRI, package `runtime.v1`) that Kubeling speaks, as one table: message →
 * field → number on the wire and kind. Types and codec both come from it. Names are the protocol's, in camel case.
 * Enumerations are plain integers here; their values are constants below.
 */
export const messages = {
  ...csiMessages,
  Empty: {},
  VersionRequest: { version: [1, 'string'] },
  VersionResponse: { version: [1, 'string'], runtimeName: [2, 'string'], runtimeVersion: [3, 'string'] },
  StatusRequest: { verbose: [1, 'bool'] },
  StatusResponse: { status: [1, 'RuntimeStatus'] },
  RuntimeStatus: { conditions: [1, 'RuntimeCondition', 'many'] },
  RuntimeCondition: { type: [1, 'string'], status: [2, 'bool'], reason: [3, 'string'], message: [4, 'string'] },
  UpdateRuntimeConfigRequest: { runtimeConfig: [1, 'RuntimeConfig'] },
  RuntimeConfig: { networkConfig: [1, 'NetworkConfig'] },
  NetworkConfig: { podCidr: [1, 'string'] },

  Int64Value: { value: [1, 'int64'] },
  UInt64Value: { value: [1, 'uint64'] },
  KeyValue: { key: [1, 'string'], value: [2, 'bytes'] },

  PodSandboxMetadata: { name: [1, 'string'], uid: [2, 'string'], namespace: [3, 'string'], attempt: [4, 'uint32'] },
  PodSandboxConfig: {
    metadata: [1, 'PodSandboxMetadata'],
    hostname: [2, 'string'],
    logDirectory: [3, 'string'],
    dnsConfig: [4, 'DNSConfig'],
    labels: [6, 'texts'],
    annotations: [7, 'texts'],
    linux: [8, 'LinuxPodSandboxConfig'],
  },
  DNSConfig: { servers: [1, 'string', 'many'], searches: [2, 'string', 'many'], options: [3, 'string', 'many'] },
  LinuxPodSandboxConfig: {
    cgroupParent: [1, 'string'],
    securityContext: [2, 'LinuxSandboxSecurityContext'],
    sysctls: [3, 'texts'],
  },
  LinuxSandboxSecurityContext: {
    namespaceOptions: [1, 'NamespaceOption'],
    runAsUser: [3, 'Int64Value'],
    readonlyRootfs: [4, 'bool'],
    supplementalGroups: [5, 'int64', 'many'],
    privileged: [6, 'bool'],
    runAsGroup: [8, 'Int64Value'],
    seccomp: [9, 'SecurityProfile'],
  },
  NamespaceOption: { network: [1, 'int32'], pid: [2, 'int32'], ipc: [3, 'int32'], targetId: [4, 'string'] },
  SecurityProfile: { profileType: [1, 'int32'], localhostRef: [2, 'string'] },

  RunPodSandboxRequest: { config: [1, 'PodSandboxConfig'], runtimeHandler: [2, 'string'] },
  RunPodSandboxResponse: { podSandboxId: [1, 'string'] },
  PodSandboxRequest: { podSandboxId: [1, 'string'], verbose: [2, 'bool'] },
  PodSandboxStatusResponse: { status: [1, 'PodSandboxStatus'], info: [2, 'texts'] },
  PodSandboxStatus: {
    id: [1, 'string'],
    metadata: [2, 'PodSandboxMetadata'],
    state: [3, 'int32'],
    createdAt: [4, 'int64'],
    network: [5, 'PodSandboxNetworkStatus'],
    labels: [7, 'texts'],
    annotations: [8, 'texts'],
  },
  PodSandboxNetworkStatus: { ip: [1, 'string'], additionalIps: [2, 'PodIP', 'many'] },
  PodIP: { ip: [1, 'string'] },
  ListPodSandboxResponse: { items: [1, 'PodSandbox', 'many'] },
  PodSandbox: {
    id: [1, 'string'],
    metadata: [2, 'PodSandboxMetadata'],
    state: [3, 'int32'],
    createdAt: [4, 'int64'],
    labels: [5, 'texts'],
    annotations: [6, 'texts'],
  },

  ImageSpec: { image: [1, 'string'], annotations: [2, 'texts'], userSpecifiedImage: [18, 'string'] },
  ContainerMetadata: { name: [1, 'string'], attempt: [2, 'uint32'] },
  CreateContainerRequest: {
    podSandboxId: [1, 'string'],
    config: [2, 'ContainerConfig'],
    sandboxConfig: [3, 'PodSandboxConfig'],
  },
  CreateContainerResponse: { containerId: [1, 'string'] },
  ContainerConfig: {
    metadata: [1, 'ContainerMetadata'],
    image: [2, 'ImageSpec'],
    command: [3, 'string', 'many'],
    args: [4, 'string', 'many'],
    workingDir: [5, 'string'],
    envs: [6, 'KeyValue', 'many'],
    mounts: [7, 'Mount', 'many'],
    devices: [8, 'Device', 'many'],
    labels: [9, 'texts'],
    annotations: [10, 'texts'],
    logPath: [11, 'string'],
    stdin: [12, 'bool'],
    stdinOnce: [13, 'bool'],
    tty: [14, 'bool'],
    linux: [15, 'LinuxContainerConfig'],
  },
  Mount: {
    containerPath: [1, 'string'],
    hostPath: [2, 'string'],
    readonly: [3, 'bool'],
    propagation: [5, 'int32'],
  },
  Device: { containerPath: [1, 'string'], hostPath: [2, 'string'], permissions: [3, 'string'] },
  LinuxContainerConfig: {
    resources: [1, 'LinuxContainerResources'],
    securityContext: [2, 'LinuxContainerSecurityContext'],
  },
  LinuxContainerResources: {
    cpuPeriod: [1, 'int64'],
    cpuQuota: [2, 'int64'],
    cpuShares: [3, 'int64'],
    memoryLimitInBytes: [4, 'int64'],
    oomScoreAdj: [5, 'int64'],
    unified: [9, 'texts'],
  },
  LinuxContainerSecurityContext: {
    capabilities: [1, 'Capability'],
    privileged: [2, 'bool'],
    namespaceOptions: [3, 'NamespaceOption'],
    runAsUser: [5, 'Int64Value'],
    runAsUsername: [6, 'string'],
    readonlyRootfs: [7, 'bool'],
    supplementalGroups: [8, 'int64', 'many'],
    noNewPrivs: [11, 'bool'],
    runAsGroup: [12, 'Int64Value'],
    maskedPaths: [13, 'string', 'many'],
    readonlyPaths: [14, 'string', 'many'],
    seccomp: [15, 'SecurityProfile'],
    apparmor: [16, 'SecurityProfile'],
  },
  Capability: { addCapabilities: [1, 'string', 'many'], dropCapabilities: [2, 'string', 'many'] },

  ContainerRequest: { containerId: [1, 'string'] },
  StopContainerRequest: { containerId: [1, 'string'], timeout: [2, 'int64'] },
  UpdateContainerResourcesRequest: { containerId: [1, 'string'], linux: [2, 'LinuxContainerResources'] },
  ListContainersRequest: { filter: [1, 'ContainerFilter'] },
  ContainerFilter: { id: [1, 'string'] },
  ListContainersResponse: { containers: [1, 'Container', 'many'] },
  Container: {
    id: [1, 'string'],
    podSandboxId: [2, 'string'],
    metadata: [3, 'ContainerMetadata'],
    image: [4, 'ImageSpec'],
    imageRef: [5, 'string'],
    state: [6, 'int32'],
    createdAt: [7, 'int64'],
    labels: [8, 'texts'],
    annotations: [9, 'texts'],
  },
  ContainerStatusResponse: { status: [1, 'ContainerStatus'] },
  ContainerStatus: {
    id: [1, 'string'],
    metadata: [2, 'ContainerMetadata'],
    state: [3, 'int32'],
    createdAt: [4, 'int64'],
    startedAt: [5, 'int64'],
    finishedAt: [6, 'int64'],
    exitCode: [7, 'int32'],
    image: [8, 'ImageSpec'],
    imageRef: [9, 'string'],
    reason: [10, 'string'],
    message: [11, 'string'],
    labels: [12, 'texts'],
    annotations: [13, 'texts'],
    mounts: [14, 'Mount', 'many'],
    logPath: [15, 'string'],
  },

  ExecSyncRequest: { containerId: [1, 'string'], cmd: [2, 'string', 'many'], timeout: [3, 'int64'] },
  ExecSyncResponse: { stdout: [1, 'bytes'], stderr: [2, 'bytes'], exitCode: [3, 'int32'] },
  ExecRequest: {
    containerId: [1, 'string'],
    cmd: [2, 'string', 'many'],
    tty: [3, 'bool'],
    stdin: [4, 'bool'],
    stdout: [5, 'bool'],
    stderr: [6, 'bool'],
  },
  AttachRequest: {
    containerId: [1, 'string'],
    stdin: [2, 'bool'],
    tty: [3, 'bool'],
    stdout: [4, 'bool'],
    stderr: [5, 'bool'],
  },
  PortForwardRequest: { podSandboxId: [1, 'string'], port: [2, 'int32', 'many'] },
  StreamingResponse: { url: [1, 'string'] },

  ListContainerStatsResponse: { stats: [1, 'ContainerStats', 'many'] },
  ContainerStats: {
    attributes: [1, 'ContainerAttributes'],
    cpu: [2, 'CpuUsage'],
    memory: [3, 'MemoryUsage'],
    writableLayer: [4, 'FilesystemUsage'],
  },
  ContainerAttributes: { id: [1, 'string'], metadata: [2, 'ContainerMetadata'], labels: [3, 'texts'] },
  CpuUsage: { timestamp: [1, 'int64'], usageCoreNanoSeconds: [2, 'UInt64Value'] },
  MemoryUsage: {
    timestamp: [1, 'int64'],
    workingSetBytes: [2, 'UInt64Value'],
    usageBytes: [4, 'UInt64Value'],
    rssBytes: [5, 'UInt64Value'],
    pageFaults: [6, 'UInt64Value'],
    majorPageFaults: [7, 'UInt64Value'],
  },
  FilesystemUsage: {
    timestamp: [1, 'int64'],
    fsId: [2, 'FilesystemIdentifier'],
    usedBytes: [3, 'UInt64Value'],
    inodesUsed: [4, 'UInt64Value'],
  },
  FilesystemIdentifier: { mountpoint: [1, 'string'] },

  // containerd's own events, outside CRI (containerd.services.events.v1, containerd.types, containerd.events)
  SubscribeRequest: { filters: [1, 'string', 'many'] },
  Envelope: { namespace: [2, 'string'], topic: [3, 'string'], event: [4, 'Any'] },
  Any: { typeUrl: [1, 'string'], value: [2, 'bytes'] },
  TaskDelete: { containerId: [1, 'string'], id: [5, 'string'] },

  // containerd's contents and snapshots (containerd.services.content.v1, containerd.services.snapshots.v1)
  ReadContentRequest: { digest: [1, 'string'] },
  ReadContentResponse: { offset: [1, 'int64'], data: [2, 'bytes'] },
  ViewSnapshotRequest: { snapshotter: [1, 'string'], key: [2, 'string'], parent: [3, 'string'], labels: [4, 'texts'] },
  ViewSnapshotResponse: { mounts: [1, 'SnapshotMount', 'many'] },
  SnapshotMount: { type: [1, 'string'], source: [2, 'string'], options: [4, 'string', 'many'] },
  RemoveSnapshotRequest: { snapshotter: [1, 'string'], key: [2, 'string'] },
  ListSnapshotsRequest: { snapshotter: [1, 'string'], filters: [2, 'string', 'many'] },
  ListSnapshotsResponse: { info: [1, 'SnapshotInfo', 'many'] },
  SnapshotInfo: { name: [1, 'string'], labels: [6, 'texts'] },

  ImageRequest: { image: [1, 'ImageSpec'] },
  ListImagesResponse: { images: [1, 'Image', 'many'] },
  ImageStatusResponse: { image: [1, 'Image'] },
  Image: {
    id: [1, 'string'],
    repoTags: [2, 'string', 'many'],
    repoDigests: [3, 'string', 'many'],
    size: [4, 'uint64'],
    uid: [5, 'Int64Value'],
    username: [6, 'string'],
    pinned: [8, 'bool'],
  },
  PullImageRequest: { image: [1, 'ImageSpec'], auth: [2, 'AuthConfig'], sandboxConfig: [3, 'PodSandboxConfig'] },
  AuthConfig: { username: [1, 'string'], password: [2, 'string'] },
  PullImageResponse: { imageRef: [1, 'string'] },
  ImageFsInfoResponse: { imageFilesystems: [1, 'FilesystemUsage', 'many'] },
} as const;

export const namespaceMode = { pod: 0, container: 1, node: 2, target: 3 } as const;
export const profileTypes = { runtimeDefault: 0, unconfined: 1, localhost: 2 } as const;
/** Indexes are the wire values. */
export const containerStates = ['created', 'running', 'exited', 'unknown'] as const;
export const mountPropagations = ['private', 'host-to-container', 'bidirectional'] as const;
/** Wire value of a sandbox that runs. */
export const sandboxReady = 0;

type Table = typeof messages;
export type MessageName = keyof Table;
interface Scalars {
  string: string;
  bool: boolean;
  int32: number;
  uint32: number;
  /** Above 2^53 the last digits are lost: times keep microseconds. */
  int64: number;
  uint64: number;
  bytes: Uint8Array;
  texts: Readonly<Record<string, string>>;
}

type SentValue<Kind> = Kind extends keyof Scalars ? Scalars[Kind] : Kind extends MessageName ? Sent<Kind> : never;
/** A message to encode: every field may be left out. */
export type Sent<Name extends MessageName> = {
  readonly [Field in keyof Table[Name]]?: Table[Name][Field] extends readonly [number, infer Kind, 'many']
    ? readonly SentValue<Kind>[]
    : Table[Name][Field] extends readonly [number, infer Kind]
      ? SentValue<Kind>
      : never;
};

type ReceivedValue<Kind> = Kind extends keyof Scalars
  ? Scalars[Kind]
  : Kind extends MessageName
    ? Received<Kind>
    : never;
/** A decoded message: scalars and lists are always there, a message that was not sent is null. */
export type Received<Name extends MessageName> = {
  readonly [Field in keyof Table[Name]]: Table[Name][Field] extends readonly [number, infer Kind, 'many']
    ? readonly ReceivedValue<Kind>[]
    : Table[Name][Field] extends readonly [number, infer Kind]
      ? Kind extends keyof Scalars
        ? Scalars[Kind]
        : ReceivedValue<Kind> | null
      : never;
};
