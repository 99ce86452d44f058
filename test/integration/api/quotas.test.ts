import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfigMaps,
  LimitRanges,
  Pods,
  ResourceQuotas,
  ServiceAccounts,
  Services,
  type Container,
  type Pod,
  type ResourceQuota,
} from '../../../src/api/core/v1/types.ts';
import { StatusError } from '../../../src/apimachinery/status.ts';
import { superuser } from '../../../src/apiserver/api-server.ts';
import type { Client } from '../../../src/client/client.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

const namespace = 'default';
const container = (resources: Container['resources'], name = 'a'): Container =>
  ({ name, image: 'a', ...(resources && { resources }) }) as Container;
const pod = (name: string, spec: object = {}): Pod =>
  ({ metadata: { name, namespace }, spec: { containers: [container(undefined)], ...spec } }) as Pod;
const asking = (cpu: string) => ({ containers: [container({ requests: { cpu } })] });

async function start() {
  const api = await startMemoryApi();
  const client = createClient(api.transport(superuser, 'test'));
  await client.create(ServiceAccounts, { metadata: { name: 'default', namespace } });
  return { api, client };
}

/** A quota, and what a controller would have counted. */
async function bound(client: Client, spec: ResourceQuota['spec'], used: Record<string, string> = {}): Promise<void> {
  const quota = await client.create(ResourceQuotas, { metadata: { name: 'q', namespace }, spec });
  const zeros = Object.fromEntries(Object.keys(spec.hard!).map((name) => [name, '0']));
  const status = { hard: spec.hard!, used: { ...zeros, ...used } };
  await client.update(ResourceQuotas, { ...quota, status }, { subresource: 'status' });
}

const used = async (client: Client) => (await client.get(ResourceQuotas, { namespace, name: 'q' })).status?.used;

async function refusal(writing: Promise<unknown>): Promise<string> {
  try {
    await writing;
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code} ${error.message}`;
    throw error;
  }
  return 'accepted';
}

test('fifty clients that race for ten places get ten', async () => {
  const { api, client } = await start();
  await using _ = api;
  await bound(client, { hard: { 'count/configmaps': '10' } });
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_each, i) =>
      refusal(client.create(ConfigMaps, { metadata: { name: `c-${i}`, namespace } })),
    ),
  );
  assert.equal(outcomes.filter((one) => one === 'accepted').length, 10);
  assert.deepEqual(await used(client), { 'count/configmaps': '10' });
  assert.equal((await client.list(ConfigMaps, { namespace })).items.length, 10);
  assert.match(
    outcomes.find((one) => one !== 'accepted')!,
    /^403 configmaps "c-\d+" is forbidden: exceeded quota: q, requested: count\/configmaps=1, used: count\/configmaps=10, limited: count\/configmaps=10$/,
  );
});

test('what somebody else writes into a quota meanwhile is counted', async () => {
  const { api, client } = await start();
  await using _ = api;
  await bound(client, { hard: { configmaps: '20' } });
  const others = Array.from({ length: 20 }, async () => {
    const quota = await client.get(ResourceQuotas, { namespace, name: 'q' });
    const configmaps = String(Number(quota.status!.used!['configmaps']) + 1);
    const status = { ...quota.status, used: { configmaps } };
    return refusal(client.update(ResourceQuotas, { ...quota, status }, { subresource: 'status' }));
  });
  const mine = Array.from({ length: 20 }, (_each, i) =>
    refusal(client.create(ConfigMaps, { metadata: { name: `c-${i}`, namespace } })),
  );
  const accepted = (outcomes: string[]) => outcomes.filter((one) => one === 'accepted').length;
  const total = accepted(await Promise.all(others)) + accepted(await Promise.all(mine));
  assert.deepEqual(await used(client), { configmaps: String(Math.min(20, total)) });
});

test('what is refused otherwise, or only tried, is not charged', async () => {
  const { api, client } = await start();
  await using _ = api;
  await bound(client, { hard: { pods: '5' } });
  await refusal(client.create(Pods, pod('Wrong_Name')));
  await client.create(Pods, pod('tried'), { dryRun: true });
  assert.deepEqual(await used(client), { pods: '0' });
});

test('a quota that is not counted yet lets nothing through', async () => {
  const { api, client } = await start();
  await using _ = api;
  const quota = await client.create(ResourceQuotas, {
    metadata: { name: 'q', namespace },
    spec: { hard: { pods: '1' } },
  });
  assert.equal(await refusal(client.create(Pods, pod('early'))), 'accepted');
  const status = { hard: { pods: '1', cpu: '1' }, used: { cpu: '0' } };
  await client.update(ResourceQuotas, { ...quota, status }, { subresource: 'status' });
  assert.equal(
    await refusal(client.create(Pods, pod('later', asking('1')))),
    '403 pods "later" is forbidden: status unknown for quota: q, resources: cpu,pods',
  );
});

const scoped = (scopeName: 'PriorityClass' | 'Terminating' | 'BestEffort', more: object = { operator: 'Exists' }) => ({
  scopeSelector: { matchExpressions: [{ scopeName, ...more } as { scopeName: 'BestEffort'; operator: 'Exists' }] },
});

const pods: readonly { name: string; quota: ResourceQuota['spec']; spec?: object; want: string | object }[] = [
  {
    name: 'must say what is bounded',
    quota: { hard: { 'requests.cpu': '1', 'limits.memory': '1Gi' } },
    want: '403 pods "it" is forbidden: failed quota: q: must specify limits.memory for: a; requests.cpu for: a',
  },
  {
    name: 'are charged with what all their containers ask for, and the overhead of init containers',
    quota: { hard: { cpu: '3', 'requests.memory': '1Gi', 'limits.cpu': '9' } },
    spec: {
      containers: [container({ requests: { cpu: '1', memory: '1Mi' }, limits: { cpu: '2' } }, 'a')],
      initContainers: [container({ requests: { cpu: '1500m', memory: '5Mi' }, limits: { cpu: '2' } }, 'b')],
    },
    want: { cpu: '1500m', 'requests.memory': '5Mi', 'limits.cpu': '2' },
  },
  {
    name: 'that ask for too much are told all that is too much',
    quota: { hard: { cpu: '1', pods: '0' } },
    spec: asking('2'),
    want: '403 pods "it" is forbidden: exceeded quota: q, requested: cpu=2,pods=1, used: cpu=0,pods=0, limited: cpu=1,pods=0',
  },
  {
    name: 'are charged with what only some nodes offer',
    quota: { hard: { 'requests.example.com/gpu': '2' } },
    spec: { containers: [container({ requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } })] },
    want: { 'requests.example.com/gpu': '1' },
  },
  { name: 'within a scope count', quota: { hard: { pods: '2' }, scopes: ['BestEffort'] }, want: { pods: '1' } },
  {
    name: 'outside of a scope do not',
    quota: { hard: { pods: '0' }, scopes: ['NotBestEffort'] },
    want: { pods: '0' },
  },
  {
    name: 'with a deadline are terminating',
    quota: { hard: { pods: '2' }, ...scoped('Terminating') },
    spec: { activeDeadlineSeconds: 5 },
    want: { pods: '1' },
  },
  {
    name: 'of one class count where that class does',
    quota: { hard: { pods: '1' }, ...scoped('PriorityClass', { operator: 'In', values: ['system-node-critical'] }) },
    spec: { priorityClassName: 'system-node-critical' },
    want: { pods: '1' },
  },
  {
    name: 'of no class are none of another',
    quota: { hard: { pods: '1' }, ...scoped('PriorityClass', { operator: 'NotIn', values: ['system-node-critical'] }) },
    want: { pods: '1' },
  },
  {
    name: 'that look at pods elsewhere count as such',
    quota: { hard: { pods: '0' }, scopes: ['CrossNamespacePodAffinity'] },
    spec: {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'zone', labelSelector: {}, namespaces: ['other'] },
          ],
        },
      },
    },
    want: '403 pods "it" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0',
  },
];

for (const { name, quota, spec, want } of pods)
  test(`pods ${name}`, async () => {
    const { api, client } = await start();
    await using _ = api;
    await bound(client, quota);
    const outcome = await refusal(client.create(Pods, pod('it', spec)));
    assert.deepEqual(outcome === 'accepted' ? await used(client) : outcome, want);
  });

test('a Service is charged anew when its type changes', async () => {
  const { api, client } = await start();
  await using _ = api;
  await bound(client, { hard: { services: '5', 'services.nodeports': '2', 'services.loadbalancers': '1' } });
  const ports = [
    { port: 80, name: 'a' },
    { port: 81, name: 'b' },
  ];
  const service = await client.create(Services, { metadata: { name: 's', namespace }, spec: { ports } });
  const charge = { services: '1', 'services.loadbalancers': '0', 'services.nodeports': '0' };
  assert.deepEqual(await used(client), charge);
  await client.update(Services, { ...service, spec: { ...service.spec, type: 'LoadBalancer' } });
  assert.deepEqual(await used(client), { ...charge, 'services.loadbalancers': '1', 'services.nodeports': '2' });
  assert.match(
    await refusal(client.create(Services, { metadata: { name: 't', namespace }, spec: { ports, type: 'NodePort' } })),
    /exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=2, limited: services.nodeports=2$/,
  );
});

const ranges: readonly { name: string; limit: object; spec: object; want: string }[] = [
  {
    name: 'of less than the least',
    limit: { type: 'Container', min: { cpu: '10m' } },
    spec: asking('1m'),
    want: 'minimum cpu usage per Container is 10m, but request is 1m',
  },
  {
    name: 'without a limit',
    limit: { type: 'Pod', max: { memory: '1Gi' } },
    spec: asking('1'),
    want: 'maximum memory usage per Pod is 1Gi.  No limit is specified',
  },
  {
    name: 'whose containers are too much together',
    limit: { type: 'Pod', max: { cpu: '1' } },
    spec: { containers: ['a', 'b'].map((name) => container({ limits: { cpu: '600m' } }, name)) },
    want: 'maximum cpu usage per Pod is 1, but limit is 1200m',
  },
  {
    name: 'with a limit far above the request',
    limit: { type: 'Container', maxLimitRequestRatio: { cpu: '2', memory: '2' } },
    spec: { containers: [container({ requests: { cpu: '1' }, limits: { cpu: '3' } })] },
    want: '[cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000, memory max limit to request ratio per Container is 2, but no request is specified or request is 0]',
  },
];

for (const { name, limit, spec, want } of ranges)
  test(`a pod ${name} is refused`, async () => {
    const { api, client } = await start();
    await using _ = api;
    await client.create(LimitRanges, { metadata: { name: 'l', namespace }, spec: { limits: [limit] } } as never);
    assert.equal(await refusal(client.create(Pods, pod('it', spec))), `403 pods "it" is forbidden: ${want}`);
  });

test('a limit range fills in what containers do not say, and tells of it', async () => {
  const { api, client } = await start();
  await using _ = api;
  const limits = [{ type: 'Container', default: { cpu: '1', memory: '1Gi' }, defaultRequest: { cpu: '500m' } }];
  await client.create(LimitRanges, { metadata: { name: 'l', namespace }, spec: { limits } });
  const made = await client.create(
    Pods,
    pod('it', {
      containers: [container({ limits: { cpu: '2' } })],
      initContainers: [container({ requests: { cpu: '100m', memory: '1Mi' } }, 'b')],
    }),
  );
  assert.deepEqual(made.spec.containers[0]!.resources, {
    limits: { cpu: '2', memory: '1Gi' },
    requests: { cpu: '2', memory: '1Gi' },
  });
  assert.equal(
    made.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: memory request for container a; memory limit for container a; cpu, memory limit for init container b',
  );
});
