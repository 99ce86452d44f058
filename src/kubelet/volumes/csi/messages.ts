/**
 * The parts of the container storage interface (CSI, package `csi.v1`) and of the registration of plugins (package
 * `pluginregistration`) that Kubeling speaks: message → field → number on the wire and kind, as in the table of CRI, which
 * takes these in.
 */
export const csiMessages = {
  PluginInfoRequest: {},
  PluginInfo: {
    type: [1, 'string'],
    name: [2, 'string'],
    endpoint: [3, 'string'],
    supportedVersions: [4, 'string', 'many'],
  },
  RegistrationStatus: { pluginRegistered: [1, 'bool'], error: [2, 'string'] },

  NodeGetInfoResponse: {
    nodeId: [1, 'string'],
    maxVolumesPerNode: [2, 'int64'],
    accessibleTopology: [3, 'VolumeTopology'],
  },
  VolumeTopology: { segments: [1, 'texts'] },
  NodeGetCapabilitiesResponse: { capabilities: [1, 'NodeServiceCapability', 'many'] },
  NodeServiceCapability: { rpc: [1, 'NodeServiceRpc'] },
  NodeServiceRpc: { type: [1, 'int32'] },

  BlockVolume: {},
  MountedVolume: { fsType: [1, 'string'], mountFlags: [2, 'string', 'many'], volumeMountGroup: [3, 'string'] },
  VolumeAccessMode: { mode: [1, 'int32'] },
  VolumeCapability: {
    block: [1, 'BlockVolume'],
    mount: [2, 'MountedVolume'],
    accessMode: [3, 'VolumeAccessMode'],
  },
  NodeStageVolumeRequest: {
    volumeId: [1, 'string'],
    publishContext: [2, 'texts'],
    stagingTargetPath: [3, 'string'],
    volumeCapability: [4, 'VolumeCapability'],
    secrets: [5, 'texts'],
    volumeContext: [6, 'texts'],
  },
  NodeUnstageVolumeRequest: { volumeId: [1, 'string'], stagingTargetPath: [2, 'string'] },
  NodePublishVolumeRequest: {
    volumeId: [1, 'string'],
    publishContext: [2, 'texts'],
    stagingTargetPath: [3, 'string'],
    targetPath: [4, 'string'],
    volumeCapability: [5, 'VolumeCapability'],
    readonly: [6, 'bool'],
    secrets: [7, 'texts'],
    volumeContext: [8, 'texts'],
  },
  NodeUnpublishVolumeRequest: { volumeId: [1, 'string'], targetPath: [2, 'string'] },
  CapacityRange: { requiredBytes: [1, 'int64'], limitBytes: [2, 'int64'] },
  NodeExpandVolumeRequest: {
    volumeId: [1, 'string'],
    volumePath: [2, 'string'],
    capacityRange: [3, 'CapacityRange'],
    stagingTargetPath: [4, 'string'],
    volumeCapability: [5, 'VolumeCapability'],
    secrets: [6, 'texts'],
  },
  NodeExpandVolumeResponse: { capacityBytes: [1, 'int64'] },
} as const;

/** Wire values of what a node's part of a driver can do. */
export const nodeCapabilities = {
  stage: 1,
  expand: 3,
  singleNodeMultiWriter: 5,
  mountGroup: 6,
} as const;
