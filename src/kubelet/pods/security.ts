import type {
  AppArmorProfile,
  Capabilities,
  Pod,
  PodSecurityContext,
  SeccompProfile,
  SecurityContext,
} from '../../api/core/v1/types.ts';
import type { ContainerSecurity, Image, SandboxConfig } from '../runtime/runtime.ts';
import { ConfigurationError } from './environment.ts';
import { podText, type PodContainer } from './pod-containers.ts';

/** The groups and ids of a pod's volumes and of its pause process. */
export function sandboxSecurity({ spec }: Readonly<Pod>, seccompFolder: string): SandboxConfig['security'] {
  const context = spec.securityContext ?? {};
  const privileged = [...spec.containers, ...(spec.initContainers ?? [])].some(
    ({ securityContext }) => securityContext?.privileged === true,
  );
  return {
    ...idsOf(context, {}),
    supplementalGroups: groupsOf(context),
    privileged,
    seccomp: seccompOf(context.seccompProfile, seccompFolder),
  };
}

/**
 * What the container's processes may do, from the pod's and the container's security contexts. Throws
 * {@link ConfigurationError} when the container must not run as root and would, or may. `pidTarget`: see
 * {@link ContainerSecurity}; `seccompFolder`: where the node's own profiles lie.
 */
export function containerSecurity(
  pod: Readonly<Pod>,
  container: PodContainer,
  image: Image | undefined,
  { pidTarget, seccompFolder }: { readonly pidTarget: string | undefined; readonly seccompFolder: string },
): ContainerSecurity {
  const { spec } = pod;
  const podContext = spec.securityContext ?? {};
  const own = container.spec.securityContext ?? {};
  const ids = idsOf(podContext, own);
  refuseRoot(pod, container, ids.runAsUser, image);
  const privileged = own.privileged === true;
  const { add = [], drop = [] } = own.capabilities ?? ({} as Capabilities);
  const asName = ids.runAsUser === undefined && image?.uid === undefined ? (image?.username ?? '') : '';
  const runAsUser = ids.runAsUser ?? image?.uid ?? (asName === '' ? 0 : undefined);
  const seccomp = privileged ? 'unconfined' : seccompOf(own.seccompProfile ?? podContext.seccompProfile, seccompFolder);
  const appArmor = profileOf(own.appArmorProfile ?? podContext.appArmorProfile);
  return {
    privileged,
    addCapabilities: add,
    dropCapabilities: drop,
    ...(runAsUser !== undefined && { runAsUser }),
    ...(asName !== '' && { runAsUserName: asName }),
    ...(ids.runAsGroup !== undefined && { runAsGroup: ids.runAsGroup }),
    supplementalGroups: groupsOf(podContext),
    readOnlyRootFilesystem: own.readOnlyRootFilesystem === true,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    seccomp,
    ...(appArmor !== undefined && { appArmor }),
    ...processView(pod, pidTarget),
    hostNetwork: spec.hostNetwork === true,
    hostIpc: spec.hostIPC === true,
    unmaskedProc: own.procMount === 'Unmasked',
  };
}

/** Whose processes the container sees. A target counts only where containers do not see each other's anyway. */
function processView(
  { spec }: Readonly<Pod>,
  pidTarget: string | undefined,
): Pick<ContainerSecurity, 'pidMode' | 'pidTarget'> {
  if (spec.hostPID === true) return { pidMode: 'node' };
  if (spec.shareProcessNamespace === true) return { pidMode: 'pod' };
  return pidTarget === undefined ? { pidMode: 'container' } : { pidMode: 'target', pidTarget };
}

function idsOf(pod: PodSecurityContext, own: SecurityContext): { runAsUser?: number; runAsGroup?: number } {
  const runAsUser = own.runAsUser ?? pod.runAsUser;
  const runAsGroup = own.runAsGroup ?? pod.runAsGroup;
  return { ...(runAsUser !== undefined && { runAsUser }), ...(runAsGroup !== undefined && { runAsGroup }) };
}

function groupsOf({ supplementalGroups = [], fsGroup }: PodSecurityContext): number[] {
  return fsGroup === undefined ? [...supplementalGroups] : [...new Set([...supplementalGroups, fsGroup])];
}

/** The runtime takes the path of a profile, the pod names it below the node's folder of profiles. */
function seccompOf(profile: SeccompProfile | undefined, folder: string): string {
  if (profile?.type === 'Localhost') return `localhost/${folder}/${profile.localhostProfile ?? ''}`;
  return profileOf(profile) ?? 'unconfined';
}

function profileOf(profile: SeccompProfile | AppArmorProfile | undefined): string | undefined {
  if (profile?.type === 'RuntimeDefault') return 'runtime/default';
  if (profile?.type === 'Localhost') return `localhost/${profile.localhostProfile ?? ''}`;
  return profile?.type === 'Unconfined' ? 'unconfined' : undefined;
}

function refuseRoot(
  pod: Readonly<Pod>,
  { name, spec }: PodContainer,
  runAsUser: number | undefined,
  image: Image | undefined,
): void {
  if ((spec.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot) !== true) return;
  const whose = `(pod: "${podText(pod)}", container: ${name})`;
  if (runAsUser !== undefined) {
    if (runAsUser !== 0) return;
    throw new ConfigurationError(`container's runAsUser breaks non-root policy ${whose}`);
  }
  const byName = image?.uid === undefined && image?.username !== undefined && image.username !== '';
  if (byName)
    throw new ConfigurationError(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${whose}`,
    );
  if ((image?.uid ?? 0) === 0)
    throw new ConfigurationError(`container has runAsNonRoot and image will run as root ${whose}`);
}
