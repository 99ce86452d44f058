import { ingressGroup, ingressUser } from '../../../src/api/networking/ingress-user.ts';
import { IngressClasses } from '../../../src/api/networking/v1/types.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import type { Client } from '../../../src/client/client.ts';
import { startIngress, type IngressOptions } from '../../../src/ingress/ingress.ts';
import type { IngressProxy } from '../../../src/ingress/nginx/nginx-writer.ts';
import type { TestCluster } from '../../../src/main/testing.ts';

/** An nginx that runs; what it does with what it is told, a test says. */
export abstract class TestNginx implements IngressProxy {
  configurationOf = () => ({ text: '', generation: 'one' });
  refusal = () => Promise.resolve(undefined);
  isRunning = () => Promise.resolve(true);
  rotateLog = () => Promise.resolve();
  readonly tellsItsEnd = true;
  generationsDraining = () => Promise.resolve(0);
  protected ended: () => void = () => {};
  onEnd(listener: () => void): void {
    this.ended = listener;
  }
  abstract apply(...given: Parameters<IngressProxy['apply']>): Promise<void>;
}

/** Starts the ingress of a node, with the rights that it has there; answers what stops it. */
export function startIngressOn(
  cluster: TestCluster,
  nodeName: string,
  nginx: Pick<IngressOptions, 'openNginx' | 'onRunning'>,
): () => Promise<void> {
  const stop = new AbortController();
  const running = startIngress({
    client: cluster.clientOf({ name: ingressUser(nodeName), groups: [ingressGroup, 'system:authenticated'] }),
    clock: cluster.clock,
    random: new SeededRandom(nodeName),
    log: silentLogger,
    signal: stop.signal,
    nodeName,
    ...nginx,
  });
  return async () => {
    stop.abort();
    await running.stopped;
  };
}

export async function createIngressClass(client: Client): Promise<void> {
  await client.create(IngressClasses, { metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/ingress-nginx' } });
}
