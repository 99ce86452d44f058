import { writeFileAtomically } from '../../base/node/files.ts';
import type { Client } from '../../client/client.ts';
import type { AgentProgramConfig } from '../../local/program-config.ts';
import { identityText, type Identity } from '../../local/identity.ts';
import type { KubeletServer } from '../../kubelet/server/kubelet-server.ts';
import { keepRenewed } from './keep-renewed.ts';
import { orderCertificate } from './order-certificate.ts';

export interface Serving {
  readonly settings: Pick<AgentProgramConfig, 'node' | 'address' | 'pki'>;
  /** The node's own. */
  readonly client: Client;
  readonly server: Pick<KubeletServer, 'useIdentity'>;
  /** What the server shows at first. */
  readonly identity: Identity;
}

/** Renews the certificate that a node's kubelet shows to its callers, in its file and in the server. */
export function renewServing(
  { settings: { node, address, pki }, client, server, identity }: Serving,
  sources: Parameters<typeof keepRenewed>[1],
): Promise<void> {
  const order = {
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
    commonName: `system:node:${node}`,
    organizations: ['system:nodes'],
    dnsNames: [node],
    addresses: [address],
  } as const;
  return keepRenewed(
    {
      name: 'kubelet-serving',
      identity,
      order: () => orderCertificate(client, order, sources),
      async use(renewed) {
        await writeFileAtomically(pki.serving, identityText(renewed));
        server.useIdentity(renewed);
      },
    },
    sources,
  );
}
