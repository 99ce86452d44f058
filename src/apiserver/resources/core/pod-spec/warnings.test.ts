import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completed } from '../../../testing/definition.ts';
import { deployment } from '../../apps/deployment.ts';
import { pod } from '../pod/pod.ts';

const rows: readonly { name: string; spec?: object; container?: object; metadata?: object; want: readonly string[] }[] =
  [
    { name: 'a plain pod', want: [] },
    {
      name: 'a variable set twice',
      container: {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      want: ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    },
    {
      name: 'a variable that extends itself',
      container: {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '$(A)2' },
        ],
      },
      want: [],
    },
    {
      name: 'a port twice',
      container: { ports: [{ containerPort: 80 }, { containerPort: 80 }] },
      want: ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
    },
    {
      name: 'a port with and without a port of the host',
      container: { ports: [{ containerPort: 80, hostPort: 80 }, { containerPort: 80 }] },
      want: ['spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]'],
    },
    {
      name: 'part of a byte',
      container: { resources: { limits: { memory: '100m' } } },
      want: [
        'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
        'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
      ],
    },
    {
      name: 'an old label in the selector of nodes',
      spec: { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
      want: ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    },
    {
      name: 'an old kind of volume',
      spec: { volumes: [{ name: 'a', rbd: { monitors: ['m'], image: 'i' } }] },
      want: ['spec.volumes[0].rbd: deprecated in v1.28, non-functional in v1.31+'],
    },
    {
      name: 'files that stand at the same path, or where another has a folder',
      spec: {
        volumes: [
          {
            name: 'c',
            configMap: {
              name: 'm',
              items: [
                { key: 'a', path: 'b' },
                { key: 'b', path: 'b/c/' },
                { key: 'c', path: 'b' },
              ],
            },
          },
          {
            name: 'p',
            projected: {
              sources: [
                {},
                { serviceAccountToken: { path: 't' } },
                { secret: { name: 's', items: [{ key: 'a', path: 't/u' }] } },
              ],
            },
          },
        ],
      },
      want: [
        'volume "c" (ConfigMap "m"): overlapping paths: "b/c" with "b"',
        'volume "c" (ConfigMap "m"): overlapping paths: "b" with "b"',
        'volume "c" (ConfigMap "m"): overlapping paths: "b" with "b/c"',
        'volume "p" (Projected) has no sources provided',
        'volume "p" (Projected): overlapping paths: "t/u" (Secret "s") with "t" (ServiceAccountToken)',
      ],
    },
    {
      name: 'a name that is no host name',
      metadata: { name: 'a.b' },
      want: [
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
      ],
    },
  ];

for (const { name, spec = {}, container = {}, metadata = { name: 'it' }, want } of rows) {
  test(`warnings about ${name}`, () => {
    const containers = [{ name: 'app', image: 'nginx', ...container }];
    assert.deepEqual(
      pod.strategy.warnings!(completed(pod, { metadata, spec: { containers, ...spec } }), undefined),
      want,
    );
  });
}

test('warnings about a template name it', () => {
  const template = { spec: { containers: [{ name: 'a', image: 'x' }], imagePullSecrets: [{}] } };
  assert.deepEqual(deployment.strategy.warnings!(completed(deployment, { spec: { template } }), undefined), [
    'spec.template.spec.imagePullSecrets[0].name: invalid empty name ""',
  ]);
});
