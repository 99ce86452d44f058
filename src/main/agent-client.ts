import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { writeFileAtomically } from '../base/node/files.ts';
import { createHttpTransport, type HttpTransport } from '../client/node/http-transport.ts';
import { accessOf, kubeconfigText, readKubeconfig, withIdentity } from '../client/node/kubeconfig.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/typed-client.ts';
import { subjectOf } from './certificate-subject.ts';
import { keepRenewed } from './renewal/keep-renewed.ts';
import { orderCertificate } from './renewal/order-certificate.ts';
import { kubernetesVersion } from './version.ts';

/** A client of the API server that is closed by whoever asked for it. */
export interface AgentConnection extends AsyncDisposable {
  readonly client: Client;
  /** For what is no resource. */
  readonly transport: HttpTransport;
}

/**
 * Connects a part of an agent as the user of its own kubeconfig; `component` is how the server's log names it. The
 * certificate in the kubeconfig is renewed as long as the connection is there.
 */
export async function connectAs(
  component: string,
  file: string,
  sources: { clock: Clock; random: Random; log: Logger },
): Promise<AgentConnection> {
  const { clock } = sources;
  const kubeconfig = await readKubeconfig(file);
  if (kubeconfig === undefined) throw new Error(`Cannot start the ${component}: there is no kubeconfig at "${file}"`);
  const userAgent = `${component}/${kubernetesVersion} (linux/${process.arch})`;
  let access = await accessOf(kubeconfig);
  const transport = createHttpTransport(() => access, { clock, userAgent });
  const client = createClient(transport);
  const stop = new AbortController();
  const { cert: certificate = '', key = '' } = access;
  const renewing = keepRenewed(
    {
      name: component,
      identity: { certificate, key },
      order: () => orderCertificate(client, clientOrder(certificate), { clock, signal: stop.signal }),
      async use(identity) {
        await writeFileAtomically(file, kubeconfigText(withIdentity(kubeconfig, identity)));
        access = { ...access, cert: identity.certificate, key: identity.key };
        transport.reconnect();
      },
    },
    { ...sources, signal: stop.signal },
  );
  return {
    client,
    transport,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([transport[Symbol.asyncDispose](), renewing]);
    },
  };
}

/** The same user once more. Nodes have a signer of their own. */
function clientOrder(certificate: string) {
  const { commonName, organizations } = subjectOf(certificate);
  const signer = organizations.includes('system:nodes') ? 'kube-apiserver-client-kubelet' : 'kube-apiserver-client';
  return {
    signerName: `kubernetes.io/${signer}`,
    usages: ['digital signature', 'client auth'],
    commonName,
    organizations,
  } as const;
}
