import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cannotMakeImages, writeImages } from '../../examples/guestbook/images.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';

const skip = (await cannotRunClusters()) || (cannotMakeImages() ?? false);
const cluster = 'guests';
const manifest = fileURLToPath(new URL('../../examples/guestbook/guestbook.yaml', import.meta.url));
const guestbook = '/api/v1/namespaces/default/services/guestbook/proxy/';

const askingForEver = [
  ...['node', '--input-type=module', '--eval'],
  "for (;;) await fetch('http://guestbook').then((answer) => answer.text(), () => 0)",
];

/** `examples/guestbook` as it stands, with a PostgreSQL that does its work, on two nodes. */
describe('a guestbook whose entries are in PostgreSQL', { skip }, () => {
  const { home, must, kubectl, until, [Symbol.asyncDispose]: close } = openCommandLine();
  after(close);

  before(async () => {
    await must('up', '--name', cluster, '--nodes', '2', '--no-install');
    const images = join(home.data, 'images.tar');
    writeImages(images);
    await must('image', 'load', images, '--name', cluster);
    await kubectl('apply', '-f', manifest);
    await isServed();
    await write('before all');
    // What these lead to takes a while, in which other things can be seen.
    await kubectl('run', 'load', '--image=guestbook:1', '--command', '--', ...askingForEver);
    await kubectl('patch', 'cronjob', 'dump', '--type=merge', '--patch', '{"spec":{"schedule":"* * * * *"}}');
  });

  async function isServed(): Promise<void> {
    await kubectl('rollout', 'status', '--timeout=180s', 'statefulset/postgres');
    await kubectl('rollout', 'status', '--timeout=180s', 'deployment/guestbook');
  }
  async function write(entry: string): Promise<void> {
    const file = join(home.data, 'entry');
    writeFileSync(file, entry);
    await until(`"${entry}" is written`, async () => {
      return (await kubectl('create', '--raw', guestbook, '-f', file)) === 'Thank you\n';
    });
  }
  const entries = async (): Promise<string[]> => {
    const lines = (await kubectl('get', '--raw', guestbook)).trim().split('\n');
    return lines.map((line) => line.slice(line.indexOf('|') + 1));
  };
  const has = (...wanted: string[]) =>
    until(`the guestbook has ${wanted.join(', ')}`, async () => {
      const found = await entries();
      return wanted.every((entry) => found.includes(entry));
    });
  const read = (path: string, ...what: string[]) => kubectl('get', ...what, '-o', `jsonpath={${path}}`);
  /** Starts a pod that asks once whether the database is there, and says how that ended. */
  async function phaseOf(name: string, ...flags: string[]): Promise<string> {
    const command = ['--command', '--', 'pg_isready', '--host=postgres'];
    await kubectl('run', name, '--image=postgres:15', '--restart=Never', ...flags, ...command);
    let phase = '';
    await until(`${name} has ended`, async () => {
      phase = await read('.status.phase', 'pod', name);
      return phase === 'Succeeded' || phase === 'Failed';
    });
    return phase;
  }

  test('keeps an entry when the pod of the database is deleted', async () => {
    const uid = await read('.metadata.uid', 'pod', 'postgres-0');
    await kubectl('delete', 'pod', 'postgres-0');
    await isServed();
    assert.notEqual(await read('.metadata.uid', 'pod', 'postgres-0'), uid);
    await has('before all');
  });

  test('lets nobody else to its database, and tells who was refused', async () => {
    const [stranger, friend] = await Promise.all([
      phaseOf('stranger'),
      phaseOf('friend', '--labels=app.kubernetes.io/part-of=guestbook'),
    ]);
    assert.deepEqual([stranger, friend], ['Failed', 'Succeeded']);
    await until('an event tells of it', async () =>
      /"postgres" does not allow ingress from .* to port 5432/.test(
        await kubectl('get', 'events', '--field-selector=reason=NetworkPolicyDenied'),
      ),
    );
  });

  const replicas = () => read('.spec.replicas', 'deployment', 'guestbook');
  test('has more pods under load', async () => {
    await until('there are more', async () => Number(await replicas()) > 1);
    await kubectl('delete', 'pod', 'load', '--grace-period=0', '--force');
  });

  test('is dumped by its schedule', async () => {
    await until('a dump is made', async () => (await read('.status.lastSuccessfulTime', 'cronjob', 'dump')) !== '');
    await kubectl('patch', 'cronjob', 'dump', '--type=merge', '--patch', '{"spec":{"suspend":true}}');
    await kubectl('apply', '-f', dumpReader());
    await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/reader', '--timeout=60s');
    assert.match(await kubectl('logs', 'reader'), /COPY public\.entries[^]*\tbefore all\n/);
  });

  test('keeps its entries when the node of the database is drained', async () => {
    const node = await read('.spec.nodeName', 'pod', 'postgres-0');
    await kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=180s');
    assert.equal(await read('.spec.nodeName', 'pod', 'postgres-0'), ''); // its volume is on that node
    await kubectl('uncordon', node);
    await isServed();
    assert.equal(await read('.spec.nodeName', 'pod', 'postgres-0'), node);
    await write('after the drain');
    await has('before all', 'after the drain');
  });

  test('has one pod again when there is no load', async () => {
    await until('there is one', async () => (await replicas()) === '1');
  });

  test('keeps its entries when the cluster is stopped and started', async () => {
    await must('stop', '--name', cluster);
    await must('start', '--name', cluster);
    await isServed();
    await has('before all', 'after the drain');
  });

  /** A pod that prints the dump; it finds its node by the claim. */
  function dumpReader(): string {
    const file = join(home.data, 'reader.json');
    const container = {
      name: 'reader',
      image: 'postgres:15',
      command: ['cat', '/dumps/guestbook.sql'],
      volumeMounts: [{ name: 'dumps', mountPath: '/dumps' }],
    };
    const spec = {
      restartPolicy: 'Never',
      containers: [container],
      volumes: [{ name: 'dumps', persistentVolumeClaim: { claimName: 'dumps' } }],
    };
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'reader' }, spec }));
    return file;
  }
});
