import type { Controller } from '../reconciler/controller.ts';
import { deploymentController } from './workloads/deployment/deployment-controller.ts';
import { replicaSetController } from './workloads/replicaset/replicaset-controller.ts';
import { replicationController } from './workloads/replicaset/replication-controller.ts';
import type { ResourceFacts } from '../api/resource-facts.ts';

export interface ControllerSettings {
  /** Addresses of all pods; each node gets a part of it. */
  readonly podCidr: string;
  /** PEM of the authority that the API server's certificate comes from; pods find it in `kube-root-ca.crt`. */
  readonly rootCertificate: string;
  /** What the API server serves; namespaces are emptied of it, and garbage is collected from it (default: everything recorded). */
  readonly served?: readonly ResourceFacts[];
}

/** All controllers of a cluster. */
export function allControllers(_settings: ControllerSettings): readonly Controller<any>[] {
  return [deploymentController, replicaSetController, replicationController];
}
