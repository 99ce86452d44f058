import type { Method } from './connection.ts';
import type { MessageName } from './messages.ts';

function runtime<Request extends MessageName, Response extends MessageName>(
  name: string,
  request: Request,
  response: Response,
): Method<Request, Response> {
  return { service: 'runtime.v1.RuntimeService', name, request, response };
}

function image<Request extends MessageName, Response extends MessageName>(
  name: string,
  request: Request,
  response: Response,
): Method<Request, Response> {
  return { service: 'runtime.v1.ImageService', name, request, response };
}

/** The methods of CRI that Kubeling calls. */
export const methods = {
  version: runtime('Version', 'VersionRequest', 'VersionResponse'),
  status: runtime('Status', 'StatusRequest', 'StatusResponse'),
  updateRuntimeConfig: runtime('UpdateRuntimeConfig', 'UpdateRuntimeConfigRequest', 'Empty'),
  runPodSandbox: runtime('RunPodSandbox', 'RunPodSandboxRequest', 'RunPodSandboxResponse'),
  stopPodSandbox: runtime('StopPodSandbox', 'PodSandboxRequest', 'Empty'),
  removePodSandbox: runtime('RemovePodSandbox', 'PodSandboxRequest', 'Empty'),
  podSandboxStatus: runtime('PodSandboxStatus', 'PodSandboxRequest', 'PodSandboxStatusResponse'),
  listPodSandbox: runtime('ListPodSandbox', 'Empty', 'ListPodSandboxResponse'),
  createContainer: runtime('CreateContainer', 'CreateContainerRequest', 'CreateContainerResponse'),
  startContainer: runtime('StartContainer', 'ContainerRequest', 'Empty'),
  stopContainer: runtime('StopContainer', 'StopContainerRequest', 'Empty'),
  removeContainer: runtime('RemoveContainer', 'ContainerRequest', 'Empty'),
  listContainers: runtime('ListContainers', 'ListContainersRequest', 'ListContainersResponse'),
  containerStatus: runtime('ContainerStatus', 'ContainerRequest', 'ContainerStatusResponse'),
  updateContainerResources: runtime('UpdateContainerResources', 'UpdateContainerResourcesRequest', 'Empty'),
  reopenContainerLog: runtime('ReopenContainerLog', 'ContainerRequest', 'Empty'),
  execSync: runtime('ExecSync', 'ExecSyncRequest', 'ExecSyncResponse'),
  exec: runtime('Exec', 'ExecRequest', 'StreamingResponse'),
  attach: runtime('Attach', 'AttachRequest', 'StreamingResponse'),
  portForward: runtime('PortForward', 'PortForwardRequest', 'StreamingResponse'),
  listContainerStats: runtime('ListContainerStats', 'Empty', 'ListContainerStatsResponse'),
  listImages: image('ListImages', 'Empty', 'ListImagesResponse'),
  imageStatus: image('ImageStatus', 'ImageRequest', 'ImageStatusResponse'),
  pullImage: image('PullImage', 'PullImageRequest', 'PullImageResponse'),
  removeImage: image('RemoveImage', 'ImageRequest', 'Empty'),
  imageFsInfo: image('ImageFsInfo', 'Empty', 'ImageFsInfoResponse'),
};

/** containerd's own stream of what happens to tasks, the processes of containers and sandboxes. */
export const subscribe: Method<'SubscribeRequest', 'Envelope'> = {
  service: 'containerd.services.events.v1.Events',
  name: 'Subscribe',
  request: 'SubscribeRequest',
  response: 'Envelope',
};

const kubernetes = 'k8s.io';

function snapshots<Request extends MessageName, Response extends MessageName>(
  name: string,
  request: Request,
  response: Response,
): Method<Request, Response> {
  return { service: 'containerd.services.snapshots.v1.Snapshots', name, request, response, namespace: kubernetes };
}

/** containerd's own: what images hold, and their unpacked layers. */
export const containerdMethods = {
  readContent: {
    service: 'containerd.services.content.v1.Content',
    name: 'Read',
    request: 'ReadContentRequest',
    response: 'ReadContentResponse',
    namespace: kubernetes,
  } satisfies Method<'ReadContentRequest', 'ReadContentResponse'>,
  viewSnapshot: snapshots('View', 'ViewSnapshotRequest', 'ViewSnapshotResponse'),
  removeSnapshot: snapshots('Remove', 'RemoveSnapshotRequest', 'Empty'),
  listSnapshots: snapshots('List', 'ListSnapshotsRequest', 'ListSnapshotsResponse'),
};
