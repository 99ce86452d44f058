import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../../../apimachinery/validation.ts';
import { complaintsAbout, completed } from '../../../testing/definition.ts';
import { pod } from './pod.ts';

const base = {
  containers: [{ name: 'app', image: 'nginx:1', resources: { requests: { cpu: '1' } } }],
  tolerations: [{ key: 'a', operator: 'Exists' }],
  activeDeadlineSeconds: 100,
};
const rules =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

interface Row {
  readonly name: string;
  readonly old?: object;
  readonly now: object;
  readonly want: readonly string[];
}

const gated = { ...base, schedulingGates: [{ name: 'example.com/a' }], nodeSelector: { a: 'b' } };
const rows: Row[] = [
  { name: 'nothing', now: {}, want: [] },
  { name: 'the image', now: { containers: [{ ...base.containers[0], image: 'nginx:2' }] }, want: [] },
  {
    name: 'a toleration more',
    now: { tolerations: [...base.tolerations, { key: 'b', operator: 'Exists' }] },
    want: [],
  },
  {
    name: 'a toleration less',
    now: { tolerations: [] },
    want: ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  },
  { name: 'a nearer deadline', now: { activeDeadlineSeconds: 50 }, want: [] },
  {
    name: 'a later deadline',
    now: { activeDeadlineSeconds: 200 },
    want: ['spec.activeDeadlineSeconds: Invalid value: 200: must be less than or equal to previous value'],
  },
  {
    name: 'no deadline any more',
    now: { activeDeadlineSeconds: undefined },
    want: ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value'],
  },
  {
    name: 'a container more',
    now: { containers: [...base.containers, { name: 'b', image: 'x' }] },
    want: ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  },
  {
    name: 'the host name, shown with the lines around it',
    now: { hostname: 'a' },
    want: [
      `spec: Forbidden: ${rules}\n${[
        '@@ -66,7 +66,7 @@',
        '   "SELinuxChangePolicy": null',
        '  },',
        '  "ImagePullSecrets": null,',
        '- "Hostname": "",',
        '+ "Hostname": "a",',
        '  "Subdomain": "",',
        '  "SetHostnameAsFQDN": null,',
        '  "Affinity": null,',
        '',
      ].join('\n')}`,
    ],
  },
  { name: 'a gated pod to fewer nodes', old: gated, now: { nodeSelector: { a: 'b', c: 'd' } }, want: [] },
  {
    name: 'a gated pod to other nodes',
    old: gated,
    now: { nodeSelector: { a: 'x' } },
    want: [
      'spec.nodeSelector: Invalid value: {"a":"x"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
  },
  { name: 'the last gate gone', old: gated, now: { schedulingGates: undefined }, want: [] },
  {
    name: 'another gate',
    old: gated,
    now: { schedulingGates: [{ name: 'example.com/b' }] },
    want: [
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'example.com/b'",
    ],
  },
];

for (const { name, old = base, now, want } of rows) {
  test(`pod update: ${name}`, () => {
    assert.deepEqual(complaintsAbout(pod, { spec: { ...old, ...now } }, { spec: old }), want);
  });
}

test('pod resize: cpu may change, the quality of service may not', () => {
  const resize = pod.subresources!.updates!['resize']!;
  const old = completed(pod, { spec: base });
  old.status = { qosClass: 'Burstable' };
  const resized = (resources: object) => {
    const draft = structuredClone(old);
    const wanted = structuredClone(old);
    wanted.spec.containers[0]!.resources = resources;
    resize.apply(draft, wanted, undefined as never);
    return resize.validate!(draft, old).map(fieldErrorText);
  };
  assert.deepEqual(resized({ requests: { cpu: '2' } }), []);
  assert.deepEqual(resized({}), [
    'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
  ]);
  assert.deepEqual(resized({ requests: { cpu: '2', 'ephemeral-storage': '1Gi' } }), [
    'spec: Forbidden: only cpu and memory resources are mutable',
  ]);
});

test('ephemeral containers may be added, never taken away', () => {
  const add = pod.subresources!.updates!['ephemeralcontainers']!;
  const look = { name: 'look', image: 'busybox' };
  const old = completed(pod, { spec: { ...base, ephemeralContainers: [look] } });
  const changed = (ephemeralContainers: object[]) => {
    const draft = structuredClone(old);
    add.apply(draft, completed(pod, { spec: { ...base, ephemeralContainers } }), undefined as never);
    return add.validate!(draft, old).map(fieldErrorText);
  };
  assert.deepEqual(changed([look, { name: 'more', image: 'busybox', targetContainerName: 'app' }]), []);
  assert.deepEqual(changed([]), [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "look" may not be removed\n',
  ]);
  assert.deepEqual(changed([look, { name: 'app', image: 'x', ports: [{ containerPort: 1 }] }]), [
    'spec.ephemeralContainers[1].name: Duplicate value: "app"',
    'spec.ephemeralContainers[1].ports: Forbidden: cannot be set for an Ephemeral Container',
  ]);
});
