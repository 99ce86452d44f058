type Labels = Readonly<Record<string, string>>;

/** Labels in the domains of Kubernetes that an agent may set on its node. */
const agentLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.kubernetes.io/zone',
  'failure-domain.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const agentDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/** The labels that were added, changed or removed and are not the agent's to change, sorted. */
export function agentLabelsRefused(labels: Labels, old: Labels): string[] {
  const changed = [...new Set([...Object.keys(labels), ...Object.keys(old)])].filter((key) => labels[key] !== old[key]);
  return changed.filter((key) => !isAgentLabel(key)).sort();
}

/** Keys without a domain and those of others' domains are free; `node-restriction.kubernetes.io` never is. */
function isAgentLabel(key: string): boolean {
  const slash = key.indexOf('/');
  const domain = slash < 0 ? '' : key.slice(0, slash);
  if (within(domain, 'node-restriction.kubernetes.io')) return false;
  if (!within(domain, 'kubernetes.io') && !within(domain, 'k8s.io')) return true;
  return agentLabels.has(key) || agentDomains.some((allowed) => within(domain, allowed));
}

function within(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}
