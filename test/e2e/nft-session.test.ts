import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CommandError, run } from '../../src/base/node/command.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { inside, removeNamespace } from '../../src/local/network.ts';
import { openKernel } from '../../src/proxy/kernel.ts';
import { guard } from '../kit/guard.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const table = 'add table ip t\nadd set ip t s { type ipv4_addr; }\n';
const add = (...addresses: string[]): string => `add element ip t s { ${addresses.join(', ')} }\n`;

/** A kernel of a network namespace with the table, the programs that were started for it, and what is in the set. */
async function kernelOfOwn(t: TestContext) {
  const folder = mkdtempSync('/run/kl-nft-');
  const namespace = join(folder, 'network');
  const guarded = guard({ folder, namespaces: [namespace] });
  writeFileSync(namespace, '');
  await run('unshare', [`--net=${namespace}`, 'true']);
  const started: string[] = [];
  const kernel = openKernel((program, args) => {
    started.push(program);
    return inside({ namespace }, program, args);
  });
  t.after(async () => {
    await kernel[Symbol.asyncDispose]();
    await removeNamespace(namespace);
    rmSync(folder, { recursive: true });
    await guarded[Symbol.asyncDispose]();
  });
  await kernel.transact(table);
  const elements = async (): Promise<string[]> =>
    (await run(...inside({ namespace }, 'nft', ['list', 'set', 'ip', 't', 's']))).match(/10\.0\.\d+\.\d+/g) ?? [];
  return { namespace, kernel, started, elements };
}

/** Programs called nft that a process has started. */
function nftsOf(pid: number): string[] {
  const all = execFileSync('ps', ['-A', '-o', 'ppid=,pid=,comm=']).toString();
  return all.split('\n').flatMap((line) => {
    const [parent, child, name] = line.trim().split(/\s+/);
    return name === 'nft' && Number(parent) === pid ? [child!] : [];
  });
}

function isThere(pid: string): boolean {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,comm=']).toString();
  return all.split('\n').some((line) => line.trim() === `${pid} nft`);
}

describe('an nft that stays', { skip }, () => {
  test('carries out one small change after another, and ends with its kernel', async (t) => {
    const { kernel, started, elements } = await kernelOfOwn(t);
    await Promise.all([kernel.transact(add('10.0.0.1', '10.0.0.2')), kernel.transact(add('10.0.0.3'))]);
    await kernel.transact('delete element ip t s { 10.0.0.2 }\n');
    assert.deepEqual(await elements(), ['10.0.0.1', '10.0.0.3']);
    assert.deepEqual(started, ['sh']);
    assert.equal(nftsOf(process.pid).length, 1);
    await kernel[Symbol.asyncDispose]();
    assert.deepEqual(nftsOf(process.pid), []);
  });

  test('what is refused changes nothing and is told; the next change goes in', async (t) => {
    const { kernel, started, elements } = await kernelOfOwn(t);
    await assert.rejects(
      kernel.transact(`${add('10.0.0.1')}delete element ip t none { 10.0.0.2 }\n`),
      (error) => error instanceof CommandError && /No such file or directory/.test(error.stderr),
    );
    assert.deepEqual(await elements(), []);
    await kernel.transact(add('10.0.0.3'));
    assert.deepEqual(await elements(), ['10.0.0.3']);
    assert.deepEqual(started, ['sh', 'nft', 'sh']);
  });

  test('after it was killed changes go in', async (t) => {
    const { kernel, started, elements } = await kernelOfOwn(t);
    process.kill(Number(nftsOf(process.pid)[0]), 'SIGKILL');
    await kernel.transact(add('10.0.0.1'));
    await kernel.transact(add('10.0.0.2'));
    assert.deepEqual(await elements(), ['10.0.0.1', '10.0.0.2']);
    assert.deepEqual(started, ['sh', 'nft', 'sh']);
  });

  test('one that is killed in the middle of a change leaves it to another', async (t) => {
    const { kernel, started, elements } = await kernelOfOwn(t);
    process.kill(Number(nftsOf(process.pid)[0]), 'SIGSTOP');
    const changing = kernel.transact(add('10.0.0.1'));
    await systemClock.sleep(0);
    process.kill(Number(nftsOf(process.pid)[0]), 'SIGKILL');
    await changing;
    assert.deepEqual(await elements(), ['10.0.0.1']);
    assert.deepEqual(started, ['sh', 'nft']);
  });

  test('a large change is for an nft of its own', async (t) => {
    const { kernel, started, elements } = await kernelOfOwn(t);
    const many = Array.from({ length: 8000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
    await kernel.transact(add(...many));
    assert.equal((await elements()).length, many.length);
    assert.deepEqual(started, ['sh', 'nft']);
  });

  test('it does not outlive a process that is killed', async (t) => {
    const { namespace } = await kernelOfOwn(t);
    const module = pathToFileURL(join(import.meta.dirname, '../../src/proxy/kernel.ts')).href;
    const script = [
      `import { openKernel } from ${JSON.stringify(module)};`,
      `await openKernel().transact(${JSON.stringify(add('10.0.0.1'))});`,
      "process.stdout.write('done');",
    ].join('\n');
    const [program, args] = inside({ namespace }, process.execPath, ['--input-type=module', '-e', script]);
    const owner = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout, 'data');
    const [nft] = nftsOf(owner.pid!);
    assert.ok(nft !== undefined);
    owner.kill('SIGKILL');
    await once(owner, 'close');
    for (let turn = 0; turn < 500 && isThere(nft); turn++) await systemClock.sleep(10);
    assert.ok(!isThere(nft));
  });
});
