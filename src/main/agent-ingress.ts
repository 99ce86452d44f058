import { createAuthority } from '../apiserver/auth/certificates.ts';
import { linkedAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { reportApplied, type AppliedReports } from '../client/applied-reports.ts';
import { nginxOn, startIngress } from '../ingress/ingress.ts';
import type { AgentProgramConfig } from '../local/program-config.ts';
import { connectAs } from './agent-client.ts';

const certificateDays = 3650;

/**
 * Serves Ingresses on this node, as a user of its own. nginx runs on when it ends. A node that cannot run nginx does all
 * else, and tries again.
 */
export async function startAgentIngress(
  { node, nginxFolder, pki }: AgentProgramConfig,
  { clock, random, log }: { clock: Clock; random: Random; log: Logger },
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const { client, transport } = opened.use(await connectAs('ingress', pki.clients.ingress, { clock, random, log }));
  const stop = new AbortController();
  const sources = { clock, random, log };
  let reports: (AppliedReports & { readonly end: () => void }) | undefined;
  /** Nobody has to wait for a node that sends no request anywhere. */
  function report(isRunning: boolean): void {
    reports?.end();
    reports = undefined;
    if (!isRunning) return;
    const life = linkedAbort(stop.signal);
    const told = reportApplied({ ...sources, signal: life.signal, sender: transport, node, component: 'ingress' });
    const end = () => {
      life.abort();
      life[Symbol.dispose]();
    };
    reports = { ...told, end };
  }
  const certificate = () =>
    createAuthority({ commonName: 'Kubeling Ingress default', days: certificateDays }, { clock, random });
  const { stopped } = startIngress({
    ...sources,
    signal: stop.signal,
    client,
    nodeName: node,
    openNginx: nginxOn({ folder: nginxFolder, certificate, clock, log: log.with({ component: 'ingress' }) }),
    onRunning: report,
    onApplied: (resourceVersion) => reports?.applied(resourceVersion),
  });
  opened.defer(async () => {
    stop.abort();
    await stopped;
  });
  const resources = opened.move();
  return { [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
