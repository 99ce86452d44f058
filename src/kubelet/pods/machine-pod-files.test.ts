import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makePod } from '../testing/pods.ts';
import { machinePodFiles } from './machine-pod-files.ts';

test('the logs of a container are as long as those of all its attempts', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'files-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const files = machinePodFiles({ folder: join(root, 'kubelet'), podLogs: join(root, 'logs') });
  const pod = makePod();
  assert.equal(await files.logBytes(pod, 'app'), 0);
  await files.prepareContainer(pod, 'app', 1);
  const folder = join(files.logDirectory(pod), 'app');
  for (const [name, size] of [['0.log.20260101-000000.gz', 7] as const, ['0.log', 10] as const, ['1.log', 5] as const])
    writeFileSync(join(folder, name), 'x'.repeat(size));
  assert.equal(await files.logBytes(pod, 'app'), 22);
  await files.removeAttempt(pod, 'app', 0);
  assert.equal(await files.logBytes(pod, 'app'), 5);
});
