import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startServerProcess, type ServerProcess } from '../kit/server-process.ts';
import { kubectlOf } from './kubectl-programs.ts';

/**
 * What people type, against a server without nodes: one command a row, what it prints, and its exit code where that is
 * not 0.
 */
interface Step {
  readonly run: string;
  readonly prints: RegExp;
  readonly exit?: number;
  /** Comes on standard input. */
  readonly input?: string;
}

const versions = ['1.27', '1.30', '1.33', '1.35'];

const web = (image: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {mode: test}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: "registry.invalid/web:${image}", envFrom: [{configMapRef: {name: settings}}]}]
`;

const steps: readonly Step[] = [
  { run: 'version', prints: /Server Version: .*v1\.36\./ },
  { run: 'api-resources --api-group=apps', prints: /deployments +deploy +apps\/v1 +true +Deployment/ },
  { run: 'api-versions', prints: /^networking\.k8s\.io\/v1$/m },
  { run: 'explain pod.spec.containers.image', prints: /FIELD: +image <string>/ },
  { run: 'create namespace NS', prints: /namespace\/NS created/ },
  { run: 'create namespace NS', prints: /\(AlreadyExists\).*namespaces "NS" already exists/, exit: 1 },
  {
    run: 'apply -f -',
    input: web('v1'),
    prints: /configmap\/settings created\nservice\/web created\ndeployment.apps\/web created/,
  },
  {
    run: 'apply -f -',
    input: web('v1'),
    prints: /configmap\/settings unchanged\nservice\/web unchanged\ndeployment.apps\/web unchanged/,
  },
  {
    run: 'apply -f -',
    input: web('v2'),
    prints: /settings unchanged\nservice\/web unchanged\ndeployment.apps\/web configured/,
  },
  { run: 'apply --server-side --field-manager=other -f -', input: web('v3'), prints: /conflict/, exit: 1 },
  {
    run: 'apply --server-side --force-conflicts -f -',
    input: web('v3'),
    prints: /deployment.apps\/web serverside-applied/,
  },
  { run: 'get deployment web -o jsonpath={..image}', prints: /registry\.invalid\/web:v3/ },
  {
    run: 'get deployments,services -o wide',
    prints: /NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR\n/,
  },
  { run: 'get all', prints: /deployment\.apps\/web/ },
  { run: 'get pods --field-selector=spec.nodeName=nowhere', prints: /No resources found/ },
  {
    run: 'wait --for=create deployment/web --timeout=20s',
    prints: /deployment\.apps\/web condition met|unrecognized condition/,
    exit: Number.NaN,
  },
  {
    run: 'wait --for=jsonpath={.status.replicas}=3 deployment/web --timeout=30s',
    prints: /deployment\.apps\/web condition met/,
  },
  { run: 'scale deployment/web --replicas=1', prints: /deployment\.apps\/web scaled/ },
  { run: 'set image deployment/web app=registry.invalid/web:v4', prints: /image updated/ },
  { run: 'label service web tier=front', prints: /service\/web labeled/ },
  { run: 'annotate configmap settings note=x', prints: /configmap\/settings annotated?/ },
  { run: 'get services -l tier=front -o name', prints: /^service\/web\n$/ },
  { run: `patch configmap settings --type=merge -p {"data":{"mode":"merge"}}`, prints: /configmap\/settings patched/ },
  {
    run: `patch configmap settings --type=json -p [{"op":"test","path":"/data/mode","value":"merge"}]`,
    prints: /no change|patched/,
  },
  {
    run: `patch deployment web -p {"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"A","value":"b"}]}]}}}}`,
    prints: /deployment\.apps\/web patched/,
  },
  { run: 'rollout history deployment/web', prints: /REVISION +CHANGE-CAUSE/ },
  { run: 'rollout undo deployment/web', prints: /deployment\.apps\/web rolled back/ },
  { run: 'describe deployment web', prints: /ScalingReplicaSet/ },
  { run: 'events --for deployment/web', prints: /ScalingReplicaSet/ },
  { run: 'create secret generic key --from-literal=a=b', prints: /secret\/key created/ },
  { run: 'get secret key -o jsonpath={.data.a}', prints: /^Yg==$/ },
  { run: 'create serviceaccount robot', prints: /serviceaccount\/robot created/ },
  { run: 'create token robot', prints: /^[\w-]+\.[\w-]+\.[\w-]+\n?$/ },
  {
    run: 'create role reader --verb=get --resource=pods',
    prints: /role\.rbac\.authorization\.k8s\.io\/reader created/,
  },
  {
    run: 'create rolebinding robot --role=reader --serviceaccount=NS:robot',
    prints: /rolebinding\.rbac\.authorization\.k8s\.io\/robot created/,
  },
  { run: 'auth can-i get pods --as=system:serviceaccount:NS:robot', prints: /^yes\n$/ },
  { run: 'auth can-i delete pods --as=system:serviceaccount:NS:robot', prints: /^no\n$/, exit: 1 },
  {
    run: 'get pods --as=system:serviceaccount:NS:robot',
    prints: /\(Forbidden\).*cannot list resource "pods"/,
    exit: 1,
  },
  { run: 'get configmap settings -w --request-timeout=1s', prints: /NAME +DATA +AGE\nsettings/, exit: Number.NaN },
  { run: 'get --raw /readyz', prints: /^ok$/ },
  { run: 'get configmap missing', prints: /\(NotFound\): configmaps "missing" not found/, exit: 1 },
  { run: 'get widgets', prints: /the server doesn't have a resource type "widgets"/, exit: 1 },
  { run: 'create configmap Bad_Name', prints: /metadata\.name: Invalid value: "Bad_Name"/, exit: 1 },
  {
    run: 'replace -f -',
    input: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"mode":"new"}}',
    prints: /configmap\/settings replaced/,
  },
  { run: 'delete -f - --wait=true', input: web('v1'), prints: /deployment\.apps "web" (force )?deleted/ },
  { run: 'delete namespace NS --timeout=60s', prints: /namespace "NS" deleted/ },
  { run: 'get namespace NS', prints: /namespaces "NS" not found/, exit: 1 },
];

const folder = mkdtempSync(join(tmpdir(), 'kubeling-kubectl-'));
const server = await startServerProcess();
after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
const kubeconfig = writeKubeconfig(server);

for (const version of versions) {
  const found = kubectlOf(version, folder);
  test(`kubectl ${version} does what people type`, { skip: 'missing' in found && found.missing }, () => {
    if ('missing' in found) return;
    const namespace = `kubectl-${version.replace('.', '-')}`;
    for (const step of steps) {
      const args = step.run.split(' ').map((word) => word.replaceAll('NS', namespace));
      const { status, stdout, stderr }: SpawnSyncReturns<string> = spawnSync(
        found.path,
        [...args, ...inNamespace(step, namespace)],
        {
          env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig },
          encoding: 'utf8',
          timeout: 90_000,
          ...(step.input === undefined ? {} : { input: step.input }),
        },
      );
      const said = `${stdout}${stderr}`.replaceAll(namespace, 'NS');
      assert.match(said, step.prints, `kubectl ${args.join(' ')}`);
      if (!Number.isNaN(step.exit)) assert.equal(status, step.exit ?? 0, `kubectl ${args.join(' ')}: ${said}`);
    }
  });
}

/** Every command that is not about namespaces themselves runs in the test's own. */
function inNamespace({ run }: Step, namespace: string): string[] {
  return run.includes(' NS') && run.includes('namespace ') ? [] : ['--namespace', namespace];
}

function writeKubeconfig({ url, identity }: ServerProcess): string {
  const path = join(folder, 'kubeconfig');
  const data = (pem: string): string => Buffer.from(pem).toString('base64');
  const cluster = { server: url, 'certificate-authority-data': data(identity.ca) };
  const user = { 'client-certificate-data': data(identity.cert), 'client-key-data': data(identity.key) };
  const context = { cluster: 'test', user: 'test' };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context }],
    'current-context': 'test',
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
