import type { ContainerConfig, SandboxConfig } from '../runtime/runtime.ts';

/** Where the sandboxes of a test have their cgroups and logs. */
export interface SandboxPlace {
  readonly cgroupParent: string;
  readonly logDirectory: string;
}

/** A sandbox of the pod `name` in `default`, with folders of its own below the place's. */
export function makeSandboxConfig(name: string, { cgroupParent, logDirectory }: SandboxPlace): SandboxConfig {
  return {
    pod: { name, namespace: 'default', uid: `uid-${name}`, attempt: 0 },
    hostname: name,
    logDirectory: `${logDirectory}/${name}`,
    labels: { 'io.kubernetes.pod.name': name, 'io.kubernetes.pod.uid': `uid-${name}` },
    annotations: { note: 'kept' },
    cgroupParent: `${cgroupParent}/${name}`,
    hostNetwork: false,
    hostPid: false,
    hostIpc: false,
    shareProcesses: false,
    sysctls: {},
    security: {},
  };
}

/** A container `main` of an image that the runtime has. */
export function makeContainerConfig(
  image: string,
  command: readonly string[],
  more: Partial<ContainerConfig> = {},
): ContainerConfig {
  const { attempt = 0 } = more;
  return {
    name: 'main',
    attempt,
    image,
    imageReference: image,
    command,
    env: [],
    mounts: [],
    devices: [],
    labels: { 'io.kubernetes.container.name': 'main' },
    annotations: {},
    logPath: `main/${attempt}.log`,
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: {},
    security: {
      privileged: false,
      addCapabilities: [],
      dropCapabilities: [],
      supplementalGroups: [],
      readOnlyRootFilesystem: false,
      noNewPrivileges: false,
      pidMode: 'container',
      hostNetwork: false,
      hostIpc: false,
      unmaskedProc: false,
    },
    ...more,
  };
}
