import type { Pod } from '../../api/core/v1/types.ts';
import type { ContainerDetail } from '../runtime/runtime.ts';

/** The files that the kubelet keeps for a pod beside its volumes: logs, `/etc/hosts`, termination messages. */
export interface PodFiles {
  /** Where the runtime writes the logs of the pod's containers. */
  logDirectory(pod: Readonly<Pod>): string;
  /** Makes the folder of the container's logs and an empty file for its termination message; answers the file's path. */
  prepareContainer(pod: Readonly<Pod>, container: string, attempt: number): Promise<string | undefined>;
  /** Writes the pod's hosts file; answers its path. */
  writeHosts(pod: Readonly<Pod>, content: string): Promise<string | undefined>;
  /** The termination message of a container that has ended; empty if it left none. */
  lastWords(container: ContainerDetail): Promise<string>;
  /** How long the logs of all attempts at a container are together. */
  logBytes(pod: Readonly<Pod>, container: string): Promise<number>;
  /** Removes what is kept of one attempt at a container. */
  removeAttempt(pod: Readonly<Pod>, container: string, attempt: number): Promise<void>;
  /** Removes all that is kept of a pod but its volumes. */
  remove(podUid: string): Promise<void>;
  /** Pods of which something is kept. */
  podUids(): Promise<readonly string[]>;
}

/** Keeps nothing: for pods without processes. */
export const noPodFiles: PodFiles = {
  logDirectory: ({ metadata }) => `/var/log/pods/${metadata.namespace}_${metadata.name}_${metadata.uid}`,
  prepareContainer: async () => undefined,
  writeHosts: async () => undefined,
  lastWords: async () => '',
  logBytes: async () => 0,
  removeAttempt: async () => undefined,
  remove: async () => undefined,
  podUids: async () => [],
};
