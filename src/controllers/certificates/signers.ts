import type { RequestedIdentity } from './authority.ts';

/** What is wrong with a request, if anything. */
type Rule = (wanted: RequestedIdentity, usages: readonly string[]) => string | undefined;

/** The signers of every cluster, and what they sign. */
export const signers: Readonly<Record<string, Rule>> = {
  'kubernetes.io/kube-apiserver-client': clientProblem,
  'kubernetes.io/kube-apiserver-client-kubelet': kubeletClientProblem,
  'kubernetes.io/kubelet-serving': kubeletServingProblem,
};

/** Any client of the API server. */
function clientProblem(_wanted: RequestedIdentity, usages: readonly string[]): string | undefined {
  const odd = usages.find((usage) => !['digital signature', 'key encipherment', 'client auth'].includes(usage));
  if (odd !== undefined) return `invalid usage for client certificate: ${odd}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** The agent of a node, as a client. */
function kubeletClientProblem(wanted: RequestedIdentity, usages: readonly string[]): string | undefined {
  if (!isOfNodes(wanted)) return notOfNodes;
  if (wanted.dnsNames.length > 0) return notAllowed('DNS');
  if (wanted.emailAddresses.length > 0) return notAllowed('Email');
  if (wanted.addresses.length > 0) return notAllowed('IP');
  if (wanted.uris.length > 0) return notAllowed('URI');
  return nameProblem(wanted) ?? usagesProblem(usages, 'client auth');
}

/** The agent of a node, as a server. */
function kubeletServingProblem(wanted: RequestedIdentity, usages: readonly string[]): string | undefined {
  if (!isOfNodes(wanted)) return notOfNodes;
  if (wanted.dnsNames.length === 0 && wanted.addresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (wanted.emailAddresses.length > 0) return notAllowed('Email');
  if (wanted.uris.length > 0) return notAllowed('URI');
  return usagesProblem(usages, 'server auth') ?? nameProblem(wanted);
}

const notOfNodes = 'subject organization is not system:nodes';

function isOfNodes({ organizations }: RequestedIdentity): boolean {
  return organizations.length === 1 && organizations[0] === 'system:nodes';
}

function notAllowed(names: string): string {
  return `${names} subjectAltNames are not allowed`;
}

function nameProblem({ commonName }: RequestedIdentity): string | undefined {
  return commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:';
}

/** Keys that are not RSA do not encipher. */
function usagesProblem(usages: readonly string[], purpose: string): string | undefined {
  const wanted = ['digital signature', 'key encipherment', purpose].sort();
  const given = new Set([...usages, 'key encipherment']);
  const isAll = given.size === wanted.length && wanted.every((usage) => given.has(usage));
  return isAll ? undefined : `usages did not match [${wanted.join(' ')}]`;
}
