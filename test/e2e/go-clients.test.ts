import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startHttpsApi } from '../kit/https-api.ts';
import { buildGo, cannotBuildGo, goFolder, runProgram, writeKubeconfig } from './go-programs.ts';

test(
  'Go programs work: typed clients and informers over protobuf, dynamic and metadata clients',
  { skip: cannotBuildGo },
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(goFolder()).path;
    const built = await buildGo('.', { output: join(folder, 'clients') });
    if ('missing' in built) return t.skip(built.missing);
    const { program } = built;
    const { access } = stack.use(await startHttpsApi());
    const kubeconfig = await writeKubeconfig(join(folder, 'kubeconfig'), access);
    const { stdout, stderr } = await runProgram(program, [kubeconfig]);
    const lines = stdout.trimEnd().split('\n');
    assert.deepEqual(
      lines.filter((line) => !line.startsWith('ok: ')),
      [],
      stderr,
    );
    assert.equal(lines.length, 9);
  },
);
