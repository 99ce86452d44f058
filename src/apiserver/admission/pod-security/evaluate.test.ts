import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../../api/core/v1/types.ts';
import { violationsOf, violationsText } from './evaluate.ts';
import type { Demand } from './policy.ts';

const context = (...contexts: object[]) => ({
  containers: contexts.map((securityContext, i) => ({ name: 'abc'[i]!, image: 'i', securityContext })),
});
const good = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const named = (more: object = {}) => ({ containers: [{ name: 'a', image: 'i', ...more }] });
const baseline: Demand = { level: 'baseline' };
const restricted: Demand = { level: 'restricted' };
const sysctl = (...names: string[]) => ({ ...named(), securityContext: { sysctls: names.map((name) => ({ name })) } });

const rows: readonly {
  name: string;
  demand: Demand;
  spec: object;
  annotations?: Record<string, string>;
  want: string;
}[] = [
  { name: 'nothing special', demand: baseline, spec: named(), want: '' },
  {
    name: 'nothing special, where much is to be said',
    demand: restricted,
    spec: named(),
    want: 'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  },
  { name: 'all that is to be said', demand: restricted, spec: context(good), want: '' },
  {
    name: 'the same by older rules',
    demand: { level: 'restricted', minor: 7 },
    spec: context({ runAsNonRoot: true }),
    want: '',
  },
  { name: 'anything', demand: { level: 'privileged' }, spec: { ...named(), hostPID: true }, want: '' },
  {
    name: 'namespaces of the node',
    demand: baseline,
    spec: { ...named(), hostNetwork: true, hostIPC: true, hostPID: true },
    want: 'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
  },
  {
    name: 'ports of the node, in init containers too',
    demand: baseline,
    spec: {
      ...named({
        ports: [
          { containerPort: 1, hostPort: 20 },
          { containerPort: 2, hostPort: 10 },
        ],
      }),
      initContainers: [{ name: 'z', image: 'i', ports: [{ containerPort: 1, hostPort: 10 }] }],
    },
    want: 'hostPort (containers "z", "a" use hostPorts 10, 20)',
  },
  {
    name: 'folders of the node',
    demand: baseline,
    spec: {
      ...named(),
      volumes: [
        { name: 'v', hostPath: { path: '/' } },
        { name: 'w', emptyDir: {} },
      ],
    },
    want: 'hostPath volumes (volume "v")',
  },
  {
    name: 'folders of the node, and other volumes that are not for everybody',
    demand: restricted,
    spec: {
      ...context(good),
      volumes: [
        { name: 'v', hostPath: { path: '/' } },
        { name: 'w', nfs: {} },
        { name: 'x', image: {} },
      ],
    },
    want: 'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
  },
  {
    name: 'more capabilities than usual',
    demand: baseline,
    spec: context({ capabilities: { add: ['NET_ADMIN', 'CHOWN'] } }, { capabilities: { add: ['BPF'] } }),
    want: 'non-default capabilities (containers "a", "b" must not include "BPF", "NET_ADMIN" in securityContext.capabilities.add)',
  },
  {
    name: 'more capabilities than one',
    demand: restricted,
    spec: context({ ...good, capabilities: { drop: ['ALL'], add: ['CHOWN', 'NET_BIND_SERVICE'] } }),
    want: 'unrestricted capabilities (container "a" must not include "CHOWN" in securityContext.capabilities.add)',
  },
  {
    name: 'all rights',
    demand: baseline,
    spec: context({ privileged: true }, { privileged: false }),
    want: 'privileged (container "a" must not set securityContext.privileged=true)',
  },
  {
    name: 'a host for a probe',
    demand: baseline,
    spec: named({
      livenessProbe: { httpGet: { host: 'h', port: 1 } },
      lifecycle: { preStop: { tcpSocket: { host: 'g' } } },
    }),
    want: 'probe or lifecycle host (container "a" uses probe or lifecycle hosts "g", "h")',
  },
  {
    name: 'a host for a probe, by older rules',
    demand: { level: 'baseline', minor: 33 },
    spec: named({ livenessProbe: { httpGet: { host: 'h', port: 1 } } }),
    want: '',
  },
  {
    name: 'all of proc',
    demand: baseline,
    spec: context({ procMount: 'Unmasked' }),
    want: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  },
  {
    name: 'all of proc, with users of its own',
    demand: baseline,
    spec: { ...context({ procMount: 'Unmasked' }), hostUsers: false },
    want: '',
  },
  {
    name: 'all of proc and root, with users of its own, where much is to be said',
    demand: restricted,
    spec: { ...context({ ...good, procMount: 'Unmasked', runAsNonRoot: false, runAsUser: 0 }), hostUsers: false },
    want: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  },
  {
    name: 'root',
    demand: restricted,
    spec: { ...context({ ...good, runAsNonRoot: false, runAsUser: 0 }), securityContext: { runAsUser: 0 } },
    want: 'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod and container "a" must not set runAsUser=0)',
  },
  {
    name: 'no filter of system calls',
    demand: baseline,
    spec: {
      ...context({ seccompProfile: { type: 'Unconfined' } }),
      securityContext: { seccompProfile: { type: 'Odd' } },
    },
    want: 'seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "Odd", "Unconfined")',
  },
  {
    name: 'no filter, by an annotation',
    demand: { level: 'baseline', minor: 18 },
    spec: named(),
    annotations: { 'container.seccomp.security.alpha.kubernetes.io/a': 'unconfined' },
    want: 'seccompProfile (forbidden annotation container.seccomp.security.alpha.kubernetes.io/a="unconfined")',
  },
  {
    name: 'no AppArmor',
    demand: baseline,
    spec: context({ appArmorProfile: { type: 'Unconfined' } }),
    annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' },
    want: 'forbidden AppArmor profiles (container "a" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
  },
  {
    name: 'labels of SELinux',
    demand: { level: 'baseline', minor: 30 },
    spec: context({ seLinuxOptions: { type: 'container_engine_t', user: 'u' } }, { seLinuxOptions: { role: 'r' } }),
    want: 'seLinuxOptions (containers "a", "b" set forbidden securityContext.seLinuxOptions: type "container_engine_t"; user may not be set; role may not be set)',
  },
  {
    name: 'settings of the kernel',
    demand: { level: 'baseline', minor: 28 },
    spec: sysctl('net.ipv4.tcp_fin_timeout', 'net.ipv4.ip_local_reserved_ports', 'kernel.x'),
    want: 'forbidden sysctls (net.ipv4.tcp_fin_timeout, kernel.x)',
  },
  {
    name: 'settings of the kernel that became safe, by rules that are not known yet',
    demand: { level: 'baseline', minor: 99 },
    spec: sysctl('net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_wmem'),
    want: '',
  },
  {
    name: 'processes of a Windows node',
    demand: baseline,
    spec: {
      ...context({ windowsOptions: { hostProcess: true } }),
      securityContext: { windowsOptions: { hostProcess: true } },
    },
    want: 'hostProcess (pod and container "a" must not set securityContext.windowsOptions.hostProcess=true)',
  },
  {
    name: 'nothing, on Windows',
    demand: restricted,
    spec: { ...named(), os: { name: 'windows' }, securityContext: { runAsNonRoot: true } },
    want: '',
  },
];

for (const { name, demand, spec, annotations = {}, want } of rows)
  test(`a pod with ${name}`, () =>
    assert.equal(violationsText(violationsOf({ annotations, spec: spec as PodSpec }, demand)), want));
