import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../../../../api/core/v1/types.ts';
import { userId } from '../../../../apimachinery/names.ts';
import { duplicate, invalid, notSupported, required, tooLong } from '../../../../apimachinery/validation.ts';
import { complain, type Errors } from '../../checks.ts';
import { checkRelativePath } from './paths.ts';
import { checkWindowsOptions } from './windows-options.ts';

const procMounts = ['Default', 'Unmasked'];

/** The security context of one container. */
export function checkSecurityContext(
  errors: Errors,
  context: SecurityContext,
  hostUsers: boolean,
  field: string,
): void {
  const { runAsUser, runAsGroup, procMount, seccompProfile, capabilities } = context;
  if (runAsUser !== undefined) complain(errors, `${field}.runAsUser`, runAsUser, userId(runAsUser));
  if (runAsGroup !== undefined) complain(errors, `${field}.runAsGroup`, runAsGroup, userId(runAsGroup));
  if (procMount !== undefined) {
    if (!procMounts.includes(procMount)) errors.push(notSupported(`${field}.procMount`, procMount, procMounts));
    if (hostUsers && procMount === 'Unmasked')
      errors.push(invalid(`${field}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
  }
  if (seccompProfile !== undefined) checkSeccomp(errors, seccompProfile, `${field}.seccompProfile`);
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true)
      errors.push(invalid(field, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (capabilities?.add?.includes('CAP_SYS_ADMIN') === true)
      errors.push(
        invalid(field, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'),
      );
  }
  if (context.windowsOptions !== undefined)
    checkWindowsOptions(errors, context.windowsOptions, `${field}.windowsOptions`);
  if (context.appArmorProfile !== undefined) checkAppArmor(errors, context.appArmorProfile, `${field}.appArmorProfile`);
}

const groupChangePolicies = ['Always', 'OnRootMismatch'];
const supplementalPolicies = ['Merge', 'Strict'];
/** `MountOption` is a feature that is off in Kubernetes 1.36. */
const labelChangePolicies = ['Recursive'];

/** The security context of the pod. */
export function checkPodSecurityContext(
  errors: Errors,
  context: PodSecurityContext,
  spec: PodSpec,
  field: string,
): void {
  const { fsGroup, runAsUser, runAsGroup, supplementalGroups, sysctls, fsGroupChangePolicy, seccompProfile } = context;
  if (fsGroup !== undefined) complain(errors, `${field}.fsGroup`, fsGroup, userId(fsGroup));
  if (runAsUser !== undefined) complain(errors, `${field}.runAsUser`, runAsUser, userId(runAsUser));
  if (runAsGroup !== undefined) complain(errors, `${field}.runAsGroup`, runAsGroup, userId(runAsGroup));
  supplementalGroups?.forEach((group, i) =>
    complain(errors, `${field}.supplementalGroups[${i}]`, group, userId(group)),
  );
  // The next one is a field of the spec, but has always been reported here.
  if (spec.shareProcessNamespace === true && spec.hostPID === true)
    errors.push(
      invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    );
  if (sysctls !== undefined) checkSysctls(errors, sysctls, spec, `${field}.sysctls`);
  if (fsGroupChangePolicy !== undefined && !groupChangePolicies.includes(fsGroupChangePolicy))
    errors.push(notSupported(`${field}.fsGroupChangePolicy`, fsGroupChangePolicy, groupChangePolicies));
  if (seccompProfile !== undefined) checkSeccomp(errors, seccompProfile, `${field}.seccompProfile`);
  if (context.windowsOptions !== undefined)
    checkWindowsOptions(errors, context.windowsOptions, `${field}.windowsOptions`);
  if (context.appArmorProfile !== undefined) checkAppArmor(errors, context.appArmorProfile, `${field}.appArmorProfile`);
  const { supplementalGroupsPolicy, seLinuxChangePolicy } = context;
  if (supplementalGroupsPolicy !== undefined && !supplementalPolicies.includes(supplementalGroupsPolicy))
    errors.push(notSupported(`${field}.supplementalGroupsPolicy`, supplementalGroupsPolicy, supplementalPolicies));
  if (seLinuxChangePolicy !== undefined && !labelChangePolicies.includes(seLinuxChangePolicy))
    errors.push(notSupported(`${field}.seLinuxChangePolicy`, seLinuxChangePolicy, labelChangePolicies));
}

const sysctlPattern = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctlName = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const ipcSysctls = new Set(['kernel.sem', 'kernel.shmall', 'kernel.shmmax', 'kernel.shmmni', 'kernel.shm_rmid_forced']);

function checkSysctls(
  errors: Errors,
  sysctls: NonNullable<PodSecurityContext['sysctls']>,
  { hostNetwork, hostIPC }: PodSpec,
  field: string,
): void {
  const seen = new Set<string>();
  sysctls.forEach(({ name }, i) => {
    const at = `${field}[${i}].name`;
    if (!name) errors.push(required(at));
    else if (name.length > 253 || !sysctlName.test(name))
      errors.push(invalid(at, name, `must have at most 253 characters and match regex ${sysctlPattern}`));
    else if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    const dotted = name?.replaceAll('/', '.') ?? '';
    if (hostNetwork === true && dotted.startsWith('net.'))
      errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    else if (
      hostIPC === true &&
      (ipcSysctls.has(dotted) || dotted.startsWith('kernel.msg') || dotted.startsWith('fs.mqueue.'))
    )
      errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"));
  });
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function checkSeccomp(errors: Errors, profile: SeccompProfile, field: string): void {
  const { type, localhostProfile } = profile;
  if (!type) errors.push(required(`${field}.type`, 'type is required when seccompProfile is set'));
  else if (!profileTypes.includes(type)) errors.push(notSupported(`${field}.type`, type, profileTypes));
  if (type === 'Localhost') {
    if (localhostProfile === undefined)
      errors.push(required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost'));
    else checkRelativePath(errors, localhostProfile, `${field}.localhostProfile`);
  } else if (localhostProfile !== undefined)
    errors.push(invalid(`${field}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost'));
}

function checkAppArmor(errors: Errors, { type, localhostProfile }: AppArmorProfile, field: string): void {
  const missing = 'must be set when AppArmor type is Localhost';
  switch (type) {
    case 'Localhost':
      if (localhostProfile === undefined) errors.push(required(`${field}.localhostProfile`, missing));
      else {
        if (localhostProfile.trim() !== localhostProfile)
          errors.push(invalid(`${field}.localhostProfile`, localhostProfile, 'must not be padded with whitespace'));
        else if (localhostProfile === '') errors.push(required(`${field}.localhostProfile`, missing));
        if (localhostProfile.length > 4095) errors.push(tooLong(`${field}.localhostProfile`, 4095));
      }
      break;
    case 'RuntimeDefault':
    case 'Unconfined':
      if (localhostProfile !== undefined)
        errors.push(
          invalid(`${field}.localhostProfile`, localhostProfile, 'can only be set when AppArmor type is Localhost'),
        );
      break;
    default:
      if (!type) errors.push(required(`${field}.type`, 'type is required when appArmorProfile is set'));
      else errors.push(notSupported(`${field}.type`, type, profileTypes));
  }
}
