import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';
import { buildGo, cannotBuildGo, goFolder } from './go-programs.ts';

const folder = goFolder();
after(() => folder[Symbol.dispose]());
const program = join(folder.path, 'helm');

/** Why Helm cannot be tried here, or `false`. */
async function cannotTryHelm(): Promise<string | false> {
  const cannot = cannotBuildGo || (await cannotRunClusters());
  if (cannot) return cannot;
  const built = await buildGo('helm', { output: program, name: 'helm.sh/helm/v4/cmd/helm' });
  return 'missing' in built && built.missing;
}

const skip = await cannotTryHelm();
const cluster = 'shops';
const chart = join(import.meta.dirname, '../go/helm/shop');

/** Helm 4, built from its module, and a chart that uses what charts have: see `test/go/helm/shop`. */
describe('helm', { skip }, () => {
  const { home, must, run, kubectl, [Symbol.asyncDispose]: close } = openCommandLine();
  after(close);

  before(async () => {
    await must('up', '--name', cluster, '--nodes', '1', '--no-install');
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, 'kubeling-test/busybox:1');
    await must('image', 'load', archive, '--name', cluster);
  });

  const helm = (...args: string[]) => run(program, args);
  async function succeeds(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await helm(...args);
    assert.equal(code, 0, `helm ${args.join(' ')}: ${stdout}\n${stderr}`);
    return stdout;
  }
  const read = (path: string, ...what: string[]) => kubectl('get', ...what, '-o', `jsonpath={${path}}`);
  const names = async (what: string) => (await kubectl('get', what, '-o', 'name')).split('\n').filter(Boolean).sort();
  const history = async (): Promise<object[]> => JSON.parse(await succeeds('history', 'one', '-o', 'json')) as object[];
  let password = '';

  test('installs: definitions first, hooks by their weights, and waits until all is ready', async () => {
    const notes = await succeeds('install', 'one', chart, '--wait', '--timeout', '3m');
    assert.match(notes, /The shop one says hello\./);
    assert.equal(await read('.status.availableReplicas', 'deployment', 'one'), '1');
    assert.equal(await read('.spec.amount', 'orders.shop.example.com', 'one'), '1');
    assert.deepEqual(await names('jobs'), []); // it succeeded, and is deleted then
    assert.ok(!(await names('configmaps')).includes('configmap/one-cache')); // its condition is false
    password = await read('.data.password', 'secret', 'one');
    assert.ok(password.length > 0);
  });

  test('tests what it has installed', async () => {
    assert.match(await succeeds('test', 'one'), /Phase:\s+Succeeded/);
  });

  test('upgrades: with a subchart now, and with the secret that it finds', async () => {
    const values = ['--set', 'greeting=welcome,replicas=2,cache.enabled=true'];
    await succeeds('upgrade', 'one', chart, '--wait', '--timeout', '3m', ...values);
    assert.equal(await read('.status.availableReplicas', 'deployment', 'one'), '2');
    assert.ok((await names('configmaps')).includes('configmap/one-cache'));
    assert.equal(await read('.data.password', 'secret', 'one'), password);
    assert.match(await succeeds('get', 'values', 'one'), /greeting: welcome/);
    assert.match(await succeeds('get', 'manifest', 'one'), /name: one-cache/);
    assert.match(await succeeds('status', 'one'), /STATUS: deployed\nREVISION: 2/);
  });

  test('leaves all as it was when a hook before an upgrade fails', async () => {
    const { code, stderr } = await helm(
      'upgrade',
      'one',
      chart,
      '--wait',
      '--timeout',
      '2m',
      '--reuse-values',
      '--set',
      'hookExit=1',
    );
    assert.equal(code, 1);
    assert.match(stderr, /pre-upgrade hooks failed/);
    assert.deepEqual(await names('jobs'), ['job.batch/one-hook']); // kept, to be looked at
    assert.equal(await read('.data.index\\.html', 'configmap', 'one'), 'welcome');
    assert.equal(await read('.spec.replicas', 'deployment', 'one'), '2');
  });

  test('rolls back, and tells of it', async () => {
    await succeeds('rollback', 'one', '1', '--wait', '--timeout', '3m');
    assert.equal(await read('.data.index\\.html', 'configmap', 'one'), 'hello');
    assert.equal(await read('.spec.replicas', 'deployment', 'one'), '1');
    assert.ok(!(await names('configmaps')).includes('configmap/one-cache'));
    const told = (await history()).map((one) => [Reflect.get(one, 'revision'), Reflect.get(one, 'status')]);
    assert.deepEqual(told, [
      [1, 'superseded'],
      [2, 'superseded'],
      [3, 'failed'],
      [4, 'deployed'],
    ]);
    const [listed] = JSON.parse(await succeeds('list', '-o', 'json')) as { status: string; chart: string }[];
    assert.deepEqual([listed?.status, listed?.chart], ['deployed', 'shop-1.0.0']);
  });

  test('uninstalls all but definitions and what hooks have made', async () => {
    await succeeds('uninstall', 'one', '--wait', '--timeout', '2m');
    const left = ['deployments', 'services', 'secrets', 'orders.shop.example.com'].map(names);
    assert.deepEqual((await Promise.all(left)).flat(), ['service/kubernetes']);
    assert.ok((await names('configmaps')).includes('configmap/one-farewell'));
    assert.deepEqual(await names('crd'), ['customresourcedefinition.apiextensions.k8s.io/orders.shop.example.com']);
  });
});
