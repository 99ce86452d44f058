import type { Pod } from '../../api/core/v1/types.ts';
import { containerResources } from '../cgroups/container-resources.ts';
import type { ContainerConfig, Device, Image, Mount } from '../runtime/runtime.ts';
import type { Variable } from './environment.ts';
import { boundedLength, expand } from './expand.ts';
import type { PodContainer } from './pod-containers.ts';
import type { NodeFacts } from './pod-parts.ts';
import { containerAnnotations, containerLabels } from './runtime-labels.ts';
import { containerSecurity } from './security.ts';

export interface ContainerIngredients {
  readonly attempt: number;
  readonly image: Image;
  readonly variables: readonly Variable[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly Device[];
  /** On the node; absent: no such mount. */
  readonly hostsFile: string | undefined;
  readonly terminationFile: string | undefined;
  /** The running container whose processes an ephemeral one wants to see. */
  readonly pidTarget: string | undefined;
}

/**
 * The container that a pod asks for. Throws ConfigurationError when its security context forbids it, and another error where
 * its command is longer than the kernel takes.
 */
export function containerConfig(
  pod: Readonly<Pod>,
  container: PodContainer,
  node: NodeFacts,
  ingredients: ContainerIngredients,
): ContainerConfig {
  const { spec, name } = container;
  const { attempt, image, variables } = ingredients;
  const values = new Map(variables.map((variable) => [variable.name, variable.value]));
  let letters = 0;
  const expanded = (texts: readonly string[]) =>
    texts.map((text) => {
      const whole = expand(text, (key) => values.get(key));
      letters = boundedLength(letters + whole.length);
      return whole;
    });
  return {
    name,
    attempt,
    image: image.id,
    imageReference: spec.image ?? '',
    ...(spec.command !== undefined && { command: expanded(spec.command) }),
    ...(spec.args !== undefined && { args: expanded(spec.args) }),
    ...(spec.workingDir !== undefined && spec.workingDir !== '' && { workingDir: spec.workingDir }),
    env: variables,
    mounts: mountsOf(container, ingredients),
    devices: ingredients.devices,
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(pod, container, attempt),
    logPath: `${name}/${attempt}.log`,
    stdin: spec.stdin === true,
    stdinOnce: spec.stdinOnce === true,
    tty: spec.tty === true,
    resources: containerResources(pod, container, node.resources),
    security: containerSecurity(pod, container, image, { ...node, pidTarget: ingredients.pidTarget }),
  };
}

/** The volumes, and the files that every container gets unless a volume lies there. */
function mountsOf({ spec }: PodContainer, { mounts, hostsFile, terminationFile }: ContainerIngredients): Mount[] {
  const all = [...mounts];
  const add = (containerPath: string, hostPath: string | undefined) => {
    if (hostPath === undefined || mounts.some((mount) => mount.containerPath === containerPath)) return;
    all.push({ containerPath, hostPath, readOnly: false, propagation: 'private' });
  };
  add('/etc/hosts', hostsFile);
  add(spec.terminationMessagePath ?? '/dev/termination-log', terminationFile);
  return all;
}
