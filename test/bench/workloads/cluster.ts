import { Deployments, type Deployment } from '../../../src/api/apps/v1/types.ts';
import { Nodes, Pods, type Pod } from '../../../src/api/core/v1/types.ts';
import { keyOf } from '../../../src/apimachinery/object.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';
import { costOf } from './cost.ts';
import { namespace } from './objects.ts';

/** CPU from nothing until so many simulated nodes are ready, in milliseconds. */
export async function startCost(nodes: number): Promise<number> {
  let cluster: TestCluster | undefined;
  const { cpuMs } = await costOf(async () => {
    cluster = await startTestCluster({ nodes });
  });
  await cluster?.[Symbol.asyncDispose]();
  return cpuMs;
}

/** CPU of a cluster in which nothing happens, as a share of the time that passes in it, in per cent. */
export async function idleShare(nodes: number): Promise<number> {
  await using cluster = await startTestCluster({ nodes });
  await cluster.clock.advance(60_000);
  const passed = 30_000;
  const { cpuMs } = await costOf(() => cluster.clock.advance(passed));
  return (100 * cpuMs) / passed;
}

/** CPU for each pod of a Deployment from its creation until all are ready. */
export async function rolloutCost(nodes: number, replicas: number): Promise<number> {
  await using cluster = await startTestCluster({ nodes });
  await cluster.clock.advance(10_000);
  globalThis.gc?.();
  const { cpuMs } = await costOf(() => rollOut(cluster, replicas));
  return cpuMs / replicas;
}

/** CPU for each pod from the cordon of a full node until its replacements are ready. */
export async function drainCost(pods: number): Promise<number> {
  await using cluster = await startTestCluster({ nodes: 2 });
  await cluster.client.patch(Nodes, { name: 'node-2' }, { type: 'merge', body: { spec: { unschedulable: true } } });
  await cluster.clock.advance(1000);
  await rollOut(cluster, pods);
  const { cpuMs } = await costOf(async () => {
    await cluster.client.patch(Nodes, { name: 'node-2' }, { type: 'merge', body: { spec: { unschedulable: null } } });
    await cluster.client.patch(Nodes, { name: 'node-1' }, { type: 'merge', body: { spec: { unschedulable: true } } });
    for (const pod of podsOn(cluster, 'node-1'))
      await cluster.client.post(Pods, keyOf(pod as Pod), 'eviction', {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: keyOf(pod as Pod),
      });
    await cluster.until(() => podsOn(cluster, 'node-1').length === 0 && readyReplicas(cluster) === pods);
  });
  return cpuMs / pods;
}

async function rollOut(cluster: TestCluster, replicas: number): Promise<void> {
  await cluster.client.create(Deployments, deployment(replicas));
  await cluster.until(() => readyReplicas(cluster) === replicas, 600_000);
}

function readyReplicas({ plane }: TestCluster): number {
  const found = plane.api.context.lookup(Deployments, { namespace, name: 'bench' });
  return found?.status?.readyReplicas ?? 0;
}

function podsOn({ plane }: TestCluster, nodeName: string): readonly Readonly<Pod>[] {
  return plane.api.context.scan(Pods, namespace).filter(({ spec }) => spec.nodeName === nodeName);
}

function deployment(replicas: number): Deployment {
  const labels = { app: 'bench' };
  return {
    metadata: { name: 'bench', namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'app', image: 'app:1', resources: { requests: { cpu: '10m' } } }] },
      },
    },
  } as Deployment;
}
