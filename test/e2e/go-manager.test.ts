import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServerProcess } from '../kit/server-process.ts';
import { buildGo, cannotBuildGo, goFolder, runProgram, writeKubeconfig } from './go-programs.ts';

const module = join(import.meta.dirname, '../go/manager');

test(
  'the tests of an operator made with controller-runtime pass: webhooks, conversion, ownership, applies, leaders',
  { skip: cannotBuildGo },
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(goFolder()).path;
    const built = await buildGo('manager', { output: join(folder, 'manager.test'), isTest: true });
    if ('missing' in built) return t.skip(built.missing);
    const { program } = built;
    const { url, identity } = stack.use(await startServerProcess());
    const KUBECONFIG = await writeKubeconfig(join(folder, 'kubeconfig'), { server: url, ...identity });
    const { code, stdout, stderr } = await runProgram(program, ['-test.v', '-test.timeout=5m'], {
      cwd: module, // its files are beside its tests
      env: { ...process.env, KUBECONFIG },
    });
    assert.equal(code, 0, `${stdout}\n${stderr.slice(-20_000)}`);
    assert.equal(stdout.match(/^--- PASS: /gm)?.length, 5, stdout);
  },
);
