import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
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
