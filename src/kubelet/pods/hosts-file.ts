import type { HostAlias } from '../../api/core/v1/types.ts';

const header = '# Kubernetes-managed hosts file.\n';
const hostNetworkHeader = '# Kubernetes-managed hosts file (host network).\n';
const usual = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

/** The `/etc/hosts` of a pod with addresses of its own. */
export function podHostsFile(
  ips: readonly string[],
  { hostname, fullName }: { readonly hostname: string; readonly fullName: string | undefined },
  aliases: readonly HostAlias[] = [],
): string {
  const names = fullName === undefined ? hostname : `${fullName}\t${hostname}`;
  const own = ips.map((ip) => `${ip}\t${names}`);
  return `${header}${[...usual, ...own].join('\n')}\n${aliasLines(aliases)}`;
}

/** The `/etc/hosts` of a pod on the node's network: the node's file and the pod's aliases. */
export function nodeHostsFile(nodeFile: string, aliases: readonly HostAlias[] = []): string {
  return `${hostNetworkHeader}${nodeFile}${aliasLines(aliases)}`;
}

function aliasLines(aliases: readonly HostAlias[]): string {
  if (aliases.length === 0) return '';
  const lines = aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}
