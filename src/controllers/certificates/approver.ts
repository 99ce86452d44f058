import { SubjectAccessReviews } from '../../api/authorization/v1/types.ts';
import { CertificateSigningRequests, type CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { againAfter, settled, type Cluster, type Controller } from '../../reconciler/controller.ts';
import type { CertificateAuthority } from './authority.ts';
import { decoded, hasCondition, identity, isIssued } from './request-state.ts';
import { kubeletClientProblem } from './signers.ts';

/** Rights come and go without a change to the request. */
const askAgainMs = 60_000;

/** Approves what agents of nodes ask for, when they may have it without anybody's look at it. */
export function approvingController(
  authority: Pick<CertificateAuthority, 'read'>,
): Controller<CertificateSigningRequest> {
  return {
    name: 'csrapproving',
    identity,
    for: CertificateSigningRequests,

    async reconcile(key, cluster) {
      const request = cluster.get(CertificateSigningRequests, key);
      if (request === undefined || isIssued(request) || isDecided(request)) return settled;
      const { signerName, username, usages = [] } = request.spec;
      if (signerName !== 'kubernetes.io/kube-apiserver-client-kubelet') return settled;
      const wanted = authority.read(decoded(request.spec.request));
      if (kubeletClientProblem(wanted, usages) !== undefined) return settled;
      if (username === wanted.commonName && (await isAllowed(cluster, request, 'selfnodeclient'))) {
        const message = 'Auto approving self kubelet client certificate after SubjectAccessReview.';
        await approve(cluster, request, message);
      } else if (await isAllowed(cluster, request, 'nodeclient'))
        await approve(cluster, request, 'Auto approving kubelet client certificate after SubjectAccessReview.');
      else return againAfter(askAgainMs);
      return settled;
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
