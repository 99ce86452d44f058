import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CustomResourceDefinitions } from '../../src/api/apiextensions/v1/types.ts';
import type { KubeObject } from '../../src/apimachinery/object.ts';
import { parseYamlDocuments } from '../../src/apimachinery/yaml.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { startHttpsApi, type HttpsApi } from '../kit/https-api.ts';
import { cannotBuildGo, goFolder, moduleFolder, runProgram, writeKubeconfig } from './go-programs.ts';
import { kubectls } from './kubectl-programs.ts';

/** Definitions as their projects publish them: a module of each, with its checksum, and where they are in it. */
const projects = [
  {
    module: 'sigs.k8s.io/gateway-api@v1.6.3',
    sum: 'h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=',
    definitions: 'config/crd/standard',
    explained: ['httproute.spec.rules.matches.path.type', 'PathPrefix, Exact, RegularExpression|Type specifies how to'],
  },
  {
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    sum: 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=',
    definitions: 'deploy/crds',
    explained: ['certificate.spec.issuerRef.name', 'Name of the issuer being referred to'],
  },
  {
    module: 'github.com/external-secrets/external-secrets@v1.3.2',
    sum: 'h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=',
    definitions: 'config/crds/bases',
    explained: ['secretstore.spec.provider.vault.path', 'Path is the mount path of the Vault KV backend'],
  },
] as const;

/**
 * What kube-apiserver 1.36.3 said, with `dryRun=All` and `fieldValidation=Strict`, to the examples of each module: the
 * causes of a refusal in the order of their letters, for Go's maps have none, or its message where it has no causes.
 */
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../go/definitions/answers.json'), 'utf8'),
) as Record<string, Record<string, string | string[]>>;

describe('definitions as their projects publish them', { skip: cannotBuildGo }, () => {
  const opened = new AsyncDisposableStack();
  let api: HttpsApi;
  before(async () => void (api = opened.use(await startHttpsApi())));
  after(() => opened.disposeAsync());

  for (const { module, sum, definitions, explained } of projects) {
    describe(module, () => {
      let folder = '';
      before(async () => void (folder = await moduleFolder(module, sum)));

      test('are applied and established', async () => {
        const files = readdirSync(join(folder, definitions)).filter((name) => name.endsWith('.yaml'));
        const objects = files.flatMap((name) => documents(join(folder, definitions, name)));
        const wanted = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
        assert.ok(wanted.length > 5);
        for (const body of wanted) {
          const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${body.metadata.name}?fieldManager=test`;
          const headers = { 'content-type': 'application/apply-patch+yaml' };
          const { code, text } = await api.ask(path, { method: 'PATCH', headers, body });
          assert.equal(code, 201, text);
        }
        for (const { metadata } of wanted) await established(metadata.name);
      });

      test('have examples, which are accepted, and refused, as Kubernetes does', async () => {
        const answers: Record<string, unknown> = {};
        const wanted = recorded[module.split('@')[0]!]!;
        for (const place of Object.keys(wanted)) {
          const [file = '', at] = place.split('#');
          answers[place] = await answerTo(documents(join(folder, file))[Number(at)]!);
        }
        assert.deepEqual(answers, wanted);
      });

      test('are explained by kubectl', { skip: kubectls().length === 0 && 'needs kubectl' }, async () => {
        using own = goFolder();
        const kubeconfig = await writeKubeconfig(join(own.path, 'kubeconfig'), api.access);
        const args = ['--kubeconfig', kubeconfig, 'explain', explained[0]];
        const { code, stdout, stderr } = await runProgram(kubectls().at(-1)!, args);
        assert.equal(code, 0, stderr);
        assert.match(stdout.replaceAll(/\s+/g, ' '), new RegExp(explained[1]));
      });
    });
  }

  async function established(name: string): Promise<void> {
    for (let time = 0; time < 600; time++) {
      const { status } = await api.client.get(CustomResourceDefinitions, { name });
      if (status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')) return;
      await systemClock.sleep(50);
    }
    assert.fail(`not established within half a minute: ${name}`);
  }

  /** Creates it without effect. */
  async function answerTo(object: KubeObject): Promise<unknown> {
    const { apiVersion = '', kind = '' } = object;
    const [group = '', version = ''] = apiVersion.split('/');
    const type = api.catalogs.current.versions.find(
      ({ type: one }) => one.group === group && one.version === version && one.kind === kind,
    )!.type;
    const scope = type.namespaced ? '/namespaces/default' : '';
    const { namespace: _namespace, ...metadata } = object.metadata ?? {};
    const path = `/apis/${apiVersion}${scope}/${type.resource}?dryRun=All&fieldValidation=Strict`;
    const { code, body } = await api.ask(path, { method: 'POST', body: { ...object, metadata } });
    if (code === 201) return 'accepted';
    const causes = (body.details?.causes ?? []) as { field: string; message: string }[];
    if (causes.length === 0) return body.message;
    return causes.map(({ field, message }) => `${field}: ${message}`).sort();
  }
});

/** The objects of a file. */
function documents(file: string): KubeObject[] {
  const values = parseYamlDocuments(readFileSync(file, 'utf8')).map(({ value }) => value);
  return values.filter((value): value is KubeObject => typeof value === 'object' && !Array.isArray(value));
}
