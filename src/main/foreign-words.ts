/** A word of another tool, and what to do about it: exactly one of `means` and `says` is there. */
export interface ForeignWord {
  readonly words: string;
  readonly from: 'kind' | 'minikube';
  /** Our words for it; further arguments go behind them. */
  readonly means?: string;
  /** Flags that are called otherwise here. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Flags that change nothing here: those with a value, and those without. */
  readonly ignored?: readonly string[];
  readonly ignoredSwitches?: readonly string[];
  /** Only with one of these flags is it the word of the other tool: without them it is ours. */
  readonly onlyWith?: readonly string[];
  /** What to type instead, where nothing here does the same. */
  readonly says?: string;
}

/** With which the tools end when they do not understand, which their users' scripts may look at. */
export const usageFailure = { kind: 1, minikube: 14 } as const;
/** Of minikube's `addons`. */
export const addonFailure = 10;

const name = { '-n': '--name' };
const makes = ['--cpus', '--memory', '--nodes', '-n', '--driver', '-d', '--vm-driver', '--kubernetes-version'];
const loads =
  'build it with docker or podman, and type "kubeling image load --docker IMAGE", or "kubeling image load FILE"';
const logs =
  'logs of the cluster are in the folder that "kubeling status" shows, those of containers come with "kubectl logs"';
const machine =
  'nodes share the files of this machine, and "kubectl exec" or "kubectl debug node/NAME" runs programs there';

/** Words of kind and minikube. The longer ones of equal beginning come first. */
export const foreignWords: readonly ForeignWord[] = [
  { from: 'kind', words: 'create cluster', means: 'up --new', flags: name, ignored: ['--image', '--wait'] },
  { from: 'kind', words: 'delete clusters', says: 'type "kubeling down --name NAME" for each' },
  { from: 'kind', words: 'delete cluster', means: 'down --if-there', flags: name },
  { from: 'kind', words: 'get clusters', means: 'list -o name' },
  { from: 'kind', words: 'get nodes', says: 'type "kubectl get nodes"' },
  { from: 'kind', words: 'get kubeconfig', means: 'kubeconfig', flags: name, ignoredSwitches: ['--internal'] },
  {
    from: 'kind',
    words: 'export kubeconfig',
    means: 'kubeconfig --write',
    flags: name,
    ignoredSwitches: ['--internal'],
  },
  { from: 'kind', words: 'export logs', says: logs },
  { from: 'kind', words: 'load docker-image', means: 'image load --docker', flags: name, ignored: ['--nodes'] },
  { from: 'kind', words: 'load image-archive', means: 'image load', flags: name, ignored: ['--nodes'] },
  { from: 'kind', words: 'build node-image', says: 'nodes are made of this machine: there is no image to build' },
  {
    from: 'minikube',
    words: 'start',
    means: 'up',
    onlyWith: makes,
    flags: { '-n': '--nodes' },
    ignored: [
      '--driver',
      '-d',
      '--vm-driver',
      '--kubernetes-version',
      '--container-runtime',
      '--cni',
      '--disk-size',
      '--addons',
    ],
  },
  { from: 'minikube', words: 'delete', means: 'down --if-there' },
  { from: 'minikube', words: 'profile list', means: 'list' },
  {
    from: 'minikube',
    words: 'profile',
    says: 'name the cluster with --name, and see those that are with "kubeling list"',
  },
  { from: 'minikube', words: 'update-context', means: 'kubeconfig --write' },
  {
    from: 'minikube',
    words: 'dashboard',
    onlyWith: ['--url'],
    means: 'dashboard --no-open',
    ignoredSwitches: ['--url'],
  },
  { from: 'minikube', words: 'image ls', means: 'image list' },
  ...['build', 'pull', 'push', 'rm', 'save', 'tag'].map((word) => said(`image ${word}`, loads)),
  said('cache', loads),
  said('docker-env', `nodes have no Docker of their own: ${loads}`),
  said('podman-env', `nodes have no Podman of their own: ${loads}`),
  said('service list', 'type "kubectl get services --all-namespaces"'),
  said('node list', 'type "kubectl get nodes"'),
  said('node add', 'how many nodes there are is decided by "kubeling up --nodes COUNT"'),
  said(
    'node delete',
    'how many nodes there are is decided by "kubeling up --nodes COUNT"; "kubeling node stop" turns one off',
  ),
  said('pause', 'type "kubeling stop"'),
  said('unpause', 'type "kubeling start"'),
  said('logs', logs),
  said('ssh', machine),
  said('cp', machine),
  said('mount', machine),
  said('config', 'what a cluster has is said to "kubeling up"'),
];

function said(words: string, says: string): ForeignWord {
  return { from: 'minikube', words, says };
}

/** What minikube adds to a cluster by name is there. */
export const addons: Readonly<Record<string, string>> = {
  ingress: 'nginx serves Ingresses on every node',
  dashboard: 'type "kubeling dashboard"',
  'metrics-server': 'see "kubectl top"',
  'storage-provisioner': 'claims of the class "standard" get their volumes',
  'default-storageclass': 'claims of the class "standard" get their volumes',
};
