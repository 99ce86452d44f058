import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePod } from '../testing/pods.ts';
import { containerSecurity, sandboxSecurity } from './security.ts';

test("a profile of the node's is below the folder of profiles", () => {
  const pod = makePod({
    securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/a.json' } },
  });
  const container = { name: 'app', role: 'main', spec: pod.spec.containers[0]! } as const;
  const place = { pidTarget: undefined, seccompFolder: '/var/lib/kubelet/seccomp' };
  const want = 'localhost//var/lib/kubelet/seccomp/profiles/a.json';
  assert.equal(sandboxSecurity(pod, place.seccompFolder).seccomp, want);
  assert.equal(containerSecurity(pod, container, undefined, place).seccomp, want);
});
