import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { newCluster, writeCluster } from './cluster-config.ts';
import { specForNodes } from './cluster-spec.ts';
import { chooseRanges } from './network-plan.ts';
import { clusterPaths } from './paths.ts';
import { bringUp } from './start.ts';

test('nothing of a cluster is started whose API server could not use its configuration', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'start-'));
  t.after(() => rm(folder, { recursive: true }));
  const home = { data: folder, run: join(folder, 'run') };
  const cluster = newCluster('dev', specForNodes(1), { ranges: chooseRanges([]), ports: [], now: 0 });
  await writeCluster(home, cluster);
  const options = {
    home,
    name: 'dev',
    kubeconfig: { home: folder },
    clock: new VirtualClock(),
    signal: AbortSignal.any([]),
    launcher: { interpreter: '', script: '' },
    authority: () => assert.fail(),
    checkApiConfig: async (file: string) => assert.equal(file, 'one that can be used'),
  };
  await assert.rejects(
    bringUp(options, cluster, () => assert.fail()),
    ({ actual }: assert.AssertionError) => actual === clusterPaths(home, 'dev').apiConfig,
  );
});
