import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Deployments } from '../../src/api/apps/v1/types.ts';
import type { Kubeconfig } from '../../src/client/node/kubeconfig.ts';
import { startServerProcess, type ServerProcess } from '../kit/server-process.ts';
import { startBrowser, withoutBrowser } from './browser.ts';

const notRoot = process.getuid!() === 0 ? false : 'only root can become somebody else';
const program = join(import.meta.dirname, '../../src/main/cli.ts');

test(
  'the dashboard shows in a browser what happens in a cluster, as it happens',
  { skip: withoutBrowser },
  async (t) => {
    await using server = await startServerProcess();
    const kubeconfig = join(server.folder, 'kubeconfig');
    await writeFile(kubeconfig, JSON.stringify(kubeconfigFor(server)), { mode: 0o600 });
    await using dashboard = await startDashboard(['--kubeconfig', kubeconfig]);
    await using browser = await startBrowser();
    const { client } = server;
    const page = await browser.open(dashboard.url);
    const web = page.locator('tr[data-name="default/web"]');

    await t.test('the page says which cluster it shows, and has the Service that every cluster has', async () => {
      await page.getByRole('heading', { name: /kubeling\s*live · Kubernetes v1\.36/ }).waitFor();
      await page.getByRole('link', { name: 'Services', exact: true }).click();
      const service = page.getByRole('row', { name: /^kubernetes default ClusterIP 10\.96\.0\.1 – 443\/TCP/ });
      await service.waitFor();
    });

    await t.test('a Deployment that is created appears, changes and disappears without a reload', async () => {
      await page.getByRole('link', { name: 'Workloads', exact: true }).click();
      await page.getByText('There are no deployments.').waitFor();
      await client.create(Deployments, deployment('web', 2));
      await web.getByText('0/2').waitFor();
      await client.patch(
        Deployments,
        { namespace: 'default', name: 'web' },
        { type: 'merge', body: { spec: { replicas: 3 } } },
      );
      await web.getByText('0/3').waitFor();
      await page.locator('tr[data-name^="default/web-"]').getByText('3').first().waitFor();
    });

    await t.test('pods have the status that kubectl prints', async () => {
      await page.getByRole('link', { name: 'Pods', exact: true }).click();
      const pod = page.locator('tr[data-name^="default/web-"]');
      await pod.getByText('Pending').nth(2).waitFor();
      assert.equal(await pod.count(), 3);
    });

    await t.test('a filter by words or labels, and the keyboard, lead to an object, its details and back', async () => {
      await page.getByRole('link', { name: 'Workloads', exact: true }).click();
      await client.create(Deployments, deployment('other', 0));
      await page.locator('tr[data-name="default/other"]').waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('app=web');
      await page.locator('tr[data-name="default/other"]').waitFor({ state: 'detached' });
      const link = web.getByRole('link', { name: 'web' });
      await link.focus();
      await page.keyboard.press('Enter');
      const details = page.getByRole('complementary', { name: 'web' });
      await details.getByText('ScalingReplicaSet').first().waitFor();
      await details.getByText('Selector').waitFor();
      await details.getByText('app=web').first().waitFor();
      await page.keyboard.press('Escape');
      await details.waitFor({ state: 'detached' });
      assert.ok(await link.evaluate((element) => element === element.ownerDocument.activeElement));
      await page.getByRole('searchbox').fill('');
    });

    await t.test('a server that is gone is told of, and what it brings when it comes back is shown', async () => {
      const banner = page.getByRole('status');
      await server.kill('SIGKILL');
      await banner.getByText('Disconnected: the API server does not answer').waitFor();
      await server.restart();
      await client.delete(Deployments, { namespace: 'default', name: 'web' });
      await banner.waitFor({ state: 'hidden' });
      await web.waitFor({ state: 'detached' });
      await page.locator('tr[data-name="default/other"]').waitFor();
    });

    await t.test('another user of this machine is refused, whatever he asks for', { skip: notRoot }, async () => {
      for (const path of ['', 'api/v1/pods']) {
        const ask = `fetch(${JSON.stringify(dashboard.url + path)}).then(async (a) => console.log(a.status, await a.text()))`;
        const { code, output } = await runAs(65534, ask);
        assert.equal(code, 0);
        assert.match(output, /^403 .*it answers to the user only who has started it/);
      }
    });

    await t.test('a taken port is named', async () => {
      const { port } = new URL(dashboard.url);
      const { code, output } = await run(['--kubeconfig', kubeconfig, '--port', port]);
      assert.deepEqual(
        { code, output },
        { code: 1, output: `error: Cannot listen on port ${port}: another program does; choose another with --port\n` },
      );
    });

    await t.test('a cluster that the kubeconfig does not know is named', async () => {
      const { code, output } = await run(['--kubeconfig', kubeconfig, '--name', 'other']);
      assert.equal(code, 1);
      assert.match(output, /^error: Cannot find context "kubeling-other" in .*: make the cluster with "kubeling up"/);
    });

    assert.deepEqual(browser.complaints, []);
    assert.equal(await dashboard.interrupt(), 0);
  },
);

function deployment(name: string, replicas: number) {
  const labels = { app: name };
  return {
    metadata: { name, namespace: 'default', labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'example.invalid/main:1' }] } },
    },
  };
}

function kubeconfigFor({ url, identity }: ServerProcess): Kubeconfig {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const name = 'kubeling';
  return {
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': base64(identity.ca) } }],
    users: [
      { name, user: { 'client-certificate-data': base64(identity.cert), 'client-key-data': base64(identity.key) } },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
}

/** The command as users start it, until it has printed its address. */
async function startDashboard(flags: readonly string[]) {
  const child = spawnDashboard(flags);
  const url = await firstUrl(child);
  const interrupt = (): Promise<number | null> => end(child, 'SIGINT');
  return { url, interrupt, [Symbol.asyncDispose]: async () => void (await end(child, 'SIGKILL')) };
}

async function run(flags: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawnDashboard(flags);
  let output = '';
  child.stderr!.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

/** A program of one line, run by another user. */
async function runAs(user: number, line: string): Promise<{ code: number | null; output: string }> {
  const args = [`--reuid=${user}`, '--clear-groups', process.execPath, '--eval', line];
  const child = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

function spawnDashboard(flags: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, 'dashboard', '--no-open', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function firstUrl({ stdout }: ChildProcess): Promise<string> {
  for await (const line of createInterface(stdout!)) {
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('The dashboard ended before it printed its address');
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return ended;
}
