import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeMemoryCgroup } from './cgroups.ts';

const mount = (folder: string, type: string, options: string) =>
  `1 2 0:1 / ${folder} rw - ${type} ${type} rw,${options}`;

test('memory is bounded in the hierarchy that has its controller, and on the way there every group passes it on', async () => {
  const root = mkdtempSync(join(tmpdir(), 'cgroups-'));
  const [old, unified] = ['memory', 'unified'].map((name) => join(root, name)) as [string, string];
  for (const folder of [old, unified]) mkdirSync(folder);
  const both = [mount(old, 'cgroup', 'memory'), mount(unified, 'cgroup2', 'nsdelegate')];
  try {
    const first = await makeMemoryCgroup(both.join('\n'), '/kubeling/dev', 4096);
    assert.equal(first, join(old, 'kubeling/dev'));
    assert.equal(readFileSync(join(first, 'memory.limit_in_bytes'), 'utf8'), '4096');
    const second = await makeMemoryCgroup(both[1]!, '/kubeling/dev', 4096);
    assert.equal(second, join(unified, 'kubeling/dev'));
    assert.equal(readFileSync(join(second, 'memory.max'), 'utf8'), '4096');
    for (const folder of [unified, join(unified, 'kubeling')])
      assert.equal(readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8'), '+memory');
    await assert.rejects(makeMemoryCgroup('', '/kubeling/dev', 4096), /no control groups are mounted/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
