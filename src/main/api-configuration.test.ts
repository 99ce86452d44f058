import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readConfiguration } from '../apiserver/configuration/read-configuration.ts';
import { checkConfigurationFile, readConfigurationFile } from './api-configuration.ts';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeling-api-configuration-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const auditTo = (kubeconfig: string) => `apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{ level: Metadata }]
---
apiVersion: kubeling.dev/v1
kind: AuditOutput
webhook: { configFile: ${kubeconfig} }
`;

test('a configuration is refused with the names of the kubeconfigs that cannot be used', async (t) => {
  const folder = await folderOf(t);
  const [file, absent, empty] = ['c.yaml', 'absent', 'empty'].map((name) => join(folder, name));
  await writeFile(empty!, 'kind: Config');
  await writeFile(
    file!,
    `${auditTo(absent!)}---
apiVersion: kubeling.dev/v1
kind: AuthenticationOptions
tokenWebhook: { configFile: ${empty} }
`,
  );
  await assert.rejects(readConfigurationFile(file!), {
    name: 'UserError',
    message: `Cannot use API configuration "${file}":
  kubeconfig "${empty}": Cannot choose a cluster: the kubeconfig has no current context; choose one with "kubectl config use-context NAME"
  kubeconfig "${absent}": there is no such file or folder`,
  });
});

test('a cluster without a configuration has one that can be used, and one with a broken one has not', async (t) => {
  const file = join(await folderOf(t), 'c.yaml');
  await checkConfigurationFile(file);
  await writeFile(file, 'kind: A');
  await assert.rejects(checkConfigurationFile(file), /Object 'apiVersion' is missing in a A/);
});

test('what the documentation shows can be used', async () => {
  const text = await readFile(new URL('../../docs/api-configuration.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block!);
  assert.ok(blocks.length > 0);
  for (const block of blocks) readConfiguration(block);
});
