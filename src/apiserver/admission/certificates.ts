import type { CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { semanticEqual } from '../../apimachinery/equality.ts';
import type { Authorizer } from '../auth/auth.ts';
import { immediately } from '../auth/immediately.ts';
import { readSigningRequest } from '../auth/signing-request.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

const group = 'certificates.k8s.io';
const requests = `${group}/certificatesigningrequests`;
const clientSigner = 'kubernetes.io/kube-apiserver-client';

/** Approves and denies only who may do so for the signer of the request. */
export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    validate(request) {
      if (isFor(request, requests, 'approval')) return demandSigner(authorizer, request, 'approve');
    },
  };
}

/** Writes certificates, and says how it went, only who may sign for the signer of the request. */
export function certificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    validate(request) {
      if (!isFor(request, requests, 'status')) return;
      const { status = {} } = request.object as CertificateSigningRequest;
      const { status: old = {} } = request.old as CertificateSigningRequest;
      if (status.certificate === old.certificate && semanticEqual(status.conditions ?? [], old.conditions ?? []))
        return;
      return demandSigner(authorizer, request, 'sign');
    },
  };
}

/** Nobody gets a certificate that makes him a superuser, whoever approves it. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(request) {
    if (!isFor(request, requests) || request.operation !== 'CREATE') return;
    const { spec } = request.object as CertificateSigningRequest;
    if (spec.signerName !== clientSigner) return;
    const { organizations } = readSigningRequest(Buffer.from(spec.request, 'base64').toString('latin1'));
    if (organizations.includes('system:masters'))
      throw notAdmitted(request, `use of ${clientSigner} signer with system:masters group is not allowed`);
  },
};

function demandSigner(
  authorizer: Authorizer,
  request: AdmissionRequest,
  verb: 'approve' | 'sign',
): void | Promise<void> {
  const { signerName } = (request.old as CertificateSigningRequest).spec;
  return immediately(authorizer, (now) => {
    const may = (name: string) =>
      now.authorize({ user: request.user, verb, group, version: '*', resource: 'signers', name }).allowed;
    if (may(signerName) || may(`${signerName.split('/')[0]}/*`)) return;
    throw notAdmitted(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`);
  });
}
