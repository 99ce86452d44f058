import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeTree } from './remove-tree.ts';

test('folders go that lie deeper than a path is long, and links to elsewhere without what they lead to', async () => {
  const root = mkdtempSync(join(tmpdir(), 'tree-'));
  const tree = join(root, '-tree');
  const dig = 'mkdir -- "$0" && cd -- "$0" && for _ in $(seq 60); do mkdir "$1" && cd -P "./$1" || exit 1; done';
  execFileSync('bash', ['-c', dig, tree, 'd'.repeat(200)]);
  writeFileSync(join(root, 'kept'), '');
  symlinkSync(root, join(tree, 'link'));
  await removeTree(tree);
  await removeTree(tree);
  assert.deepEqual(readdirSync(root), ['kept']);
  await removeTree(root);
  assert.ok(!existsSync(root));
});

for (const { tree, files } of [
  { tree: 'a small tree', files: 10 },
  { tree: 'one of many files', files: 100 },
])
  test(`${tree} goes, and nothing that a link in it leads to`, async () => {
    const root = mkdtempSync(join(tmpdir(), 'tree-'));
    const [kept, path] = [join(root, 'kept'), join(root, 'tree')];
    mkdirSync(join(kept, 'inner'), { recursive: true });
    mkdirSync(join(path, 'a', 'b'), { recursive: true });
    for (let file = 0; file < files; file++) writeFileSync(join(path, 'a', `file-${file}`), '');
    symlinkSync(kept, join(path, 'a', 'b', 'link'));
    await removeTree(path);
    assert.deepEqual(readdirSync(root), ['kept']);
    assert.deepEqual(readdirSync(kept), ['inner']);
    await removeTree(root);
  });
