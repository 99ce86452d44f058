import { createAuthority } from '../apiserver/auth/certificates.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { reportApplied } from '../client/applied-reports.ts';
import { startIngress } from '../ingress/ingress.ts';
import type { AgentProgramConfig } from '../local/program-config.ts';
import { connectAs } from './agent-client.ts';

const certificateDays = 3650;

/**
 * Serves Ingresses on this node, as a user of its own. nginx runs on when it ends. A node that cannot run nginx says so
 * in its log and does all else.
 */
export async function startAgentIngress(
  { node, nginxFolder, pki }: AgentProgramConfig,
  { clock, random, log }: { clock: Clock; random: Random; log: Logger },
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const { client, transport } = opened.use(await connectAs('ingress', pki.clients.ingress, clock));
  const stop = new AbortController();
  const sources = { clock, random, log, signal: stop.signal };
  const reports = reportApplied({ ...sources, sender: transport, node, component: 'ingress' });
  try {
    const { stopped } = await startIngress({
      ...sources,
      client,
      nodeName: node,
      folder: nginxFolder,
      certificate: () =>
        createAuthority({ commonName: 'Kubeling Ingress default', days: certificateDays }, { clock, random }),
      onApplied: (resourceVersion) => reports.applied(resourceVersion),
    });
    opened.defer(async () => {
      stop.abort();
      await stopped;
    });
  } catch (error) {
    stop.abort();
    log.error('Ingresses are not served on this node', { error });
  }
  const resources = opened.move();
  return { [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
