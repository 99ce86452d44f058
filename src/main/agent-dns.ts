import { dnsAddress } from '../apiserver/bootstrap/objects.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { startDns } from '../dns/dns.ts';
import { nameServersOf } from '../dns/forward/name-server.ts';
import { claimOwnAddress } from '../dns/server/own-address.ts';
import type { AgentProgramConfig } from '../local/program-config.ts';
import { connectAs } from './agent-client.ts';

const port = 53;

/** The cluster's DNS on a node. */
export interface AgentDns extends AsyncDisposable {
  /** What pods are to ask. */
  readonly servers: readonly string[];
}

/** Answers the pods of a node under the cluster's DNS address, and asks the machine's name servers for the rest. */
export async function startAgentDns(
  { pki, serviceCidr }: AgentProgramConfig,
  { domain, nameServers }: { readonly domain: string; readonly nameServers: readonly string[] },
  sources: { clock: Clock; random: Random; log: Logger },
): Promise<AgentDns> {
  await using opened = new AsyncDisposableStack();
  const { client } = opened.use(await connectAs('dns', pki.clients.dns, sources));
  const host = dnsAddress(serviceCidr);
  const stop = new AbortController();
  const dns = startDns({
    ...sources,
    log: sources.log.with({ component: 'dns' }),
    client,
    signal: stop.signal,
    domain,
    listen: { host, port },
    nameServers: nameServersOf(nameServers),
    claimAddress: claimOwnAddress,
  });
  opened.defer(() => {
    stop.abort();
    return dns.stopped;
  });
  const resources = opened.move();
  return { servers: [host], [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
