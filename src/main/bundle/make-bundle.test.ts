import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { bundleKey, bundlesFolder, contentsFile, findBundle } from './find-bundle.ts';
import { makeBundle } from './make-bundle.ts';

const sources = {
  'package.json': '{ "type": "module" }',
  'node_modules/.package-lock.json': '{}',
  'src/main/cli.ts': `import { readFileSync } from 'node:fs';
    const path: string = 'word';
    const { later } = await import('./later.ts');
    console.log(readFileSync(new URL(path, import.meta.url), 'utf8'), import.meta.dirname, later);`,
  'facts/some.json': '{ "fact": 1 }',
  'src/main/later.ts': 'export const later: string = import.meta.filename;',
  'src/main/word': 'word beside it',
};

/** A checkout with a program of two files, which reads a third. */
class Checkout implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<Checkout> {
    const root = await mkdtemp(join(tmpdir(), 'bundle-'));
    for (const [name, text] of Object.entries(sources)) {
      await mkdir(join(root, name, '..'), { recursive: true });
      await writeFile(join(root, name), text);
    }
    return new Checkout(root);
  }

  get folder(): string {
    return join(bundlesFolder(this.root), bundleKey(this.root));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true });
  }
}

test('a bundle does what its sources do, knows their places, and is made anew when they change', async () => {
  await using checkout = await Checkout.make();
  const { root } = checkout;
  assert.equal(findBundle(checkout.folder), undefined);
  assert.equal(await makeBundle(root), true);
  const file = findBundle(checkout.folder)!;
  await rm(join(root, 'src/main/later.ts')); // it is in the bundle
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  assert.equal(stdout, `word beside it ${root}/src/main ${root}/src/main/later.ts\n`);
  assert.equal(findBundle(checkout.folder), undefined, 'the sources are others now');
});

test('a bundle is made anew when a fact changes that is in it', async () => {
  await using checkout = await Checkout.make();
  const { root } = checkout;
  await writeFile(
    join(root, 'src/main/cli.ts'),
    `import some from '../../facts/some.json' with { type: 'json' }; console.log(some.fact);`,
  );
  for (const fact of ['1', '2']) {
    await writeFile(join(root, 'facts/some.json'), `{ "fact": ${fact} }`);
    await makeBundle(root);
    const { stdout } = await promisify(execFile)(process.execPath, [findBundle(checkout.folder)!]);
    assert.equal(stdout, `${fact}\n`);
  }
});

test('of two commands at once one makes the bundle, and the other leaves it where it is', async () => {
  await using checkout = await Checkout.make();
  assert.deepEqual(await Promise.all([makeBundle(checkout.root), makeBundle(checkout.root)]), [true, true]);
  assert.deepEqual(await readdir(bundlesFolder(checkout.root)), [bundleKey(checkout.root)]);
});

test('a bundle that cannot be written leaves nothing', async () => {
  await using checkout = await Checkout.make();
  await writeFile(join(checkout.root, 'node_modules/.cache'), '');
  await assert.rejects(makeBundle(checkout.root), { code: 'EEXIST' });
  assert.equal(findBundle(checkout.folder), undefined);
});

test('a bundle that is not whole, or that others could have written, is not run, and made again', async () => {
  await using checkout = await Checkout.make();
  await makeBundle(checkout.root);
  const file = findBundle(checkout.folder)!;
  const harms: Record<string, () => Promise<void>> = {
    'other code': async () => writeFile(file, `${await readFile(file, 'utf8')};`),
    'a missing file': () => rm(file),
    'no contents': () => writeFile(join(checkout.folder, contentsFile), '{}'),
    'half of the contents': () => writeFile(join(checkout.folder, contentsFile), '{"cli.mjs":'),
    'a file that all may write': () => chmod(file, 0o666),
    'a folder that all may write': () => chmod(checkout.folder, 0o777),
    'a link': async () => {
      await cp(file, join(checkout.root, 'elsewhere'));
      await rm(file);
      await symlink(join(checkout.root, 'elsewhere'), file);
    },
  };
  for (const [name, harm] of Object.entries(harms)) {
    await harm();
    assert.equal(findBundle(checkout.folder), undefined, name);
    assert.equal(await makeBundle(checkout.root), true, name);
    assert.equal(findBundle(checkout.folder), file, name);
  }
});

test('a link in place of the folder of bundles is not followed: what lies there are no old bundles', async () => {
  await using checkout = await Checkout.make();
  const elsewhere = join(checkout.root, 'elsewhere');
  for (let at = 0; at < 8; at++) await mkdir(join(elsewhere, `${at}`), { recursive: true });
  await mkdir(join(checkout.root, 'node_modules/.cache'));
  await symlink(elsewhere, bundlesFolder(checkout.root));
  assert.equal(await makeBundle(checkout.root), false);
  assert.equal((await readdir(elsewhere)).length, 8);
});
