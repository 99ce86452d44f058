import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { StatefulSets, type StatefulSet } from '../../src/api/apps/v1/types.ts';
import { Jobs, type Job } from '../../src/api/batch/v1/types.ts';
import {
  ConfigMaps,
  Events,
  LimitRanges,
  Namespaces,
  Nodes,
  PersistentVolumeClaims,
  Pods,
  ResourceQuotas,
  Secrets,
  ServiceAccounts,
  type Event,
  type LimitRange,
  type Node,
  type PersistentVolumeClaim,
  type Pod,
  type ResourceQuota,
} from '../../src/api/core/v1/types.ts';
import { NetworkPolicies, type NetworkPolicy } from '../../src/api/networking/v1/types.ts';
import type { ResponseStream } from '../../src/http/exchange.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { bundlePage } from '../../src/dashboard/node/page-files.ts';
import { serveDashboard } from '../../src/dashboard/node/serve.ts';
import { startHttpsApi, type HttpsApi } from '../kit/https-api.ts';
import { startBrowser, withoutBrowser, type TestBrowser } from './browser.ts';

const podCount = 5000;
const nodeCount = 50;
/** A window of rows, and what is drawn above and below it. */
const mostRows = 110;

const nameOf = (at: number): string => `web-${String(at).padStart(4, '0')}`;

describe('the dashboard of a cluster with many pods and kinds', { skip: withoutBrowser }, () => {
  const opened = new AsyncDisposableStack();
  const logs: { readonly path: string; readonly stream: ResponseStream }[] = [];
  let api: HttpsApi;
  let url: string;
  let browser: TestBrowser;

  before(async () => {
    api = opened.use(
      await startHttpsApi({
        kubelets: {
          async proxyStream(reply, { path }) {
            const stream = reply.stream(200, { 'content-type': 'text/plain' });
            stream.write(Buffer.from('the first line\n'));
            logs.push({ path, stream });
            await new Promise<void>((resolve) => reply.exchange.signal.addEventListener('abort', () => resolve()));
          },
          proxyRequest: () => Promise.reject(new Error('nobody asks')),
          proxyUpgrade: () => Promise.reject(new Error('nobody asks')),
        },
      }),
    );
    const access = () => Promise.resolve(api.access);
    const files = await bundlePage('test');
    const dashboard = opened.use(await serveDashboard({ access, port: 0, files, clock: systemClock }));
    url = dashboard.url;
    browser = opened.use(await startBrowser());
    await fill(api);
  });
  after(() => opened.disposeAsync());

  describe(`with ${podCount} pods`, () => {
    const requests: string[] = [];
    let page: Page;

    before(async () => {
      page = await browser.open(url, (page) => {
        page.on('request', (request) => requests.push(request.url().slice(url.length - 1)));
      });
    });

    test('the overview counts them, and says that all is well only when all was read', async () => {
      await page.getByText('Everything is well.').waitFor();
      const card = page.locator('a.card', { hasText: 'Pods' });
      assert.equal(await card.locator('.figure').textContent(), String(podCount));
      assert.match((await card.textContent())!, /5000 ready$/);
      assert.equal(await page.getByText('Not everything could be read').count(), 0);
    });

    test('they were read in pages, each once', () => {
      const pages = requests.filter((path) => path.startsWith('/api/v1/pods?'));
      assert.equal(pages.length, podCount / 500);
      assert.ok(pages.every((path) => path.includes('limit=500')));
    });

    test('the table has a window of rows, wherever it is scrolled to', async () => {
      await page.getByRole('link', { name: 'Pods', exact: true }).click();
      const row = (at: number) => page.locator(`tr[data-name="shop/${nameOf(at)}"]`);
      await row(0).waitFor();
      assert.equal(await page.getByRole('table', { name: /^Pods/ }).getAttribute('aria-rowcount'), `${podCount + 1}`);
      assert.ok((await drawnRows(page)) <= mostRows, `${await drawnRows(page)} rows`);
      await page.evaluate('scrollTo(0, document.body.scrollHeight / 2)');
      await row(podCount / 2).waitFor();
      assert.ok((await drawnRows(page)) <= mostRows, `${await drawnRows(page)} rows`);
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      await row(podCount - 1).waitFor();
      assert.equal(await row(podCount - 1).getAttribute('aria-rowindex'), `${podCount + 1}`);
      assert.ok((await drawnRows(page)) <= mostRows, `${await drawnRows(page)} rows`);
      assert.equal(await row(0).count(), 0);
    });

    test('a change of one pod changes its row, and nothing else', async () => {
      await page.evaluate('scrollTo(0, 0)');
      const row = page.locator(`tr[data-name="shop/${nameOf(3)}"]`);
      await row.getByText('Running').waitFor();
      await observe(page);
      await setStatus(api, nameOf(3), { phase: 'Failed', reason: 'Evicted' });
      await row.getByText('Evicted').waitFor();
      const { rows, changes } = await observed(page);
      assert.deepEqual(rows, [`shop/${nameOf(3)}`]);
      assert.ok(changes < 20, `${changes} changes of the document`);
      await setStatus(api, nameOf(3), running(3));
      await row.getByText('Running').waitFor();
    });

    test('changes of hundreds of pods that are not seen draw no row', async () => {
      await observe(page);
      for (let at = 2000; at < 2300; at++) await setStatus(api, nameOf(at), { phase: 'Pending' });
      await page.getByRole('link', { name: 'Overview', exact: true }).click();
      await page.locator('a.card', { hasText: 'Pods' }).getByText('4700 ready, 300 on the way').waitFor();
      assert.deepEqual((await observed(page)).rows, []);
    });

    test('a filter finds one of them, and a label all', async () => {
      await page.getByRole('link', { name: 'Pods', exact: true }).click();
      await page.getByRole('searchbox').fill(nameOf(4321));
      await page.getByText(`1 of ${podCount}`).waitFor();
      assert.equal(await drawnRows(page), 1);
      await page.getByRole('searchbox').fill('app=web');
      await page.getByText(`${podCount} of ${podCount}`).waitFor();
      assert.ok((await drawnRows(page)) <= mostRows, `${await drawnRows(page)} rows`);
      await page.getByRole('searchbox').fill('');
    });

    test('after all of that nothing was read twice', () => {
      assert.equal(requests.filter((path) => path.startsWith('/api/v1/pods?')).length, podCount / 500);
    });
  });

  describe('with many kinds', () => {
    let page: Page;
    before(async () => {
      await fillKinds(api);
      page = await browser.open(`${url}#kinds`);
    });

    for (const [kind, name, text] of [
      ['StatefulSets', 'db', /0\/2/],
      ['DaemonSets', undefined, /There are no daemonsets/],
      ['Jobs', 'import', /Running.*0\/3/],
      ['CronJobs', undefined, /There are no cronjobs/],
      ['HorizontalPodAutoscalers', undefined, /There are no horizontalpodautoscalers/],
      ['ResourceQuotas', 'some', /some/],
      ['LimitRanges', 'usual', /usual/],
      ['PersistentVolumes', undefined, /There are no persistentvolumes/],
      ['PersistentVolumeClaims', 'data', /Pending/],
      ['StorageClasses', undefined, /There are no storageclasses/],
      ['NetworkPolicies', 'closed', /closed/],
      ['CertificateSigningRequests', undefined, /There are no certificatesigningrequests/],
      ['ServiceCIDRs', undefined, /servicecidrs|10\.96\.0\.0/],
      ['ConfigMaps', 'settings', /settings/],
    ] as const)
      test(`${kind} are shown with what kubectl prints`, async () => {
        await page.goto(`${url}#kinds`);
        const link = page.locator('.kinds').getByRole('link', { name: kind, exact: true });
        await link.click();
        await page.getByRole('heading', { name: new RegExp(`^${kind} \\d`) }).waitFor();
        const place = name === undefined ? page.locator('main') : page.locator(`tr[data-name="shop/${name}"]`);
        await place
          .getByText(name ?? text)
          .first()
          .waitFor();
        assert.match((await place.textContent())!, text);
      });

    test('the list of kinds counts objects as the server does', async () => {
      await page.goto(`${url}#kinds`);
      await page.locator('.kinds li', { hasText: /^Pods\s*5000$/ }).waitFor();
    });

    test('the YAML of anything is that of kubectl, as it is now', async () => {
      await page.goto(`${url}#kinds:configmaps/configmaps/shop/settings`);
      await page.getByRole('link', { name: 'YAML', exact: true }).click();
      const text = page.getByLabel('YAML');
      await text.getByText('  colour: blue').waitFor();
      assert.equal(await text.getByText('managedFields').count(), 0);
      const patch = { type: 'merge', body: { data: { colour: 'green' } } } as const;
      await api.client.patch(ConfigMaps, { namespace: 'shop', name: 'settings' }, patch);
      await text.getByText('  colour: green').waitFor();
      await page.getByLabel('Managed fields').check();
      await text.getByText('  managedFields:').waitFor();
    });

    test('the values of a Secret are read and shown when they are asked for, and not before', async () => {
      const answers: string[] = [];
      const watching = await browser.open(`${url}#kinds:secrets`, (page) => {
        page.on(
          'response',
          (answer) =>
            void answer.text().then(
              (text) => answers.push(text),
              () => {},
            ),
        );
        page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => answers.push(String(payload))));
      });
      const secret = Buffer.from('do not tell').toString('base64');
      const isTold = () =>
        answers.some((text) => text.includes(secret)) || answers.some((text) => text.includes('do not'));
      await watching.locator('tr[data-name="shop/password"]').click();
      const details = watching.getByRole('complementary', { name: 'password' });
      await details.getByText('Opaque').waitFor();
      await details.getByRole('link', { name: 'YAML', exact: true }).click();
      await details.getByText('name: password').waitFor();
      assert.doesNotMatch((await details.textContent())!, /do not|last-applied/);
      assert.ok(!isTold(), 'a value was read');
      await details.getByRole('button', { name: 'Show the values' }).click();
      await details.getByText(`word: ${secret}`).waitFor();
      await details.getByRole('button', { name: 'Hide the values' }).click();
      await details.getByText(`word: ${secret}`).waitFor({ state: 'detached' });
      await details.getByRole('link', { name: 'Summary', exact: true }).click();
      await details.getByRole('button', { name: 'Show the values' }).click();
      await details.getByText('do not tell').waitFor();
      await watching.close();
    });

    test('events come newest first, and lead to what they are about', async () => {
      await page.getByRole('link', { name: 'Events', exact: true }).click();
      const rows = page.locator('tbody tr');
      await rows.first().getByText('BackOff of a container').waitFor();
      assert.match((await rows.nth(1).textContent())!, /Pulled/);
      await event(api, 'third', 'Killing', '2026-01-03T00:00:00Z');
      await rows.first().getByText('Killing of a container').waitFor();
      await rows
        .first()
        .getByRole('link', { name: `pod/${nameOf(1)}` })
        .click();
      await page
        .getByRole('complementary', { name: nameOf(1) })
        .getByText('BackOff', { exact: true })
        .waitFor();
    });

    test('the log of a container goes on as it is written', async () => {
      await page.goto(`${url}#pods/pods/shop/${nameOf(1)}:logs`);
      const log = page.getByRole('log');
      await log.getByText('the first line').waitFor();
      const { path, stream } = logs.at(-1)!;
      assert.match(path, /^\/containerLogs\/shop\/web-0001\/main\?.*follow=true/);
      stream.write(Buffer.from('\u001B[31mthe sec'));
      stream.write(Buffer.from('ond line\u001B[0m\n'));
      await log.getByText('the second line').waitFor();
      stream.end();
      await page.getByText('The log has ended.').waitFor();
      await page.getByLabel('Container').selectOption('side');
      await page.getByLabel('Previous').check();
      await log.filter({ hasText: /^the first line\s*$/ }).waitFor();
      assert.match(logs.at(-1)!.path, /\/side\?.*previous=true/);
      assert.doesNotMatch(logs.at(-1)!.path, /follow/);
    });
  });

  test('no page had anything to complain of', () => assert.deepEqual(browser.complaints, []));
});

/** How many rows of objects there are in the document. */
function drawnRows(page: Page): Promise<number> {
  return page.locator('tbody tr[data-name]').count();
}

/** Notes in the page from now on which rows change, and whether it is just an age. */
const observer = `
  globalThis.seen = [];
  const observer = new MutationObserver((records) => {
    for (const { target } of records) {
      const element = target instanceof Element ? target : target.parentElement;
      const row = element?.closest('tr')?.dataset.name;
      globalThis.seen.push({ row, isAge: Boolean(element?.closest('time')) });
    }
  });
  for (const body of document.querySelectorAll('tbody'))
    observer.observe(body, { subtree: true, childList: true, characterData: true, attributes: true });
`;

async function observe(page: Page): Promise<void> {
  await page.evaluate(observer);
}

/** The rows in which something but an age has changed, and how many changes there were. */
async function observed(page: Page): Promise<{ rows: string[]; changes: number }> {
  const seen = await page.evaluate<{ row?: string; isAge: boolean }[]>('seen');
  const changes = seen.filter(({ isAge }) => !isAge);
  return { rows: [...new Set(changes.map(({ row }) => row ?? ''))].sort(), changes: changes.length };
}

function running(at: number): Pod['status'] {
  return {
    phase: 'Running',
    podIPs: [{ ip: `10.244.${at >> 8}.${at & 255}` }],
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: ['main', 'side'].map((name) => ({
      name,
      ready: true,
      restartCount: 0,
      image: 'web:1',
      imageID: '',
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    })),
  };
}

async function setStatus({ client }: HttpsApi, name: string, status: Pod['status']): Promise<void> {
  const pod = await client.get(Pods, { namespace: 'shop', name });
  await client.update(Pods, { ...pod, status }, { subresource: 'status' });
}

async function event({ client }: HttpsApi, name: string, reason: string, lastTimestamp: string): Promise<void> {
  await client.create(Events, {
    metadata: { name, namespace: 'shop' },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: nameOf(1) },
    reason,
    message: `${reason} of a container`,
    type: 'Normal',
    lastTimestamp,
  } as Event);
}

/** What the pages show. Nobody acts on it: there are no controllers. */
async function fill(api: HttpsApi): Promise<void> {
  const { client } = api;
  const metadata = (name: string) => ({ name, namespace: 'shop' });
  await client.create(Namespaces, { metadata: { name: 'shop' }, spec: {} });
  await client.create(ServiceAccounts, { metadata: metadata('default') });
  for (let at = 0; at < nodeCount; at++) {
    const node = await client.create(Nodes, { metadata: { name: `node-${at}` }, spec: {} } as Node);
    const status: Node['status'] = {
      // Logs are asked for there.
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      allocatable: { cpu: '64', memory: '256Gi', pods: '250' },
      conditions: [{ type: 'Ready', status: 'True' }],
    };
    await client.update(Nodes, { ...node, status }, { subresource: 'status' });
  }
  const resources = { requests: { cpu: '100m', memory: '64Mi' } };
  const containers = ['main', 'side'].map((name) => ({ name, image: 'web:1', resources }));
  for (let at = 0; at < podCount; at++) {
    const labels = { app: 'web', number: String(at) };
    const spec = { nodeName: `node-${at % nodeCount}`, containers };
    const pod = await client.create(Pods, { metadata: { ...metadata(nameOf(at)), labels }, spec });
    await client.update(Pods, { ...pod, status: running(at) }, { subresource: 'status' });
  }
}

/** One of many kinds. */
async function fillKinds(api: HttpsApi): Promise<void> {
  const { client } = api;
  const metadata = (name: string) => ({ name, namespace: 'shop' });
  const template = { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'main', image: 'db:1' }] } };
  await client.create(StatefulSets, {
    metadata: metadata('db'),
    spec: { replicas: 2, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template },
  } as StatefulSet);
  const job = { completions: 3, template: { spec: { ...template.spec, restartPolicy: 'Never' } } };
  await client.create(Jobs, { metadata: metadata('import'), spec: job } as Job);
  await client.create(ResourceQuotas, { metadata: metadata('some'), spec: { hard: { pods: '9' } } } as ResourceQuota);
  const limit = { type: 'Container', default: { cpu: '1' } };
  await client.create(LimitRanges, { metadata: metadata('usual'), spec: { limits: [limit] } } as LimitRange);
  await client.create(PersistentVolumeClaims, {
    metadata: metadata('data'),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  } as PersistentVolumeClaim);
  await client.create(NetworkPolicies, { metadata: metadata('closed'), spec: { podSelector: {} } } as NetworkPolicy);
  await client.create(ConfigMaps, { metadata: metadata('settings'), data: { colour: 'blue' } });
  const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"word":"do not tell"}}' };
  await client.create(Secrets, {
    metadata: { ...metadata('password'), annotations: applied },
    stringData: { word: 'do not tell' },
  });
  await event(api, 'first', 'Pulled', '2026-01-01T00:00:00Z');
  await event(api, 'second', 'BackOff', '2026-01-02T00:00:00Z');
}
