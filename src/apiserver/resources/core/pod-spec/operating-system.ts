import type { PodSpec } from '../../../../api/core/v1/types.ts';
import { forbidden, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { visitContainers } from './visit.ts';

const systems = ['linux', 'windows'];

/** Fields that mean something on one system only are refused for the other. */
export function checkOperatingSystem(errors: Errors, spec: PodSpec, path: string): void {
  if (spec.os === undefined) return;
  const { name } = spec.os;
  if (!name) errors.push(required(`${path}.os.name`));
  else if (!systems.includes(name)) errors.push(notSupported(`${path}.os`, name, systems));
  else if (name === 'linux') checkLinux(errors, spec, path);
  else checkWindows(errors, spec, path);
}

function checkLinux(errors: Errors, spec: PodSpec, path: string): void {
  const problem = 'windows options cannot be set for a linux pod';
  if (spec.securityContext?.windowsOptions !== undefined)
    errors.push(forbidden(`${path}.securityContext.windowsOptions`, problem));
  visitContainers(spec, path, ({ securityContext }, field) => {
    if (securityContext?.windowsOptions !== undefined)
      errors.push(forbidden(`${field}.securityContext.windowsOptions`, problem));
  });
}

const linuxOnlyInContainers = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

function checkWindows(errors: Errors, spec: PodSpec, path: string): void {
  const problem = 'cannot be set for a windows pod';
  const context = spec.securityContext ?? {};
  const refuse = (isSet: boolean, field: string) => {
    if (isSet) errors.push(forbidden(`${path}.${field}`, problem));
  };
  refuse(context.appArmorProfile !== undefined, 'securityContext.appArmorProfile');
  refuse(context.seLinuxOptions !== undefined, 'securityContext.seLinuxOptions');
  refuse(spec.hostUsers !== undefined, 'hostUsers');
  refuse(spec.hostPID === true, 'hostPID');
  refuse(spec.hostIPC === true, 'hostIPC');
  refuse(context.seccompProfile !== undefined, 'securityContext.seccompProfile');
  refuse(context.fsGroup !== undefined, 'securityContext.fsGroup');
  refuse(context.fsGroupChangePolicy !== undefined, 'securityContext.fsGroupChangePolicy');
  refuse((context.sysctls?.length ?? 0) > 0, 'securityContext.sysctls');
  refuse(spec.shareProcessNamespace !== undefined, 'shareProcessNamespace');
  refuse(context.runAsUser !== undefined, 'securityContext.runAsUser');
  refuse(context.runAsGroup !== undefined, 'securityContext.runAsGroup');
  refuse(context.supplementalGroups !== undefined, 'securityContext.supplementalGroups');
  refuse(context.supplementalGroupsPolicy !== undefined, 'securityContext.supplementalGroupsPolicy');
  refuse(context.seLinuxChangePolicy !== undefined, 'securityContext.seLinuxChangePolicy');
  visitContainers(spec, path, ({ securityContext }, field) => {
    for (const name of linuxOnlyInContainers)
      if (securityContext?.[name] !== undefined) errors.push(forbidden(`${field}.securityContext.${name}`, problem));
  });
}

/** Windows' containers in the host's own namespace: all of a pod or none, and then on the host's network. */
export function checkHostProcesses(errors: Errors, spec: PodSpec, path: string): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  visitContainers(spec, path, ({ securityContext }, field) => {
    containers++;
    const own = securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own)
      errors.push(
        invalid(
          `${field}.securityContext.windowsOptions.hostProcess`,
          own,
          `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
        ),
      );
    if (own ?? ofPod) hostProcesses++;
  });
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers)
    errors.push(
      invalid(
        path,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    );
  if (spec.hostNetwork !== true)
    errors.push(
      invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    );
}
