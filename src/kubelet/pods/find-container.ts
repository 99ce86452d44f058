import type { ContainerStatus, Pod, PodStatus } from '../../api/core/v1/types.ts';

/**
 * The id of the container whose log is asked for: the one that runs or ran last, or the one before it. Otherwise why there
 * is none, in the words of `kubectl logs`.
 */
export function findContainerId(
  { metadata }: Readonly<Pod>,
  status: Readonly<PodStatus>,
  container: string,
  previous: boolean,
): { readonly id: string } | { readonly refusal: string } {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status;
  const found = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    ({ name }) => name === container,
  );
  const whose = `container "${container}" in pod "${metadata.name}"`;
  if (found === undefined) return { refusal: `${whose} is not available` };
  const id = idOf(found, previous);
  if (id !== undefined) return { id: id.slice(id.indexOf('//') + 2) };
  if (previous) return { refusal: `previous terminated ${whose} not found` };
  const { waiting, terminated } = found.state ?? {};
  if (terminated !== undefined || found.lastState?.terminated !== undefined)
    return { refusal: `${whose} is terminated` };
  const why: Record<string, string> = {
    ErrImagePull: "image can't be pulled",
    ImagePullBackOff: 'trying and failing to pull image',
  };
  const reason = waiting?.reason;
  if (reason === undefined) return { refusal: `${whose} is waiting to start - no logs yet` };
  return { refusal: `${whose} is waiting to start: ${why[reason] ?? reason}` };
}

function idOf({ state = {}, lastState = {}, containerID }: ContainerStatus, previous: boolean): string | undefined {
  const last = lastState.terminated?.containerID || undefined;
  if (previous) return last;
  if (state.running !== undefined) return containerID;
  return state.terminated?.containerID || last;
}
