import { Deployments, type Deployment } from '../../../src/api/apps/v1/types.ts';
import { Jobs, type Job } from '../../../src/api/batch/v1/types.ts';
import { Nodes, Pods, type Pod } from '../../../src/api/core/v1/types.ts';
import { keyOf } from '../../../src/apimachinery/object.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';
import { costOf, type Cost } from './cost.ts';
import { namespace } from './objects.ts';

/** From nothing until so many simulated nodes are ready. */
export async function startCost(nodes: number): Promise<Cost> {
  let cluster: TestCluster | undefined;
  const cost = await costOf(
    1,
    () => cluster?.plane.api.core.cache.revision ?? 0,
    async () => {
      cluster = await startTestCluster({ nodes });
    },
  );
  await cluster?.[Symbol.asyncDispose]();
  return cost;
}

/** A cluster in which nothing happens, for each hundredth of the time that passes in it. */
export async function idleCost(nodes: number): Promise<Cost> {
  await using cluster = await startTestCluster({ nodes });
  await cluster.clock.advance(60_000);
  const passed = 30_000;
  return await costOf(passed / 100, revisionOf(cluster), () => cluster.clock.advance(passed));
}

/** For each pod of a Deployment from its creation until all are ready, in a process that has done the like before. */
export async function rolloutCost(nodes: number, replicas: number): Promise<Cost> {
  await using cluster = await startTestCluster({ nodes });
  await cluster.clock.advance(10_000);
  await rollOut(cluster, 'first', 200);
  return await costOf(replicas, revisionOf(cluster), () => rollOut(cluster, 'bench', replicas));
}

/** For each pod of a Job, all at once, from its creation until all have succeeded. */
export async function jobCost(nodes: number, completions: number): Promise<Cost> {
  await using cluster = await startTestCluster({ nodes });
  await cluster.clock.advance(10_000);
  return await costOf(completions, revisionOf(cluster), async () => {
    await cluster.client.create(Jobs, job(completions));
    const key = { namespace, name: 'bench' };
    await cluster.until(() => cluster.plane.api.context.lookup(Jobs, key)?.status?.succeeded === completions, 600_000);
  });
}

/** For each pod from the cordon of a full node until its replacements are ready. */
export async function drainCost(pods: number): Promise<Cost> {
  await using cluster = await startTestCluster({ nodes: 2 });
  await cordon(cluster, 'node-2', true);
  await cluster.clock.advance(1000);
  await rollOut(cluster, 'bench', pods);
  return await costOf(pods, revisionOf(cluster), async () => {
    await cordon(cluster, 'node-2', null);
    await cordon(cluster, 'node-1', true);
    for (const pod of podsOn(cluster, 'node-1'))
      await cluster.client.post(Pods, keyOf(pod as Pod), 'eviction', {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: keyOf(pod as Pod),
      });
    await cluster.until(() => podsOn(cluster, 'node-1').length === 0 && readyReplicas(cluster, 'bench') === pods);
  });
}

function revisionOf({ plane }: TestCluster): () => number {
  return () => plane.api.core.cache.revision;
}

async function cordon({ client }: TestCluster, name: string, unschedulable: true | null): Promise<void> {
  await client.patch(Nodes, { name }, { type: 'merge', body: { spec: { unschedulable } } });
}

async function rollOut(cluster: TestCluster, name: string, replicas: number): Promise<void> {
  await cluster.client.create(Deployments, deployment(name, replicas));
  await cluster.until(() => readyReplicas(cluster, name) === replicas, 600_000);
}

function readyReplicas({ plane }: TestCluster, name: string): number {
  const found = plane.api.context.lookup(Deployments, { namespace, name });
  return found?.status?.readyReplicas ?? 0;
}

function podsOn({ plane }: TestCluster, nodeName: string): readonly Readonly<Pod>[] {
  return plane.api.context.scan(Pods, namespace).filter(({ spec }) => spec.nodeName === nodeName);
}

function deployment(name: string, replicas: number): Deployment {
  const labels = { app: name };
  return {
    metadata: { name, namespace },
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

function job(completions: number): Job {
  const ends = { 'simulated.kubeling.dev/app': JSON.stringify({ exitAfterMs: 1000 }) };
  return {
    metadata: { name: 'bench', namespace },
    spec: {
      completions,
      parallelism: completions,
      template: {
        metadata: { annotations: ends },
        spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'app:1' }] },
      },
    },
  } as Job;
}
