import { SubjectAccessReviews } from '../../api/authorization/v1/types.ts';
import { CertificateSigningRequests, type CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { Nodes } from '../../api/core/v1/types.ts';
import { EndpointSlices } from '../../api/discovery/v1/types.ts';
import { ServiceCIDRs } from '../../api/networking/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { againAfter, settled, type Cluster, type ClusterReader, type Controller } from '../../reconciler/controller.ts';
import type { CertificateAuthority, RequestedIdentity } from './authority.ts';
import { isOfNode, isOwnPart, type NodePlaces } from './own-names.ts';
import { decoded, hasCondition, identity, isIssued } from './request-state.ts';
import { signers } from './signers.ts';

/** Rights come and go without a change to the request. */
const askAgainMs = 60_000;

/** A kind of request that needs nobody's look, when its sender has the right to `create` the subresource. */
interface Recognized {
  readonly signer: string;
  readonly right: string;
  readonly message: string;
  /** Whether the sender may ask for such a thing at all. */
  isFor(wanted: RequestedIdentity, username: string, places: () => NodePlaces): boolean;
}

const isSelf = ({ commonName }: RequestedIdentity, username: string): boolean => commonName === username;

/** The first two as in every cluster; the others renew what only Kubeling's own agents have. */
const recognized: readonly Recognized[] = [
  {
    signer: 'kubernetes.io/kube-apiserver-client-kubelet',
    right: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    isFor: isSelf,
  },
  {
    signer: 'kubernetes.io/kube-apiserver-client-kubelet',
    right: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    isFor: () => true,
  },
  {
    signer: 'kubernetes.io/kubelet-serving',
    right: 'selfnodeserver',
    message: 'Auto approving self kubelet serving certificate after SubjectAccessReview.',
    isFor: (wanted, username, places) => isSelf(wanted, username) && isOfNode(wanted, places()),
  },
  {
    signer: 'kubernetes.io/kube-apiserver-client',
    right: 'selfclient',
    message: 'Auto approving self client certificate after SubjectAccessReview.',
    isFor: (wanted, username) => isSelf(wanted, username) && isOwnPart(wanted),
  },
];

/** What the configuration of a cluster says of its nodes. */
export interface ConfiguredNodes {
  /** Addresses of all pods. */
  readonly podCidr: string;
  /** Each node's own address, by its name. Of a node that is not here one knows what it says itself. */
  readonly nodeAddresses?: Readonly<Record<string, string>>;
}

/** Approves what agents of nodes ask for, when they may have it without anybody's look at it. */
export function approvingController(
  authority: Pick<CertificateAuthority, 'read'>,
  { podCidr, nodeAddresses = {} }: ConfiguredNodes,
): Controller<CertificateSigningRequest> {
  const given = new Map(Object.entries(nodeAddresses));
  const placesIn = (cluster: ClusterReader): NodePlaces => ({
    nodes: cluster.list(Nodes),
    given,
    ranges: [podCidr, ...cluster.list(ServiceCIDRs).flatMap(({ spec }) => spec?.cidrs ?? [])],
    apiServer: cluster
      .withLabels(EndpointSlices, 'default', { 'kubernetes.io/service-name': 'kubernetes' })
      .flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses)),
  });
  return {
    name: 'csrapproving',
    identity,
    for: CertificateSigningRequests,
    reads: [Nodes, ServiceCIDRs, EndpointSlices],

    async reconcile(key, cluster) {
      const request = cluster.get(CertificateSigningRequests, key);
      if (request === undefined || isIssued(request) || isDecided(request)) return settled;
      const { signerName, username = '', usages = [] } = request.spec;
      const kinds = recognized.filter(({ signer }) => signer === signerName);
      if (kinds.length === 0) return settled;
      const wanted = authority.read(decoded(request.spec.request));
      if (signers[signerName]!(wanted, usages) !== undefined) return settled;
      for (const { right, message, isFor } of kinds)
        if (isFor(wanted, username, () => placesIn(cluster)) && (await isAllowed(cluster, request, right))) {
          await approve(cluster, request, message);
          return settled;
        }
      return againAfter(askAgainMs);
    },
  };
}

function isDecided(request: Readonly<CertificateSigningRequest>): boolean {
  return hasCondition(request, 'Approved') || hasCondition(request, 'Denied');
}

async function isAllowed(
  { client }: Cluster,
  { spec: { username = '', uid, groups, extra } }: Readonly<CertificateSigningRequest>,
  subresource: string,
): Promise<boolean> {
  const { status } = await client.create(SubjectAccessReviews, {
    metadata: { name: '' },
    spec: {
      user: username,
      ...(uid !== undefined && { uid }),
      ...(groups && { groups }),
      ...(extra && { extra }),
      resourceAttributes: {
        group: 'certificates.k8s.io',
        resource: 'certificatesigningrequests',
        verb: 'create',
        subresource,
        version: '*',
      },
    },
  });
  return status?.allowed === true;
}

async function approve(cluster: Cluster, request: Readonly<CertificateSigningRequest>, message: string): Promise<void> {
  const lastUpdateTime = rfc3339(cluster.clock.now());
  const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message, lastUpdateTime };
  const conditions = [...(request.status?.conditions ?? []), approved];
  const wanted = { ...request, status: { ...request.status, conditions } };
  await cluster.update(CertificateSigningRequests, wanted, { subresource: 'approval' });
}
