import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../base/system-clock.ts';
import {
  accessOf,
  kubeconfigPaths,
  mergeKubeconfig,
  readKubeconfig,
  readKubeconfigs,
  removeFromKubeconfigs,
  withoutEntries,
  writeKubeconfig,
  type Kubeconfig,
} from './kubeconfig.ts';

function configOf(name: string, server: string): Kubeconfig {
  return {
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from('CA').toString('base64') } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: { token: `token of ${name}` } }],
  };
}

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('an explicit path wins over the variable, and the variable over the home folder', () => {
  assert.deepEqual(kubeconfigPaths({ explicit: '/x', variable: '/a:/b', home: '/root' }), ['/x']);
  assert.deepEqual(kubeconfigPaths({ variable: '/a::/b:/a', home: '/root' }), ['/a', '/b']);
  assert.deepEqual(kubeconfigPaths({ home: '/root' }), ['/root/.kube/config']);
});

test('merging replaces entries of the same name in place, keeps the rest, and switches the context', () => {
  const before = mergeKubeconfig({ ...configOf('a', 'https://old'), extra: 1 }, configOf('b', 'https://b'));
  const merged = mergeKubeconfig(before, configOf('a', 'https://new'));
  assert.deepEqual(
    merged.clusters?.map(({ name, cluster }) => `${name} ${cluster.server}`),
    ['a https://new', 'b https://b'],
  );
  assert.equal(merged['current-context'], 'a');
  assert.equal(merged['extra'], 1);
  const without = withoutEntries(merged, 'a');
  assert.equal(without['current-context'], '');
  assert.deepEqual(
    without.users?.map(({ name }) => name),
    ['b'],
  );
});

test('writing makes a file for its owner only, leaves no lock, and removing undoes it', async () => {
  await using folder = await temporaryFolder();
  const place = { home: folder.path };
  const path = await writeKubeconfig(place, configOf('a', 'https://a'), systemClock);
  assert.equal(path, join(folder.path, '.kube/config'));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await writeKubeconfig(place, configOf('b', 'https://b'), systemClock);
  assert.deepEqual(await readdir(join(folder.path, '.kube')), ['config']);
  await removeFromKubeconfigs(place, 'b', systemClock);
  const left = await readKubeconfig(path);
  assert.deepEqual(
    left?.contexts?.map(({ name }) => name),
    ['a'],
  );
  assert.equal(left?.['current-context'], '');
});

test('of several files the one that has the entry is changed, else the first that exists', async () => {
  await using folder = await temporaryFolder();
  const paths = ['one', 'two', 'three'].map((name) => join(folder.path, name));
  const place = { variable: paths.join(':'), home: folder.path };
  assert.equal(await writeKubeconfig(place, configOf('a', 'https://a'), systemClock), paths[2]);
  await writeFile(paths[0]!, '');
  assert.equal(await writeKubeconfig(place, configOf('a', 'https://a2'), systemClock), paths[2]);
  assert.equal(await writeKubeconfig(place, configOf('b', 'https://b'), systemClock), paths[0]);
  const merged = await readKubeconfigs(paths);
  assert.deepEqual(
    merged.clusters?.map(({ name }) => name),
    ['b', 'a'],
  );
});

test('writers at the same time lose nothing', async () => {
  await using folder = await temporaryFolder();
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(
    names.map((name) => writeKubeconfig({ home: folder.path }, configOf(name, 'https://x'), systemClock)),
  );
  const { users } = await readKubeconfigs(kubeconfigPaths({ home: folder.path }));
  assert.deepEqual(users?.map(({ name }) => name).sort(), names);
});

test('access is what the current context names, with files read', async () => {
  await using folder = await temporaryFolder();
  const config = configOf('a', 'https://a:6443');
  config.users = [
    { name: 'a', user: { 'client-certificate': 'cert.pem', 'client-key-data': Buffer.from('KEY').toString('base64') } },
  ];
  await writeFile(join(folder.path, 'cert.pem'), 'CERT');
  await writeKubeconfig({ explicit: join(folder.path, 'config'), home: '' }, config, systemClock);
  const access = await accessOf(await readKubeconfigs([join(folder.path, 'config')]));
  assert.deepEqual(access, { server: 'https://a:6443', ca: 'CA', cert: 'CERT', key: 'KEY', namespace: 'default' });
  await assert.rejects(accessOf({}), /no current context/);
  await assert.rejects(accessOf(config, 'z'), /no context "z"/);
});

test('a file that is no mapping is refused with its name and left alone', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'config');
  await writeFile(path, '- a\n');
  await assert.rejects(
    writeKubeconfig({ explicit: path, home: '' }, configOf('a', ''), systemClock),
    /config": it is not a YAML mapping/,
  );
  assert.equal(await readFile(path, 'utf8'), '- a\n');
});

test('a file that is no YAML is refused with its name and the place', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'config');
  await writeFile(path, 'clusters: [\n');
  await assert.rejects(readKubeconfigs([path]), /^Error: Cannot read kubeconfig ".*config": it is no YAML: .*\(2:1\)/);
});
