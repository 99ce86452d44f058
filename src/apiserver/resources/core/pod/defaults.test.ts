import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completed } from '../../../testing/definition.ts';
import { pod } from './pod.ts';

const withContainer = (container: object, spec = {}) =>
  completed(pod, { spec: { containers: [{ name: 'app', image: 'nginx', ...container }], ...spec } }).spec;

test('a pod of one line gets all that a pod has', () => {
  assert.deepEqual(withContainer({}), {
    containers: [
      {
        name: 'app',
        image: 'nginx',
        imagePullPolicy: 'Always',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
  });
});

test('defaults of defaults are the same', () => {
  const once = completed(pod, { spec: withContainer({ livenessProbe: { httpGet: { port: 1 } } }) });
  assert.deepEqual(completed(pod, once), once);
});

const policies: Readonly<Record<string, string>> = {
  nginx: 'Always',
  'nginx:latest': 'Always',
  'nginx:1.27': 'IfNotPresent',
  'localhost:5000/nginx': 'Always',
  'localhost:5000/nginx:1': 'IfNotPresent',
  [`nginx@sha256:${'a'.repeat(64)}`]: 'IfNotPresent',
};
for (const [image, want] of Object.entries(policies)) {
  test(`image ${image.slice(0, 30)} is pulled ${want}`, () => {
    assert.equal(withContainer({ image }).containers[0]!.imagePullPolicy, want);
  });
}

test('a limit without a request is a request', () => {
  assert.deepEqual(withContainer({ resources: { limits: { cpu: '1' } } }).containers[0]!.resources, {
    limits: { cpu: '1' },
    requests: { cpu: '1' },
  });
});

test('a pod that is limited as a whole asks for what its containers ask for, and another for what it says', () => {
  const container = { resources: { requests: { cpu: '1' } } };
  const ofPod = (resources: object) => withContainer(container, { resources }).resources;
  assert.deepEqual(ofPod({ limits: { cpu: '2' } }), { limits: { cpu: '2' }, requests: { cpu: '1' } });
  assert.deepEqual(ofPod({}), {});
  assert.deepEqual(ofPod({ requests: { memory: '1Gi' } }), { requests: { memory: '1Gi' } });
});

test('amounts finer than a thousandth are rounded up', () => {
  assert.deepEqual(withContainer({ resources: { requests: { cpu: '100u' } } }).containers[0]!.resources, {
    requests: { cpu: '1m' },
  });
});

test("on the host's network ports are the host's", () => {
  const { containers } = withContainer({ ports: [{ containerPort: 80 }] }, { hostNetwork: true });
  assert.deepEqual(containers[0]!.ports, [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]);
});

test('a volume without a source is an empty directory', () => {
  assert.deepEqual(withContainer({}, { volumes: [{ name: 'a' }] }).volumes, [{ name: 'a', emptyDir: {} }]);
});

test('the older name of the service account is kept beside the newer', () => {
  const { serviceAccount, serviceAccountName } = withContainer({}, { serviceAccount: 'robot' });
  assert.deepEqual([serviceAccount, serviceAccountName], ['robot', 'robot']);
});
