import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Pods, ServiceAccounts, type Pod } from '../../../src/api/core/v1/types.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
const path = '/api/v1/namespaces/default/pods/web';
const types = { strategic: 'application/strategic-merge-patch+json', merge: 'application/merge-patch+json' };

before(async () => {
  api = await startHttpsApi();
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  await api.client.create(Pods, {
    metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'app', image: 'app:1' }], terminationGracePeriodSeconds: 5 },
  });
});
after(() => api[Symbol.asyncDispose]());

const send = (type: keyof typeof types, body: unknown, where = path) =>
  api.ask(where, { method: 'PATCH', headers: { 'content-type': types[type] }, body });
const now = () => api.client.get(Pods, { namespace: 'default', name: 'web' });

/** What a write of another part leaves as it is. */
const kept = ({ metadata, spec, status }: Readonly<Pod>) => ({ generation: metadata.generation, spec, status });

for (const type of ['strategic', 'merge'] as const) {
  test(`a ${type} patch of metadata leaves spec, status and generation, and its author owns what it wrote`, async () => {
    const before = await now();
    const { code } = await send(type, { metadata: { annotations: { [type]: '1' }, labels: { app: null } } });
    assert.equal(code, 200);
    const pod = await now();
    assert.deepEqual(kept(pod), kept(before));
    assert.equal(pod.metadata.annotations?.[type], '1');
    assert.equal(pod.metadata.labels, undefined);
    assert.match(JSON.stringify(pod.metadata.managedFields), new RegExp(`"f:${type}":\\{\\}`));
    await send(type, { metadata: { labels: { app: 'web' } } });
  });

  test(`a ${type} patch through status leaves spec, and keeps the class that it does not tell`, async () => {
    const before = await now();
    const body = { status: { phase: 'Running', podIP: '10.0.0.1', qosClass: null }, spec: { hostname: 'other' } };
    assert.equal((await send(type, body, `${path}/status`)).code, 200);
    const pod = await now();
    assert.deepEqual(pod.spec, before.spec);
    assert.deepEqual(pod.status, {
      ...before.status,
      phase: 'Running',
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }],
    });
    assert.equal((await send(type, { metadata: { annotations: { over: type } } }, `${path}/status`)).code, 200);
    assert.deepEqual(kept(await now()), kept(pod));
  });

  test(`a ${type} patch that changes nothing is not written`, async () => {
    const before = await now();
    const { code } = await send(type, { metadata: { labels: { app: 'web' } }, spec: { restartPolicy: 'Always' } });
    assert.equal(code, 200);
    assert.deepEqual(await now(), before);
  });

  test(`a ${type} patch of an image is a new generation of the pod`, async () => {
    const before = await now();
    const body = { spec: { containers: [{ ...before.spec.containers[0], image: `app:${type}` }] } };
    assert.equal((await send(type, body)).code, 200);
    const pod = await now();
    assert.equal(pod.spec.containers[0]?.image, `app:${type}`);
    assert.equal(pod.metadata.generation, before.metadata.generation! + 1);
    assert.deepEqual(pod.status, before.status);
  });

  test(`a ${type} patch is refused for the spec, and for metadata beside a spec as it was`, async () => {
    const before = await now();
    const spec = await send(type, { spec: { hostNetwork: true } });
    assert.equal(spec.code, 422);
    assert.match(JSON.stringify(spec.body), /pod updates may not change fields other than/);
    const metadata = await send(type, { metadata: { annotations: { '-no': '1' } } });
    assert.equal(metadata.code, 422);
    assert.deepEqual(await now(), before);
  });
}
