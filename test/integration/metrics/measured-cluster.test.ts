import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pods, type Pod } from '../../../src/api/core/v1/types.ts';
import { NodeMetricsResource, PodMetricsResource } from '../../../src/api/metrics/v1beta1/types.ts';
import { ClusterRoleBindings, ClusterRoles } from '../../../src/api/rbac/v1/types.ts';
import type { Status } from '../../../src/apimachinery/status.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';

const runtime = {
  behaviour: ({ container }: { container: string }) =>
    container === 'busy' ? { milliCpu: 250, memoryBytes: 64 * 2 ** 20 } : { milliCpu: 50, memoryBytes: 2 ** 20 },
};

describe('a cluster that is measured', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster({ nodes: 2, metrics: true, runtime });
    for (const [name, containers] of [
      ['web', ['busy', 'side']],
      ['idle', ['main']],
    ] as const) {
      const spec = { containers: containers.map((one) => ({ name: one, image: 'i' })), nodeName: 'node-1' };
      await cluster.client.create(Pods, {
        metadata: { name, namespace: 'default', labels: { app: name } },
        spec,
      } as Pod);
    }
    await cluster.until(async () => (await cluster.client.list(PodMetricsResource)).items.length === 2);
  });
  after(() => cluster[Symbol.asyncDispose]());

  test('pods use what their containers do', async () => {
    const web = await cluster.client.get(PodMetricsResource, { namespace: 'default', name: 'web' });
    assert.deepEqual(web.containers, [
      { name: 'busy', usage: { cpu: '250m', memory: '64Mi' } },
      { name: 'side', usage: { cpu: '50m', memory: '1Mi' } },
    ]);
    assert.deepEqual(
      [web.kind, web.apiVersion, web.metadata.labels],
      ['PodMetrics', 'metrics.k8s.io/v1beta1', { app: 'web' }],
    );
  });

  test('nodes use what their pods do', async () => {
    await cluster.clock.advance(15_000);
    const { items } = await cluster.client.list(NodeMetricsResource);
    const used = items.map(({ metadata, usage }) => [metadata.name, usage['cpu'], usage['memory']]);
    assert.deepEqual(used, [
      ['node-1', '350m', '66Mi'],
      ['node-2', '0', '0'],
    ]);
  });

  test('lists can be narrowed by labels, names and namespaces', async () => {
    const names = async (options: object) =>
      (await cluster.client.list(PodMetricsResource, options)).items.map(({ metadata }) => metadata.name);
    assert.deepEqual(await names({ labelSelector: 'app=web' }), ['web']);
    assert.deepEqual(await names({ fieldSelector: 'metadata.name=idle' }), ['idle']);
    assert.deepEqual(await names({ namespace: 'kube-system' }), []);
    assert.deepEqual(await names({ namespace: 'default' }), ['idle', 'web']);
  });

  const refusals: [string, object, string][] = [
    ['a pod that is not there', { namespace: 'default', name: 'none' }, 'pods "none" not found'],
    [
      'a pod that does not run',
      { namespace: 'default', name: 'waits' },
      'podmetrics.metrics.k8s.io "default/waits" not found',
    ],
  ];
  for (const [name, key, message] of refusals)
    test(`there are no metrics of ${name}`, async () => {
      const spec = { containers: [{ name: 'main', image: 'i' }], nodeSelector: { no: 'where' } };
      if ('name' in key && key.name === 'waits')
        await cluster.client.create(Pods, { metadata: { name: 'waits', namespace: 'default' }, spec } as Pod);
      await assert.rejects(cluster.client.get(PodMetricsResource, key as { name: string }), { message });
    });

  test('they cannot be written or watched', async () => {
    const { transport } = cluster.plane.api;
    const call = transport({ name: 'admin', groups: ['system:masters'] }, 'test');
    for (const verb of ['create', 'update', 'delete', 'deletecollection', 'patch'] as const)
      await assert.rejects(
        call.call({ verb, type: PodMetricsResource, namespace: 'default', name: 'web', body: {} }),
        ({ status }: { status: Status }) => status.code === 405,
        verb,
      );
  });

  test('who may view may see them', async () => {
    await cluster.client.create(ClusterRoleBindings, {
      metadata: { name: 'bob' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: 'bob' }],
    });
    await cluster.clock.advance(1000);
    const asBob = cluster.clientOf({ name: 'bob', groups: ['system:authenticated'] });
    const asEve = cluster.clientOf({ name: 'eve', groups: ['system:authenticated'] });
    assert.ok((await asBob.list(PodMetricsResource, { namespace: 'default' })).items.length > 0);
    await assert.rejects(asEve.list(PodMetricsResource, { namespace: 'default' }), /cannot list resource "pods"/);
  });

  test('a lost node is not told of for long', async () => {
    await cluster.loseNode('node-2');
    const took = await cluster.until(async () =>
      (await cluster.client.list(NodeMetricsResource)).items.every(({ metadata }) => metadata.name === 'node-1'),
    );
    assert.ok(took <= 75_000);
  });
});

test('a cluster that is not measured does not know the group', async () => {
  await using cluster = await startTestCluster();
  assert.equal(
    cluster.plane.api.core.catalogs.current.discovered.some(({ type }) => type.group === 'metrics.k8s.io'),
    false,
  );
  const name = 'system:aggregated-metrics-reader';
  await assert.rejects(cluster.client.get(ClusterRoles, { name }), { message: /not found/ });
});
