import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { giveApiConfig } from './api-config.ts';
import { newCluster, readCluster, writeCluster } from './cluster-config.ts';
import { specForNodes } from './cluster-spec.ts';
import { chooseRanges } from './network-plan.ts';
import { clusterPaths } from './paths.ts';
import { serverConfig } from './programs.ts';

test('a cluster that was made without a configuration of its API server is given one, for its next start', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'api-config-'));
  t.after(() => rm(folder, { recursive: true }));
  const home = { data: folder, run: join(folder, 'run') };
  const cluster = newCluster('dev', specForNodes(1), { ranges: chooseRanges([]), ports: [], now: 0 });
  await writeCluster(home, cluster);
  assert.equal(serverConfig(home, (await readCluster(home, 'dev'))!).apiConfig, undefined);
  await giveApiConfig(home, cluster, 'a: b');
  const { apiConfig } = clusterPaths(home, 'dev');
  assert.equal(serverConfig(home, (await readCluster(home, 'dev'))!).apiConfig, apiConfig);
  assert.equal(await readFile(apiConfig, 'utf8'), 'a: b');
  assert.equal((await stat(apiConfig)).mode & 0o777, 0o600);
});
