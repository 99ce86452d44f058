import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSecurity, SandboxConfig } from '../runtime.ts';
import { containerRequest, sandboxRequest } from './requests.ts';

const sandbox: SandboxConfig = {
  pod: { name: 'web', namespace: 'default', uid: 'u', attempt: 0 },
  hostname: 'web',
  logDirectory: '/logs',
  labels: {},
  annotations: {},
  cgroupParent: '/pods',
  hostNetwork: false,
  hostPid: false,
  hostIpc: false,
  shareProcesses: false,
  sysctls: {},
  security: {},
};

const security: ContainerSecurity = {
  privileged: false,
  addCapabilities: [],
  dropCapabilities: [],
  supplementalGroups: [],
  readOnlyRootFilesystem: false,
  noNewPrivileges: false,
  pidMode: 'container',
  hostNetwork: false,
  hostIpc: false,
  unmaskedProc: false,
};

function container(changes: Partial<ContainerSecurity>) {
  const config = {
    name: 'main',
    attempt: 0,
    image: 'sha256:1',
    imageReference: 'web:v1',
    env: [{ name: 'A', value: 'é' }],
    mounts: [],
    devices: [],
    labels: {},
    annotations: {},
    logPath: 'main/0.log',
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: {},
    security: { ...security, ...changes },
  };
  return containerRequest(config);
}

const namespaces = [
  { name: 'has its own namespaces', changes: {}, want: { network: 0, pid: 1, ipc: 0 } },
  { name: 'shares processes within the pod', changes: { shareProcesses: true }, want: { network: 0, pid: 0, ipc: 0 } },
  {
    name: 'uses all of the host',
    changes: { hostNetwork: true, hostPid: true, hostIpc: true, shareProcesses: true },
    want: { network: 2, pid: 2, ipc: 2 },
  },
];
for (const { name, changes, want } of namespaces)
  test(`a sandbox that ${name}`, () => {
    const { linux } = sandboxRequest({ ...sandbox, ...changes });
    assert.deepEqual(linux?.securityContext?.namespaceOptions, want);
  });

test('without a profile a container is not confined by seccomp', () => {
  assert.deepEqual(container({}).linux?.securityContext?.seccomp, { profileType: 1 });
  assert.deepEqual(container({ seccomp: 'runtime/default' }).linux?.securityContext?.seccomp, { profileType: 0 });
  const local = { profileType: 2, localhostRef: '/profiles/a.json' };
  assert.deepEqual(container({ seccomp: 'localhost//profiles/a.json' }).linux?.securityContext?.seccomp, local);
});

test('a profile of AppArmor is asked for where there is one', () => {
  assert.equal(container({}).linux?.securityContext?.apparmor, undefined);
  const profile = (appArmor: string) => container({ appArmor }).linux?.securityContext?.apparmor;
  assert.deepEqual(profile('runtime/default'), { profileType: 0 });
  assert.deepEqual(profile('unconfined'), { profileType: 1 });
  assert.deepEqual(profile('localhost/mine'), { profileType: 2, localhostRef: 'mine' });
});

test('a numeric user wins over the name that the image gives', () => {
  const numeric = container({ runAsUser: 0, runAsUserName: 'app' }).linux?.securityContext;
  assert.deepEqual([numeric?.runAsUser, numeric?.runAsUsername], [{ value: 0 }, '']);
  const named = container({ runAsUserName: 'app' }).linux?.securityContext;
  assert.deepEqual([named?.runAsUser, named?.runAsUsername], [undefined, 'app']);
});

test('kernel files are masked unless the pod asks for an unmasked /proc', () => {
  assert.ok(container({}).linux?.securityContext?.maskedPaths?.includes('/proc/kcore'));
  assert.deepEqual(container({ unmaskedProc: true }).linux?.securityContext?.maskedPaths, []);
});

test('environment values are sent as UTF-8', () => {
  assert.deepEqual(container({}).envs, [{ key: 'A', value: Buffer.from([0xc3, 0xa9]) }]);
});
