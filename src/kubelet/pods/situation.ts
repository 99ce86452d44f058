import type { Pod, ResourceRequirements } from '../../api/core/v1/types.ts';
import type { CrashBackoff } from './crash-backoff.ts';
import type { ObservedPod } from './observed-pod.ts';

/** All that a decision about a pod depends on. Times are milliseconds since the epoch. */
export interface PodSituation {
  readonly pod: Readonly<Pod>;
  readonly observed: ObservedPod;
  readonly now: number;
  /** Folders, cgroups and volumes are there. */
  readonly prepared: boolean;
  /** What a sandbox needs is there, and the rest surely comes. */
  readonly mayHaveSandbox: boolean;
  /** When a step that failed may be tried again. */
  readonly prepareAgainAt: number;
  readonly sandboxAgainAt: number;
  /** Set once the pod is to end. */
  readonly end: PodEnd | undefined;
  /** What the probes say of a running container. */
  readonly health: (containerId: string) => ContainerHealth;
  /** What a running container has of CPU and memory, where that is known; else it is what its spec asks for. */
  readonly actual: (containerId: string) => ResourceRequirements | undefined;
  /** Containers, or the pod's control group, are to be brought to what the pod asks for now. */
  readonly resizeIsDue: boolean;
  readonly backoffs: ReadonlyMap<string, CrashBackoff>;
  /** Starts that came to nothing, by container name; gone after a start that worked. */
  readonly failures: ReadonlyMap<string, StartFailure>;
  /** Of which ends it was told, and when, that a back-off follows; by container name. */
  readonly toldBackOffs: ReadonlyMap<string, ToldBackOff>;
  /** Containers on their way out, by id. */
  readonly kills: ReadonlyMap<string, KillProgress>;
  /** Containers that were killed to be started again, by id. */
  readonly replaced: ReadonlySet<string>;
  /** Steps under way, by {@link stepKey}. */
  readonly busy: ReadonlySet<string>;
}

/** Why a pod ends, and until when its containers may take their time. */
export interface PodEnd {
  readonly why: 'deleted' | 'completed' | 'deadline' | 'evicted' | 'rejected';
  readonly deadline: number;
}

export interface ContainerHealth {
  /** The startup probe has succeeded, or there is none. */
  readonly started: boolean;
  readonly ready: boolean;
  /** A probe that says the container must be restarted. */
  readonly failed?: 'liveness' | 'startup';
}

/** The end of a container that an event about a back-off was for. */
export interface ToldBackOff {
  readonly containerId: string;
  readonly at: number;
}

/** What the status shows as the reason for waiting. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
  readonly at: number;
  /** Not tried again before; a crash back-off holds beside it. */
  readonly retryAt: number;
  /** The attempt whose end the failure is about, where there is one. */
  readonly containerId?: string;
}

/**
 * `hook`: the preStop hook runs and the pod's endpoints are taken out; `waiting`: until its turn; `stopping`: the
 * runtime was told.
 */
export interface KillProgress {
  readonly phase: 'hook' | 'waiting' | 'stopping';
  readonly deadline: number;
}

export type PodStep =
  | { readonly do: 'prepare' }
  | { readonly do: 'resize' }
  | { readonly do: 'create-sandbox'; readonly attempt: number }
  /** `changed`: another one takes its place. */
  | { readonly do: 'stop-sandbox'; readonly id: string; readonly changed: boolean }
  | { readonly do: 'remove-sandbox'; readonly id: string }
  | { readonly do: 'start-container'; readonly name: string; readonly attempt: number; readonly backoff?: CrashBackoff }
  | { readonly do: 'announce-back-off'; readonly name: string; readonly containerId: string }
  | { readonly do: 'show-back-off'; readonly name: string; readonly containerId: string; readonly delayMs: number }
  | {
      readonly do: 'kill-container';
      readonly id: string;
      readonly name: string;
      readonly message: string;
      readonly deadline: number;
      /** It is to be started again in its place. */
      readonly replace?: true;
    }
  | { readonly do: 'stop-container'; readonly id: string; readonly name: string; readonly deadline: number }
  | { readonly do: 'remove-container'; readonly id: string };

export interface PodPlan {
  readonly steps: readonly PodStep[];
  /** When to look again though nothing has changed. */
  readonly wakeAt?: number;
  /** `completed`: every container has done its part, the pod is to end. `ended`: nothing of it runs any more. */
  readonly outcome: 'running' | 'completed' | 'ended';
}

/** Steps with the same key are not done at the same time. */
export function stepKey(step: PodStep): string {
  switch (step.do) {
    case 'prepare':
    case 'resize':
      return step.do;
    case 'create-sandbox':
      return 'sandbox';
    case 'start-container':
      return 'start';
    case 'announce-back-off':
      return `announce ${step.name}`;
    case 'show-back-off':
      return `show ${step.name}`;
    case 'stop-container':
      return `stop ${step.id} ${step.deadline}`;
    default:
      return `${step.do} ${step.id}`;
  }
}

/** Healthy for want of probes. */
export const noProbes: ContainerHealth = { started: true, ready: true };
