import { Agent } from 'node:http';
import { get } from './ingress-client.ts';
import type { IngressCluster } from './ingress-cluster.ts';

export interface LoadResult {
  readonly answered: number;
  /** What went wrong, each once for each time. */
  readonly failures: readonly string[];
  /** How often each backend answered. */
  readonly by: Readonly<Record<string, number>>;
}

export interface LoadOptions {
  readonly url: string;
  readonly clients: number;
  readonly method?: 'GET' | 'POST';
  /** Keep connections, and ask once more when a used one closes before any byte of an answer, as browsers do. */
  readonly keepAlive: boolean;
}

/** Asks without pause, each client one thing at a time, until the answered function is called. */
export function startLoad(cluster: IngressCluster, options: LoadOptions): () => Promise<LoadResult> {
  const { url, clients, method = 'GET', keepAlive } = options;
  const failures: string[] = [];
  const by: Record<string, number> = {};
  let answered = 0;
  let isOver = false;
  const agents = Array.from({ length: clients }, () => (keepAlive ? new Agent({ keepAlive, maxSockets: 1 }) : false));

  async function ask(agent: Agent | false): Promise<void> {
    const body = method === 'POST' ? { body: 'x'.repeat(100) } : {};
    try {
      const answer = await get(cluster, url, { agent, method, ...body });
      if (answer.status !== 200) failures.push(`status ${answer.status}`);
      else {
        const { name } = JSON.parse(answer.body) as { name: string };
        by[name] = (by[name] ?? 0) + 1;
        answered++;
      }
    } catch (error) {
      if (isReusedAndClosed(error) && method === 'GET') return await ask(agent);
      failures.push(String(error));
    }
  }
  const running = agents.map(async (agent) => {
    while (!isOver) await ask(agent);
    if (agent) agent.destroy();
  });
  return async () => {
    isOver = true;
    await Promise.all(running);
    return { answered, failures, by };
  };
}

function isReusedAndClosed(error: unknown): boolean {
  return (error as { reusedSocket?: boolean }).reusedSocket === true;
}
