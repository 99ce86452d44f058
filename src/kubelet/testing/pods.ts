import type { Container, Pod, PodSpec } from '../../api/core/v1/types.ts';
import type { ObservedContainer, ObservedPod, ObservedSandbox } from '../pods/observed-pod.ts';
import { containerHash } from '../pods/container-hash.ts';
import { runtimeAnnotations } from '../pods/runtime-labels.ts';
import { noProbes, type PodSituation } from '../pods/situation.ts';

/** A pod `web` of namespace `default` with one container `app`. */
export function makePod(spec: Partial<PodSpec> = {}, more: Partial<Pod> = {}): Pod {
  const { metadata, ...rest } = more;
  return {
    metadata: { name: 'web', namespace: 'default', uid: 'u1', generation: 1, ...metadata },
    spec: { containers: [makeContainer('app')], ...spec },
    ...rest,
  };
}

export function makeContainer(name: string, more: Partial<Container> = {}): Container {
  return { name, image: 'image:v1', ...more };
}

export function makeSandbox(more: Partial<ObservedSandbox> = {}): ObservedSandbox {
  return {
    id: 's0',
    pod: { name: 'web', namespace: 'default', uid: 'u1', attempt: 0 },
    ready: true,
    createdAt: 0,
    labels: {},
    annotations: {},
    ips: ['10.0.0.1'],
    ...more,
  };
}

/** An attempt at a container; its id is `<name>-<attempt>`. */
export function makeAttempt(name: string, more: Partial<ObservedContainer> = {}): ObservedContainer {
  const { attempt = 0 } = more;
  const hash = containerHash({ spec: makeContainer(name) });
  return {
    id: `${name}-${attempt}`,
    sandboxId: 's0',
    name,
    attempt,
    image: 'image:v1',
    imageId: 'sha256:1',
    state: 'running',
    createdAt: 0,
    startedAt: 0,
    finishedAt: 0,
    exitCode: 0,
    reason: '',
    message: '',
    logPath: '',
    mounts: [],
    labels: {},
    annotations: { [runtimeAnnotations.hash]: hash, [runtimeAnnotations.restartCount]: String(attempt) },
    ...more,
  };
}

/** An attempt that ended at `finishedAt`. */
export function ended(
  name: string,
  exitCode: number,
  finishedAt: number,
  more: Partial<ObservedContainer> = {},
): ObservedContainer {
  return makeAttempt(name, {
    state: 'exited',
    exitCode,
    finishedAt,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    ...more,
  });
}

/** Newest first, as the kubelet sees them. */
export function observe(containers: readonly ObservedContainer[], sandboxes = [makeSandbox()]): ObservedPod {
  return { sandboxes, containers: containers.toSorted((a, b) => b.attempt - a.attempt) };
}

/** A pod that is prepared, at second 100, of which nothing is under way. */
export function situation(more: Partial<PodSituation> = {}): PodSituation {
  return {
    pod: makePod(),
    observed: observe([]),
    now: 100_000,
    prepared: true,
    mayHaveSandbox: true,
    prepareAgainAt: 0,
    sandboxAgainAt: 0,
    end: undefined,
    health: () => noProbes,
    actual: () => undefined,
    resizeIsDue: false,
    backoffs: new Map(),
    failures: new Map(),
    toldBackOffs: new Map(),
    kills: new Map(),
    replaced: new Set(),
    busy: new Set(),
    ...more,
  };
}
