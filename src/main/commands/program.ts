import { flushCompileCache } from 'node:module';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import { createLogger } from '../../base/node/logger.ts';
import { aborted } from '../../base/abort.ts';
import type { ClusterConfig } from '../../local/cluster-config.ts';
import { takeLock } from '../../local/lock.ts';
import { clusterPaths } from '../../local/paths.ts';
import { readProgramConfig, type AgentProgramConfig, type ServerProgramConfig } from '../../local/program-config.ts';
import { clusterPrograms, otherLogs } from '../../local/programs.ts';
import { supervise } from '../../local/supervisor.ts';
import { homeOf, launcher } from './environment.ts';

/** Looks after the programs of a cluster until it is told to end; they go on without it. */
export async function supervisorCommand({ config }: { config: string }, signal: AbortSignal): Promise<void> {
  const log = createLogger();
  const cluster = await readProgramConfig<ClusterConfig>(config);
  await using lock = await takeLock(`supervisor ${config}`);
  if (lock === undefined) return log.error('Another supervisor looks after this cluster', { config });
  const home = homeOf();
  const programs = clusterPrograms(home, cluster, launcher);
  const { processes: records } = clusterPaths(home, cluster.name);
  await supervise({ programs, records, logs: otherLogs(home, cluster), clock: systemClock, log, signal });
}

/** Runs a control plane until it is told to end. */
export async function serverCommand({ config }: { config: string }, signal: AbortSignal): Promise<void> {
  const { startServer } = await import('../server.ts');
  const log = createLogger();
  const settings = await readProgramConfig<ServerProgramConfig>(config);
  await using server = await startServer(settings, { clock: systemClock, random: systemRandom, log });
  log.info('Server listens', { host: settings.host, port: server.port });
  keepCompiled();
  await aborted(signal);
}

/** Runs a node until it is told to end; its containers go on without it. */
export async function agentCommand({ config }: { config: string }, signal: AbortSignal): Promise<void> {
  const { startAgent } = await import('../agent.ts');
  const log = createLogger();
  const settings = await readProgramConfig<AgentProgramConfig>(config);
  await using agent = await startAgent(settings, { clock: systemClock, random: systemRandom, log });
  void agent;
  log.info('Agent runs', { node: settings.node });
  keepCompiled();
  await aborted(signal);
}

/**
 * Node keeps what it has stripped and compiled only when it ends well, which a program that is killed does not. The next
 * start then takes half the time, and a quarter less memory, as nothing has to be stripped.
 */
function keepCompiled(): void {
  flushCompileCache();
}
