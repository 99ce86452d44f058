import type { ContainerConfig, ContainerSecurity, LinuxResources, Mount, SandboxConfig } from '../runtime.ts';
import { mountPropagations, namespaceMode, profileTypes, type Sent } from './messages.ts';

/** Kernel files that containers must not read (Kubernetes' default proc mount). */
const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

export function sandboxRequest(config: SandboxConfig): Sent<'PodSandboxConfig'> {
  const { security } = config;
  return {
    metadata: config.pod,
    hostname: config.hostname,
    logDirectory: config.logDirectory,
    ...(config.dns === undefined ? {} : { dnsConfig: config.dns }),
    labels: config.labels,
    annotations: config.annotations,
    linux: {
      cgroupParent: config.cgroupParent,
      sysctls: config.sysctls,
      securityContext: {
        namespaceOptions: {
          network: config.hostNetwork ? namespaceMode.node : namespaceMode.pod,
          pid: config.hostPid
            ? namespaceMode.node
            : config.shareProcesses
              ? namespaceMode.pod
              : namespaceMode.container,
          ipc: config.hostIpc ? namespaceMode.node : namespaceMode.pod,
        },
        ...identity(security),
        supplementalGroups: security.supplementalGroups ?? [],
        readonlyRootfs: security.readOnlyRootFilesystem ?? false,
        privileged: security.privileged ?? false,
        seccomp: securityProfile(security.seccomp),
      },
    },
  };
}

export function containerRequest(config: ContainerConfig): Sent<'ContainerConfig'> {
  return {
    metadata: { name: config.name, attempt: config.attempt },
    image: { image: config.image, userSpecifiedImage: config.imageReference },
    command: config.command ?? [],
    args: config.args ?? [],
    workingDir: config.workingDir ?? '',
    envs: config.env.map(({ name, value }) => ({ key: name, value: Buffer.from(value) })),
    mounts: config.mounts.map(mountRequest),
    devices: config.devices,
    labels: config.labels,
    annotations: config.annotations,
    logPath: config.logPath,
    stdin: config.stdin,
    stdinOnce: config.stdinOnce,
    tty: config.tty,
    linux: { resources: resourcesRequest(config.resources), securityContext: securityRequest(config.security) },
  };
}

export function resourcesRequest(resources: LinuxResources): Sent<'LinuxContainerResources'> {
  return {
    cpuShares: resources.cpuShares ?? 0,
    cpuQuota: resources.cpuQuota ?? 0,
    cpuPeriod: resources.cpuPeriod ?? 0,
    memoryLimitInBytes: resources.memoryLimitBytes ?? 0,
    oomScoreAdj: resources.oomScoreAdj ?? 0,
    unified: resources.unified ?? {},
  };
}

function mountRequest(mount: Mount): Sent<'Mount'> {
  return {
    containerPath: mount.containerPath,
    hostPath: mount.hostPath,
    readonly: mount.readOnly,
    propagation: mountPropagations.indexOf(mount.propagation),
  };
}

function securityRequest(security: ContainerSecurity): Sent<'LinuxContainerSecurityContext'> {
  return {
    privileged: security.privileged,
    capabilities: { addCapabilities: security.addCapabilities, dropCapabilities: security.dropCapabilities },
    namespaceOptions: {
      network: security.hostNetwork ? namespaceMode.node : namespaceMode.pod,
      pid: namespaceMode[security.pidMode],
      ipc: security.hostIpc ? namespaceMode.node : namespaceMode.pod,
      ...(security.pidTarget !== undefined && { targetId: security.pidTarget }),
    },
    ...identity(security),
    runAsUsername: security.runAsUser === undefined ? (security.runAsUserName ?? '') : '',
    supplementalGroups: security.supplementalGroups,
    readonlyRootfs: security.readOnlyRootFilesystem,
    noNewPrivs: security.noNewPrivileges,
    maskedPaths: security.unmaskedProc ? [] : maskedPaths,
    readonlyPaths: security.unmaskedProc ? [] : readonlyPaths,
    seccomp: securityProfile(security.seccomp),
    // Where the machine has no AppArmor, the runtime refuses who asks for a profile.
    ...(security.appArmor !== undefined && { apparmor: securityProfile(security.appArmor) }),
  };
}

function identity(security: { readonly runAsUser?: number; readonly runAsGroup?: number }) {
  const { runAsUser, runAsGroup } = security;
  return {
    ...(runAsUser === undefined ? {} : { runAsUser: { value: runAsUser } }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: { value: runAsGroup } }),
  };
}

function securityProfile(profile: string | undefined): Sent<'SecurityProfile'> {
  if (profile === 'runtime/default') return { profileType: profileTypes.runtimeDefault };
  if (profile?.startsWith('localhost/') === true)
    return { profileType: profileTypes.localhost, localhostRef: profile.slice('localhost/'.length) };
  return { profileType: profileTypes.unconfined };
}
