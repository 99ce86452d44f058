import type { Controller } from '../reconciler/controller.ts';
import { horizontalPodAutoscalerController } from './autoscaler/horizontal-pod-autoscaler-controller.ts';
import { apiServiceAvailability, type AskForDiscovery } from './api-registration/availability.ts';
import { customVersions } from './api-registration/custom-versions.ts';
import { approvingController, type ConfiguredNodes } from './certificates/approver.ts';
import { bootstrapSigner } from './bootstrap/bootstrap-signer.ts';
import { tokenCleaner } from './bootstrap/token-cleaner.ts';
import type { CertificateAuthority } from './certificates/authority.ts';
import { requestCleaner } from './certificates/cleaner.ts';
import { signingController } from './certificates/signer.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation/cluster-role-aggregation.ts';
import { deviceClaimMaker } from './device-claims/claim-maker.ts';
import { deviceClaimReleaser } from './device-claims/claim-releaser.ts';
import { deviceTaintEviction } from './device-claims/device-taint-eviction.ts';
import { disruptionController } from './disruption/disruption-controller.ts';
import { staleDisruptionController } from './disruption/stale-disruption.ts';
import { endpointsController } from './endpoints/endpoints-controller.ts';
import { endpointSliceController } from './endpoints/endpointslice-controller.ts';
import { endpointSliceMirroringController } from './endpoints/mirroring-controller.ts';
import { danglingSchemas } from './flow-control/dangling-schemas.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { loadBalancerController } from './load-balancer/load-balancer-controller.ts';
import { namespaceController } from './namespace/namespace-controller.ts';
import { nodeIpamController } from './nodes/node-ipam.ts';
import { nodeLifecycleController } from './nodes/node-lifecycle.ts';
import { nodeTtlController } from './nodes/node-ttl.ts';
import { taintEvictionController } from './nodes/taint-eviction.ts';
import { podGarbageCollector } from './pod-garbage-collector/pod-garbage-collector.ts';
import { validatingPolicyStatus } from './policy-status/validating-policy-status.ts';
import { resourceQuotaController } from './resource-quota/resource-quota-controller.ts';
import { serviceCidrsController } from './service-cidrs/service-cidrs-controller.ts';
import { legacyTokenCleaner } from './service-account/legacy-token-cleaner.ts';
import { defaultServiceAccountController } from './service-account/default-service-account.ts';
import type { ServedResources } from './served-resources.ts';
import { rootCertificateController } from './service-account/root-certificate.ts';
import { serviceAccountTokenController, type IssueToken } from './service-account/token-controller.ts';
import { daemonSetController } from './workloads/daemon-set/daemon-set-controller.ts';
import { attachDetachController } from './storage/attach-detach.ts';
import { attributesClassProtectionController } from './storage/attributes-class-protection.ts';
import { claimProtectionController } from './storage/claim-protection.ts';
import { ephemeralVolumeController } from './storage/ephemeral-volumes.ts';
import { expansionController } from './storage/expansion.ts';
import { volumeBinder } from './storage/volume-binder.ts';
import { volumeProtectionController } from './storage/volume-protection.ts';
import { cronJobController } from './workloads/cron-job/cron-job-controller.ts';
import { deploymentController } from './workloads/deployment/deployment-controller.ts';
import { jobFinalizerController } from './workloads/job/finalizer-controller.ts';
import { jobController } from './workloads/job/job-controller.ts';
import { replicaSetController } from './workloads/replicaset/replicaset-controller.ts';
import { replicationController } from './workloads/replicaset/replication-controller.ts';
import { statefulSetController } from './workloads/stateful-set/stateful-set-controller.ts';
import { ttlAfterFinishedController } from './workloads/ttl-after-finished-controller.ts';

export interface ControllerSettings extends ConfiguredNodes {
  /** Prefix length of each node's part of the pods' addresses (default 24): with a /16 there can be 2^(length - 16) nodes. */
  readonly nodePrefix?: number;
  /** PEM of the authority that the API server's certificate comes from; pods find it in `kube-root-ca.crt`. */
  readonly rootCertificate: string;
  /** Addresses for Services of type LoadBalancer, as `172.29.0.200-172.29.0.250` (default: they get none). */
  readonly loadBalancerRange?: string;
  /**
   * What the API server serves: namespaces are emptied of it, and garbage is collected from it.
   */
  readonly served: ServedResources;
  /** Signs the token of a service account that a Secret is to keep. */
  readonly issueToken: IssueToken;
  /** Signs the certificates that CertificateSigningRequests ask for. */
  readonly certificates: CertificateAuthority;
  /** Asks the servers that APIServices name. */
  readonly askForDiscovery: AskForDiscovery;
}

/** All controllers of a cluster. Each call makes new ones: some remember what they saw. */
export function allControllers(settings: ControllerSettings): readonly Controller<any>[] {
  const { podCidr, nodePrefix, rootCertificate, loadBalancerRange, served, issueToken, certificates, askForDiscovery } =
    settings;
  return [
    defaultServiceAccountController,
    rootCertificateController(rootCertificate),
    serviceAccountTokenController(rootCertificate, issueToken),
    legacyTokenCleaner,
    tokenCleaner,
    bootstrapSigner,
    clusterRoleAggregationController,
    approvingController(certificates, settings),
    signingController(certificates),
    requestCleaner(certificates),
    deploymentController,
    replicaSetController,
    replicationController,
    jobController(),
    jobFinalizerController,
    ttlAfterFinishedController,
    cronJobController(),
    daemonSetController(),
    statefulSetController,
    endpointSliceController,
    endpointsController,
    endpointSliceMirroringController,
    disruptionController(served),
    staleDisruptionController,
    ...(loadBalancerRange === undefined ? [] : [loadBalancerController(loadBalancerRange)]),
    nodeIpamController(podCidr, nodePrefix),
    nodeLifecycleController(),
    nodeTtlController(),
    taintEvictionController(),
    podGarbageCollector(),
    serviceCidrsController,
    resourceQuotaController(served),
    horizontalPodAutoscalerController(served),
    volumeBinder(),
    claimProtectionController,
    volumeProtectionController,
    attributesClassProtectionController,
    ephemeralVolumeController,
    expansionController,
    attachDetachController(),
    deviceClaimMaker,
    deviceClaimReleaser,
    deviceTaintEviction(),
    apiServiceAvailability(askForDiscovery),
    customVersions,
    danglingSchemas,
    validatingPolicyStatus(served),
    namespaceController(served),
    garbageCollector(served),
  ];
}
