import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCluster } from '../../src/local/cluster-config.ts';
import { gatewayOf } from '../../src/local/network-plan.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';
import { buildExternalSecrets, type ExternalSecrets } from './external-secrets.ts';
import { buildGo, cannotBuildGo, goFolder } from './go-programs.ts';
import { writeImage } from './image.ts';
import { kubectls } from './kubectl-programs.ts';
import { startValueStore, type ValueStore } from './value-store.ts';

const folder = goFolder();
after(() => folder[Symbol.dispose]());
const helm = join(folder.path, 'helm');

/** The operator, or why it cannot be tried here. */
async function prepare(): Promise<ExternalSecrets | { readonly missing: string }> {
  const cannot = cannotBuildGo || (await cannotRunClusters());
  if (cannot) return { missing: cannot };
  const built = await buildGo('helm', { output: helm, name: 'helm.sh/helm/v4/cmd/helm' });
  return 'missing' in built ? built : await buildExternalSecrets(folder.path);
}

const operator = await prepare();
const skip = 'missing' in operator && operator.missing;
const cluster = 'secrets';
const token = 's3cr3t';

/** External Secrets' operator, webhook and certificates' controller, in the cluster, as their chart installs them. */
describe('External Secrets', { skip }, () => {
  if ('missing' in operator) return;
  const { home, must, run, kubectl, until, [Symbol.asyncDispose]: close } = openCommandLine();
  let store: ValueStore;
  after(async () => {
    await store?.[Symbol.asyncDispose]();
    await close();
  });

  before(async () => {
    await must('up', '--name', cluster, '--nodes', '1', '--no-install');
    const archive = join(home.data, 'image.tar');
    writeBusyboxImage(archive, 'kubeling-test/busybox:1');
    await must('image', 'load', archive, '--name', cluster);
    const content = readFileSync(operator.program);
    writeImage(archive, 'kubeling-test/external-secrets:1', { Entrypoint: ['/external-secrets'] }, [
      { path: 'external-secrets', content, mode: 0o755 },
      { path: 'tmp/', mode: 0o1777 },
    ]);
    await must('image', 'load', archive, '--name', cluster);
    store = await startValueStore(gatewayOf((await readCluster(home, cluster))!.ranges.nodes), token);
    store.values.set('password', 'first');
  });

  async function apply(...objects: object[]): Promise<void> {
    const file = join(home.data, 'objects.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    await kubectl('apply', '--server-side', '-f', file);
  }
  const read = async (path: string, ...what: string[]): Promise<string> =>
    await kubectl('get', ...what, '-o', `jsonpath={${path}}`);
  const inSecret = async (name: string, key: string, ...where: string[]): Promise<string> =>
    Buffer.from(await read(`.data.${key}`, 'secret', name, ...where), 'base64').toString();
  const eventsOf = async (kind: string, name: string): Promise<string[]> => {
    const fields = `involvedObject.kind=${kind},involvedObject.name=${name}`;
    const path = 'jsonpath={range .items[*]}{.type} {.reason}: {.message}{"\\n"}{end}';
    return (await kubectl('get', 'events', '--field-selector', fields, '-o', path)).split('\n').filter(Boolean);
  };
  const logs = async (part: string): Promise<string> =>
    await kubectl('logs', '-n', 'external-secrets', `deployment/external-secrets${part}`);

  test('is installed by its chart, with the definitions of its release', async () => {
    await kubectl('apply', '--server-side', '-f', operator.definitions);
    const image = { repository: 'kubeling-test/external-secrets', tag: '1' };
    const values = { installCRDs: false, image, webhook: { image }, certController: { image } };
    const file = join(home.data, 'values.json');
    writeFileSync(file, JSON.stringify(values));
    const args = ['-n', 'external-secrets', '--create-namespace', '--wait', '--timeout', '3m', '-f', file];
    const { code, stdout, stderr } = await run(helm, ['install', 'external-secrets', operator.chart, ...args]);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /external-secrets has been deployed successfully/);
  });

  test('takes a store that it reaches with the credentials of a Secret', async () => {
    await apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'store-token', labels: { 'external-secrets.io/type': 'webhook' } },
        stringData: { token },
      },
      webhookStore('SecretStore', 'values', '{{ .remoteRef.key }}', { result: { jsonPath: '$.value' } }),
    );
    await kubectl('wait', '--for=condition=Ready', 'secretstore/values', '--timeout=60s');
    assert.equal(await read('.status.capabilities', 'secretstore', 'values'), 'ReadOnly');
    await until('its event', async () =>
      (await eventsOf('SecretStore', 'values')).includes('Normal Valid: store validated'),
    );
  });

  test('refuses by its webhook what its definitions let pass', async () => {
    const file = join(home.data, 'refused.json');
    writeFileSync(file, JSON.stringify(externalSecret('refused', {})));
    const { code, stderr } = await run(kubectls().at(-1)!, ['create', '-f', file]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /admission webhook "validate\.externalsecret\.external-secrets\.io" denied the request: either data or dataFrom should be specified/,
    );
  });

  test('syncs a Secret, made by a template, which the ExternalSecret owns', async () => {
    const template = { metadata: { labels: { app: 'web' } }, data: { url: 'postgres://app:{{ .password }}@db' } };
    await apply(externalSecret('app', { target: { name: 'app', template }, data: [entry('password')] }));
    await kubectl('wait', '--for=condition=Ready', 'externalsecret/app', '--timeout=60s');
    assert.equal(await inSecret('app', 'url'), 'postgres://app:first@db');
    assert.equal(await read('.metadata.labels.app', 'secret', 'app'), 'web');
    const owner = '{.kind} {.name} {.controller}'.replaceAll('{.', '{.metadata.ownerReferences[0].');
    assert.equal(await kubectl('get', 'secret', 'app', '-o', `jsonpath=${owner}`), 'ExternalSecret app true');
    assert.match(
      await kubectl('get', 'externalsecrets', 'app'),
      /^NAME +STORETYPE +STORE +REFRESH INTERVAL +STATUS +READY\s+app +SecretStore +values +1s +SecretSynced +True\s$/,
    );
    await until('its event', async () =>
      (await eventsOf('ExternalSecret', 'app')).includes('Normal Created: secret created'),
    );
  });

  test('rotates it, and a pod that runs sees the new value', async () => {
    const container = {
      name: 'app',
      image: 'kubeling-test/busybox:1',
      volumeMounts: [{ name: 'secret', mountPath: '/secret', readOnly: true }],
    };
    const volumes = [{ name: 'secret', secret: { secretName: 'app' } }];
    await apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app' },
      spec: { containers: [container], volumes, terminationGracePeriodSeconds: 0 },
    });
    await kubectl('wait', '--for=condition=Ready', 'pod/app', '--timeout=60s');
    const seen = async (): Promise<string> => await kubectl('exec', 'app', '--', 'cat', '/secret/url');
    assert.equal(await seen(), 'postgres://app:first@db');
    store.values.set('password', 'second');
    await until('the new value', async () => (await seen()) === 'postgres://app:second@db');
    assert.equal(await read('.status.containerStatuses[0].restartCount', 'pod', 'app'), '0');
  });

  test('tells of a store that fails, keeps the Secret, and goes on when it answers again', async () => {
    const condition = '.status.conditions[?(@.type=="Ready")]';
    store.failsWith = 503;
    await until('the failure', async () => {
      return (await read(`${condition}.reason`, 'externalsecret', 'app')) === 'SecretSyncedError';
    });
    const message = await read(`${condition}.message`, 'externalsecret', 'app');
    assert.equal(message, 'could not get secret data from provider');
    await until('its event', async () =>
      (await eventsOf('ExternalSecret', 'app')).some((line) =>
        /^Warning UpdateFailed: error processing spec.data\[0\].*endpoint gave error 503/.test(line),
      ),
    );
    assert.equal(await inSecret('app', 'url'), 'postgres://app:second@db');
    store.values.set('password', 'third');
    store.failsWith = undefined;
    await until('the newest value', async () => (await inSecret('app', 'url')) === 'postgres://app:third@db');
    await kubectl('wait', '--for=condition=Ready', 'externalsecret/app', '--timeout=60s');
  });

  test('brings one to each namespace with a label, from a store of the cluster, and takes it away again', async () => {
    const names = ['blue', 'green'];
    await apply(
      webhookStore('ClusterSecretStore', 'values', '{{ .remoteRef.key }}', { result: { jsonPath: '$.value' } }),
      ...names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { team: name } } })),
      {
        apiVersion: 'external-secrets.io/v1',
        kind: 'ClusterExternalSecret',
        metadata: { name: 'shared' },
        spec: {
          namespaceSelectors: [{ matchExpressions: [{ key: 'team', operator: 'In', values: names }] }],
          refreshTime: '1s',
          externalSecretSpec: {
            refreshInterval: '1s',
            secretStoreRef: { kind: 'ClusterSecretStore', name: 'values' },
            data: [entry('password')],
          },
        },
      },
    );
    for (const name of names)
      await until(`the Secret of ${name}`, async () => (await inSecret('shared', 'password', '-n', name)) === 'third');
    await kubectl('label', 'namespace', 'green', 'team-');
    await until('its end in green', async () => {
      return (await kubectl('get', 'externalsecrets,secrets', '-n', 'green', '-o', 'name')) === '';
    });
    assert.equal(await inSecret('shared', 'password', '-n', 'blue'), 'third');
  });

  test('makes a password, and pushes it to the store', async () => {
    const generatorRef = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password', name: 'long' };
    await apply(
      {
        apiVersion: generatorRef.apiVersion,
        kind: 'Password',
        metadata: { name: 'long' },
        spec: { length: 42, digits: 5, symbols: 5, symbolCharacters: '-_', noUpper: false, allowRepeat: true },
      },
      externalSecret('made', { refreshInterval: '0', dataFrom: [{ sourceRef: { generatorRef } }] }),
      webhookStore('SecretStore', 'pushes', '{{ .remoteRef.remoteKey }}', { method: 'PUT', result: {} }),
    );
    await kubectl('wait', '--for=condition=Ready', 'externalsecret/made', '--timeout=60s');
    await apply({
      apiVersion: 'external-secrets.io/v1alpha1',
      kind: 'PushSecret',
      metadata: { name: 'made' },
      spec: {
        refreshInterval: '1s',
        secretStoreRefs: [{ name: 'pushes' }],
        selector: { secret: { name: 'made' } },
        data: [{ match: { secretKey: 'password', remoteRef: { remoteKey: 'made' } } }],
      },
    });
    await kubectl('wait', '--for=condition=Ready', 'pushsecret/made', '--timeout=60s');
    const made = await inSecret('made', 'password');
    assert.match(made, /^[\w-]{42}$/);
    assert.equal(store.values.get('made'), made);
  });

  test('leaves nothing of an ExternalSecret that is deleted, and makes anew a Secret that is', async () => {
    await kubectl('delete', 'secret', 'app');
    await until('another one', async () => (await inSecret('app', 'url')) === 'postgres://app:third@db');
    await kubectl('delete', 'externalsecret', 'app');
    await until('its end', async () => !(await kubectl('get', 'secrets', '-o', 'name')).includes('secret/app\n'));
  });

  test('logs no failure but those that were made', async () => {
    const parts = ['', '-webhook', '-cert-controller'];
    const lines = (await Promise.all(parts.map(logs))).flatMap((text) => text.split('\n').filter(Boolean));
    const failures = lines.filter((line) => !/"level":"(info|debug)"/.test(line));
    const unexplained = failures.filter((line) => !explained.some((one) => one.test(line)));
    assert.deepEqual(unexplained, []);
  });

  test('is uninstalled, and nobody validates any longer', async () => {
    const { code, stderr } = await run(helm, ['uninstall', 'external-secrets', '-n', 'external-secrets', '--wait']);
    assert.equal(code, 0, stderr);
    assert.equal(await kubectl('get', 'validatingwebhookconfigurations', '-o', 'name'), '');
    // helm waits for what it has made itself; what its Deployments made is collected behind them.
    await until('the end of its pods', async () => {
      return (await kubectl('get', 'all', '-n', 'external-secrets', '-o', 'name')) === '';
    });
    await apply(externalSecret('late', { data: [entry('password')] }));
  });

  function webhookStore(kind: string, name: string, path: string, more: object): object {
    const namespace = kind === 'ClusterSecretStore' ? { namespace: 'default' } : {};
    const webhook = {
      url: `${store.url}/${path}`,
      headers: { authorization: 'Bearer {{ .auth.token }}' },
      secrets: [{ name: 'auth', secretRef: { name: 'store-token', key: 'token', ...namespace } }],
      ...more,
    };
    return { apiVersion: 'external-secrets.io/v1', kind, metadata: { name }, spec: { provider: { webhook } } };
  }
});

function externalSecret(name: string, spec: object): object {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name },
    spec: { refreshInterval: '1s', secretStoreRef: { kind: 'SecretStore', name: 'values' }, ...spec },
  };
}

function entry(key: string): object {
  return { secretKey: key, remoteRef: { key } };
}

/** What its programs log as failures or warnings against any API server. */
const explained: readonly RegExp[] = [
  /endpoint gave error 503 Service Unavailable/, // as long as the store failed
  // All its programs start at once: what makes the certificates is not the first.
  /"msg":"invalid certs\. retrying\.\.\."/,
  /"error":"ca cert not yet ready"/,
  // It watches Secrets twice, and waits where one watch is ahead of the other.
  /controller caches for [sS]ecret(?: \w+)? are not in sync/,
  // It may just be about to say how it went with one that is deleted.
  /externalsecrets\.external-secrets\.io \\"(?:shared|app)\\" not found/,
  /v1 Endpoints is deprecated in v1\.33\+; use discovery\.k8s\.io\/v1 EndpointSlice$/,
];
