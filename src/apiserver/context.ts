import type { KubeObject, ObjectKey } from '../apimachinery/object.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { PodSecuritySettings } from './admission/pod-security/pod-security.ts';
import type { NodePortAllocator } from './resources/core/service/node-port-allocator.ts';

/** What parts of the API server share: time, chance, settings, and reads from the watch cache (committed state, frozen). */
export interface ServerContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly config: ServerConfig;
  /** The node ports that Services have. */
  readonly nodePorts: NodePortAllocator;
  lookup<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): Readonly<T> | undefined;
  /** The labels of an object, which are kept decoded once somebody has asked; none where there is no such object. */
  labelsOf(type: ResourceType, key: ObjectKey): Readonly<Record<string, string>>;
  /**
   * For whoever looks again and again: what it answers is another value after each change; `undefined`: there is no
   * such object.
   */
  stateOf(type: ResourceType, key: ObjectKey): () => unknown;
  /** Objects of one namespace, or all. Decodes: not for hot paths. */
  scan<T extends KubeObject>(type: ResourceType<T>, namespace?: string): Readonly<T>[];
  /**
   * Called with every change of a kind, in order, first with all that exists. For derived tables such as RBAC rules and
   * used addresses.
   */
  follow<T extends KubeObject>(type: ResourceType<T>, onChange: Follower<T>): void;
}

/** `revision`: of the change; a delete has one of its own. */
export type Follower<T extends KubeObject> = (
  now: Readonly<T> | undefined,
  before: Readonly<T> | undefined,
  revision: number,
) => void;

export interface ServerConfig {
  /** CIDR of Service addresses; Kubernetes' own service gets its first address. */
  readonly serviceCidr: string;
  /** Address of the `kube-dns` Service; absent: the cluster has no DNS. */
  readonly clusterDns?: string;
  /** Inclusive range of node ports. */
  readonly nodePorts: { readonly from: number; readonly to: number };
  /** How clients in pods reach the server, and the issuer of service account tokens. */
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** The usual demands on pods, and who is exempt (default: whatever namespaces demand, of everybody). */
  readonly podSecurity?: PodSecuritySettings;
  /** Whether no Service gets another external address (default: whoever writes it may name any). */
  readonly deniesExternalIps?: boolean;
  /** Where clients reach this server: `host:port`; shown in APIVersions and Endpoints of `kubernetes`. */
  readonly advertise: { readonly host: string; readonly port: number };
}
