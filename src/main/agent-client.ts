import type { Clock } from '../base/clock.ts';
import { createHttpTransport, type HttpTransport } from '../client/node/http-transport.ts';
import { accessOf, readKubeconfig } from '../client/node/kubeconfig.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/typed-client.ts';
import { kubernetesVersion } from './version.ts';

/** A client of the API server that is closed by whoever asked for it. */
export interface AgentConnection extends AsyncDisposable {
  readonly client: Client;
  /** For what is no resource. */
  readonly transport: HttpTransport;
}

/** Connects a part of an agent as the user of its own kubeconfig; `component` is how the server's log names it. */
export async function connectAs(component: string, file: string, clock: Clock): Promise<AgentConnection> {
  const kubeconfig = await readKubeconfig(file);
  if (kubeconfig === undefined) throw new Error(`Cannot start the ${component}: there is no kubeconfig at "${file}"`);
  const userAgent = `${component}/${kubernetesVersion} (linux/${process.arch})`;
  const transport = createHttpTransport(await accessOf(kubeconfig), { clock, userAgent });
  return { client: createClient(transport), transport, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
}
