import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { writeIdentities, type ClusterAuthority } from './certificates.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { clusterPaths, nodePaths } from './paths.ts';
import { nodePki } from './program-config.ts';

const pem = (type: string, text: string): string =>
  `-----BEGIN ${type}-----\n${Buffer.from(text).toString('base64')}\n-----END ${type}-----\n`;
const cluster = {
  name: 'dev',
  createdAt: '2026-01-01T00:00:00Z',
  ranges: { nodes: '192.0.2.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' },
  nodes: [{ name: 'control-plane', role: 'control-plane', address: '192.0.2.2', labels: {}, ports: [] }],
} as ClusterConfig;

test('what a node has is kept as long as it is good, and made anew one by one', async (t) => {
  const folder = await mkdtemp(`${tmpdir()}/kubeling-identities-`);
  t.after(() => rm(folder, { recursive: true }));
  const home = { data: folder, run: folder };
  await mkdir(clusterPaths(home, 'dev').pki, { recursive: true });
  const files = nodePki(nodePaths(home, 'dev', 'control-plane').pki);
  const issued: string[] = [];
  const old = new Set<string>();
  let serial = 0;
  const issue = async (name: string) => {
    issued.push(name);
    return { certificate: pem('CERTIFICATE', `${name} ${++serial}`), key: pem('PRIVATE KEY', `${serial}`) };
  };
  const authority: ClusterAuthority = {
    certificate: pem('CERTIFICATE', 'ca'),
    admin: { certificate: pem('CERTIFICATE', 'admin'), key: pem('PRIVATE KEY', 'admin') },
    isGood: ({ certificate }) => !old.has(certificate),
    issueNode: ({ name }) => issue(name),
    issueClient: ({ name }) => issue(name),
  };
  const write = async (): Promise<string[]> => {
    issued.length = 0;
    await writeIdentities(home, cluster, authority);
    return [...issued];
  };
  assert.equal((await write()).length, 5);
  assert.deepEqual(await write(), []);
  const serving = await readFile(files.serving, 'utf8');
  old.add(serving.slice(0, serving.indexOf('-----BEGIN PRIVATE')));
  assert.deepEqual(await write(), ['dev-control-plane']);
  await rm(files.clients.dns);
  assert.deepEqual(await write(), ['system:coredns']);
});
