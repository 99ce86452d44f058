import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout } from '../../../testing/definition.ts';
import { pod } from './pod.ts';

const label = (text: string) =>
  `Invalid value: "${text}": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`;

interface Row {
  readonly name: string;
  readonly spec?: object;
  /** Fields of the only container. */
  readonly container?: object;
  readonly annotations?: Record<string, string>;
  readonly want: readonly string[];
}

const emptyVolume = { name: 'a', emptyDir: {} };

const rows: Row[] = [
  { name: 'one container with an image', want: [] },
  { name: 'no containers', spec: { containers: [] }, want: ['spec.containers: Required value'] },
  { name: 'no image', container: { image: '' }, want: ['spec.containers[0].image: Required value'] },
  {
    name: 'an image with a blank at its end',
    container: { image: 'nginx ' },
    want: ['spec.containers[0].image: Invalid value: "nginx ": must not have leading or trailing whitespace'],
  },
  { name: 'a name with capitals', container: { name: 'App' }, want: [`spec.containers[0].name: ${label('App')}`] },
  {
    name: 'the same name twice',
    spec: {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'a', image: 'x' },
      ],
    },
    want: ['spec.containers[1].name: Duplicate value: "a"'],
  },
  {
    name: 'several mistakes, told in the order of the rules',
    spec: { restartPolicy: 'Sometimes', hostname: 'A.b' },
    container: { name: 'App', imagePullPolicy: 'Perhaps', volumeMounts: [{ name: 'nowhere', mountPath: '/x' }] },
    want: [
      `spec.containers[0].name: ${label('App')}`,
      'spec.containers[0].volumeMounts[0].name: Not found: "nowhere"',
      'spec.containers[0].imagePullPolicy: Unsupported value: "Perhaps": supported values: "Always", "IfNotPresent", "Never"',
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      `spec.hostname: ${label('A.b')}`,
    ],
  },
  {
    name: 'host ports that collide between containers',
    spec: {
      containers: [
        { name: 'a', image: 'x', ports: [{ containerPort: 1, hostPort: 80 }] },
        { name: 'b', image: 'x', ports: [{ containerPort: 2, hostPort: 80 }] },
      ],
    },
    want: ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"'],
  },
  {
    name: 'a variable from two sources',
    container: {
      env: [
        {
          name: 'A',
          valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, configMapKeyRef: { name: 'a', key: 'b' } },
        },
      ],
    },
    want: [
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time',
    ],
  },
  {
    name: 'a variable with a value and a source',
    container: { env: [{ name: 'A', value: 'b', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    want: ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
  },
  {
    name: 'a variable from one label',
    container: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }] },
    want: [],
  },
  {
    name: 'a variable from all labels, which only files can show',
    container: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }] },
    want: [
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
    ],
  },
  {
    name: 'memory shown in units of cpu',
    container: { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1Mi' } } }] },
    want: [
      'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
    ],
  },
  {
    name: 'a variable from a file in a volume that is not there',
    container: { env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'f', key: 'K' } } }] },
    want: ['spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "v"'],
  },
  {
    name: 'resources of the pod that leave out what containers ask for',
    spec: { resources: { requests: { cpu: '2' } } },
    container: { resources: { requests: { cpu: '1', memory: '1Gi' } } },
    want: [],
  },
  {
    name: 'a projected source that Kubernetes does not know yet',
    spec: { volumes: [{ name: 'p', projected: { sources: [{ clusterTrustBundle: { path: 'x' } }] } }] },
    want: [],
  },
  {
    name: 'all variables of nothing',
    container: { envFrom: [{}] },
    want: ['spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'],
  },
  {
    name: 'a mount that spreads to the host without privilege',
    spec: { volumes: [emptyVolume] },
    container: { volumeMounts: [{ name: 'a', mountPath: '/a', mountPropagation: 'Bidirectional' }] },
    want: [
      'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
    ],
  },
  {
    name: 'all below read-only, the mount itself not',
    spec: { volumes: [emptyVolume] },
    container: { volumeMounts: [{ name: 'a', mountPath: '/a', recursiveReadOnly: 'Enabled' }] },
    want: ['spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true'],
  },
  {
    name: 'a request above its limit',
    container: { resources: { requests: { cpu: '2' }, limits: { cpu: '1500m' } } },
    want: [
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1500m',
    ],
  },
  {
    name: 'half a page',
    container: { resources: { limits: { cpu: '1', 'hugepages-2Mi': '3Mi' } } },
    want: [
      'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      'spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
    ],
  },
  {
    name: 'a pod that asks for less than its containers',
    spec: { resources: { requests: { cpu: '1' } } },
    container: { resources: { requests: { cpu: '2' } } },
    want: [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
    ],
  },
  {
    name: 'a probe without a handler',
    container: { livenessProbe: {} },
    want: ['spec.containers[0].livenessProbe: Required value: must specify a handler type'],
  },
  {
    name: 'a probe with two handlers',
    container: { livenessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } } },
    want: ['spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type'],
  },
  {
    name: 'a liveness probe that must succeed twice',
    container: { livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } },
    want: ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
  },
  {
    name: 'a hook that sleeps longer than the pod may take to end',
    container: { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
    want: [
      'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
  },
  {
    name: 'restart rules without an exit code',
    container: { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart' }] },
    want: ['spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified'],
  },
  {
    name: 'an image volume without an image',
    spec: { volumes: [{ name: 'a', image: {} }] },
    want: ['spec.volumes[0].image.reference: Required value'],
  },
  {
    name: 'a disk of NFS by a relative path',
    spec: { volumes: [{ name: 'a', nfs: { server: 's', path: 'p' } }] },
    want: ['spec.volumes[0].nfs.path: Invalid value: "p": must be an absolute path'],
  },
  {
    name: 'a claim for no storage',
    spec: {
      volumes: [{ name: 'a', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } }],
    },
    want: ['spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value'],
  },
  {
    name: 'a token for a pod without an account',
    spec: { volumes: [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
    want: [
      'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
    ],
  },
  {
    name: 'keys of the pod in a selector that names them already',
    spec: {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          matchLabelKeys: ['app'],
          labelSelector: { matchLabels: { app: 'web' } },
        },
      ],
    },
    want: [
      'spec.topologySpreadConstraints[0][0]: Invalid value: "app": exists in both matchLabelKeys and labelSelector',
    ],
  },
  {
    name: 'a sysctl of the network on the host',
    spec: { hostNetwork: true, securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } },
    want: [
      'spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when \'hostNetwork\' is true',
    ],
  },
  {
    name: 'a profile that is called otherwise in an annotation',
    annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
    spec: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
    want: ['spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match'],
  },
  {
    name: 'a deletion cost in words',
    annotations: { 'controller.kubernetes.io/pod-deletion-cost': 'much' },
    want: [
      'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "much": must be a 32bit integer',
    ],
  },
  {
    name: 'a host name of its own beside a domain name',
    spec: { hostnameOverride: 'web', setHostnameAsFQDN: true, hostNetwork: true },
    want: [
      'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true',
      'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
    ],
  },
  {
    name: 'a host name of its own that is too long',
    spec: { hostnameOverride: 'x'.repeat(65) },
    want: ['spec.hostnameOverride: Too long: may not be more than 64 bytes'],
  },
  {
    name: 'a restart at a new size where nothing restarts',
    spec: { restartPolicy: 'Never' },
    container: { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] },
    want: [
      "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'",
    ],
  },
];

for (const { name, spec = {}, container = {}, annotations, want } of rows) {
  test(`pod: ${name}`, () => {
    const containers = [{ name: 'app', image: 'nginx', ...container }];
    const metadata = { name: 'it', namespace: 'default', labels: { app: 'web' }, ...(annotations && { annotations }) };
    assert.deepEqual(complaintsAbout(pod, { metadata, spec: { containers, ...spec } }), want);
  });
}
