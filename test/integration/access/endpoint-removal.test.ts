import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Pods, ServiceAccounts, Services, type Pod } from '../../../src/api/core/v1/types.ts';
import { EndpointSlices, type EndpointSlice } from '../../../src/api/discovery/v1/types.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import { reportApplied } from '../../../src/client/applied-reports.ts';
import type { Client } from '../../../src/client/client.ts';
import { createHttpTransport, type HttpTransport } from '../../../src/client/node/http-transport.ts';
import { askApiServer } from '../../../src/kubelet/pods/endpoints-removed.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const sources = { clock: systemClock, random: systemRandom };
const stack = new AsyncDisposableStack();
let api: HttpsApi;
let client: Client;

before(async () => {
  api = stack.use(await startHttpsApi());
  ({ client } = api);
  await client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  await client.create(Services, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
});
after(() => stack.disposeAsync());

/** A connection of its own with a certificate of that name. */
async function as(commonName: string, ...organizations: string[]): Promise<HttpTransport & AsyncDisposable> {
  const { certificate, key } = await api.identity(commonName, organizations);
  return createHttpTransport({ ...api.access, cert: certificate, key }, { clock: systemClock, userAgent: 'test' });
}

const node = (name: string) => as(`system:node:${name}`, 'system:nodes');

/** A pod that is ready on worker-1 and in its slice; nothing that makes it so runs. */
async function podInSlice(name: string): Promise<{ pod: Pod; slice: EndpointSlice }> {
  const { metadata } = await client.create(Pods, {
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName: 'worker-1', containers: [{ name: 'app', image: 'app' }] },
  });
  const status = { podIP: '10.244.1.2', conditions: [{ type: 'Ready', status: 'True' }] };
  const pod = await client.patch(Pods, metadata, { type: 'merge', body: { status } }, { subresource: 'status' });
  const slice = await client.create(EndpointSlices, {
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.244.1.2'], conditions: { ready: true }, targetRef: { uid: metadata.uid! } }],
  });
  return { pod, slice };
}

async function terminate({ metadata, endpoints }: EndpointSlice): Promise<string> {
  const leaving = { ...endpoints![0]!, conditions: { ready: false, serving: true, terminating: true } };
  const body = { endpoints: [leaving] };
  return (await client.patch(EndpointSlices, metadata, { type: 'merge', body })).metadata.resourceVersion!;
}

const patience = new AbortController().signal;

test('a kubelet learns that the endpoints of its pod are out when every proxy has applied the change', async () => {
  await using kubelet = await node('worker-1');
  await using proxy = await as('system:kube-proxy');
  const { pod, slice } = await podInSlice('web-1');
  const life = new AbortController();
  const reports = ['worker-1', 'worker-2'].map((name) =>
    reportApplied({
      sender: proxy,
      node: name,
      component: 'kube-proxy',
      ...sources,
      log: silentLogger,
      signal: life.signal,
    }),
  );
  for (const report of reports) report.applied(slice.metadata.resourceVersion!);
  const ask = askApiServer(kubelet.text);
  const revision = await terminate(slice);
  // Both are known once they have been missed.
  for (let missed: readonly string[] = []; missed.length < 2;) {
    const { behind = [] } = (await ask(pod, 20, patience)) as { behind?: readonly string[] };
    missed = behind;
  }
  const answer = ask(pod, 2000, patience);
  for (const report of reports) report.applied(revision);
  assert.deepEqual(await answer, { outcome: 'removed', revision: Number(revision) });
  life.abort();
});

test('a reporter that has gone is waited for no longer', async () => {
  await using kubelet = await node('worker-1');
  const { pod, slice } = await podInSlice('web-2');
  const ask = askApiServer(kubelet.text);
  await terminate(slice);
  const ingress = await as('system:kubeling-ingress:w', 'system:kubeling-ingresses');
  const life = new AbortController();
  reportApplied({
    sender: ingress,
    node: 'w',
    component: 'ingress',
    ...sources,
    log: silentLogger,
    signal: life.signal,
  });
  while ((await ask(pod, 20, patience)).outcome !== 'timed out');
  const answer = ask(pod, 2000, patience);
  life.abort();
  await ingress[Symbol.asyncDispose]();
  assert.equal((await answer).outcome, 'removed');
});

test('a node asks about its own pods only, and others may neither ask nor report', async () => {
  const { pod } = await podInSlice('web-3');
  const lines = async function* () {
    yield '1\n';
  };
  const isForbidden = (error: unknown) => isStatus(error, 'Forbidden');
  await using other = await node('worker-2');
  await assert.rejects(askApiServer(other.text)(pod, 0, patience), isForbidden);
  await assert.rejects(
    other.tell('/kubeling/v1/applied?node=worker-2&component=kube-proxy', lines(), patience),
    isForbidden,
  );
  await using eve = await as('eve');
  await assert.rejects(askApiServer(eve.text)(pod, 0, patience), isForbidden);
  await assert.rejects(
    eve.tell('/kubeling/v1/applied?node=worker-1&component=kube-proxy', lines(), patience),
    isForbidden,
  );
});

test('what makes no sense is refused', async () => {
  await using admin = await as('admin', 'system:masters');
  const get = (path: string) => admin.text(path).catch((error: unknown) => (isStatus(error) ? error.code : error));
  const question = '/kubeling/v1/namespaces/default/pods/web/endpoints-removed';
  assert.deepEqual(JSON.parse((await get(question)) as string), { outcome: 'no endpoints' });
  assert.equal(await get(`${question}?timeoutSeconds=soon`), 400);
  assert.equal(await get('/kubeling/v1/applied'), 405);
  assert.equal(await get('/kubeling/v1/nonsense'), 404);
  const nonsense = async function* () {
    yield 'nonsense\n';
  };
  // The server ends a report that it cannot read.
  await admin.tell('/kubeling/v1/applied?node=w&component=kube-proxy', nonsense(), patience);
  await assert.rejects(admin.tell('/kubeling/v1/applied', nonsense(), patience), (error) =>
    isStatus(error, 'BadRequest'),
  );
});
