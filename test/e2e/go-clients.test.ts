import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startHttpsApi } from '../kit/https-api.ts';

const run = promisify(execFile);
const hasGo = spawnSync('go', ['version']).status === 0;
/** Building needs the modules of client-go, which are fetched where they are not there yet. */
const skip = hasGo ? false : 'Go is not installed';

test(
  'Go programs work: typed clients and informers over protobuf, dynamic and metadata clients',
  { skip },
  async () => {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'go-clients-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const program = join(folder, 'clients');
    await run('go', ['build', '-mod=readonly', '-o', program, '.'], { cwd: join(import.meta.dirname, '../go') });
    const { access } = stack.use(await startHttpsApi());
    const kubeconfig = join(folder, 'kubeconfig');
    const data = (text: string | undefined) => Buffer.from(text ?? '').toString('base64');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'it', cluster: { server: access.server, 'certificate-authority-data': data(access.ca) } }],
      users: [
        { name: 'admin', user: { 'client-certificate-data': data(access.cert), 'client-key-data': data(access.key) } },
      ],
      contexts: [{ name: 'it', context: { cluster: 'it', user: 'admin' } }],
      'current-context': 'it',
    };
    await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
    const { stdout } = await run(program, [kubeconfig], { timeout: 120_000 }).catch((error: unknown) => {
      throw new Error(`${(error as { stdout?: string }).stdout}${(error as { stderr?: string }).stderr}`);
    });
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('ok: ')),
      [],
    );
    assert.equal(stdout.match(/^ok: /gm)?.length, 9);
  },
);
