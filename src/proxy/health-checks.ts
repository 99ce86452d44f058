import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { abortable } from '../base/abort.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { keyText, type ObjectKey } from '../apimachinery/object.ts';
import { BatchLoop } from './batch-loop.ts';
import { healthAnswer, healthCheckPorts } from './health-check-plan.ts';
import type { Proxy } from './proxy.ts';

export interface HealthCheckOptions {
  readonly proxy: Pick<Proxy, 'services' | 'slices' | 'started' | 'isHealthy'>;
  /** Name of this node. */
  readonly nodeName: string;
  /** Address to listen on (default: all of the node). */
  readonly host?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const gatherMs = 50;
/** When to try again to have a port that somebody else has. */
const retryMs = 10_000;
/** Load balancers ask one after the other; who keeps more connections open means no good. */
const mostConnections = 256;

/**
 * Answers load balancers outside the cluster on the `healthCheckNodePort` of each Service that has one, until the signal
 * aborts. What it answers is read when it is asked; only the ports follow the Services.
 */
export async function keepHealthChecks(options: HealthCheckOptions): Promise<void> {
  const { proxy, nodeName, host = '0.0.0.0', clock, random, log, signal } = options;
  const { services, slices } = proxy;
  await abortable(proxy.started, signal).catch(() => undefined);
  if (signal.aborted) return;
  const servers = new Map<number, Server>();
  let wanted: ReadonlyMap<number, ObjectKey> = new Map();
  let retry: Timer | undefined;
  const loop = new BatchLoop({
    clock,
    random,
    signal,
    gatherMs,
    onFailure: (error) => log.error('ports of health checks were not changed', { error: String(error) }),
    async work() {
      wanted = healthCheckPorts(services.list());
      for (const [port, server] of servers) if (!wanted.has(port)) await close(port, server);
      for (const port of wanted.keys()) if (!servers.has(port)) await open(port);
    },
  });
  const stop = services.onChange(() => loop.news());
  loop.news();
  await loop.run();
  stop();
  retry?.cancel();
  for (const [port, server] of servers) await close(port, server);

  /** A port that is taken holds nobody else up. */
  async function open(port: number): Promise<void> {
    const server = createServer((request, response) => {
      const service = wanted.get(port);
      if (service === undefined) return void request.destroy();
      const { status, headers, body } = healthAnswer(service, {
        slices: slices.byIndex('service', keyText(service)),
        nodeName,
        isHealthy: proxy.isHealthy(),
      });
      request.resume();
      response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
    });
    server.maxConnections = mostConnections;
    server.listen({ port, host, exclusive: true });
    try {
      await once(server, 'listening');
    } catch (error) {
      log.warn('health check port cannot be had', { port, error: String(error), retryMs });
      retry?.cancel();
      retry = clock.setTimer(retryMs, () => loop.news());
      return;
    }
    server.on('error', (error) => log.warn('health check failed', { port, error: error.message }));
    servers.set(port, server);
  }

  async function close(port: number, server: Server): Promise<void> {
    servers.delete(port);
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
}
