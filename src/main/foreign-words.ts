/** What a command line means. */
export interface Meaning {
  /** The words of ours to go on with, or nothing more than `text` is to be done. */
  readonly argv?: readonly string[];
  /** For the user: to standard output where this was all and went well, otherwise to standard error. */
  readonly text: string;
  /** Where `argv` is absent. */
  readonly exitCode: number;
}

interface ForeignWord {
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
const usageFailure = { kind: 1, minikube: 14 } as const;
const addonFailure = 10;

const name = { '-n': '--name' };
const makes = ['--cpus', '--memory', '--nodes', '-n', '--driver', '-d', '--vm-driver', '--kubernetes-version'];
const loads =
  'build it with docker or podman, and type "kubeling image load --docker IMAGE", or "kubeling image load FILE"';
const logs =
  'logs of the cluster are in the folder that "kubeling status" shows, those of containers come with "kubectl logs"';
const machine =
  'nodes share the files of this machine, and "kubectl exec" or "kubectl debug node/NAME" runs programs there';

/** Words of kind and minikube. The longer ones of equal beginning come first. */
const foreignWords: readonly ForeignWord[] = [
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
const addons: Readonly<Record<string, string>> = {
  ingress: 'nginx serves Ingresses on every node',
  dashboard: 'type "kubeling dashboard"',
  'metrics-server': 'see "kubectl top"',
  'storage-provisioner': 'claims of the class "standard" get their volumes',
  'default-storageclass': 'claims of the class "standard" get their volumes',
};

/** What a command line means to Kubeling. Pure. */
export function meaningOf(argv: readonly string[]): Meaning {
  const ours = withNames(argv);
  const word = foreignWords.find(
    ({ words, onlyWith }) =>
      startsWith(ours, words) && (onlyWith === undefined || ours.some((one) => onlyWith.includes(flagOf(one)))),
  );
  if (word?.means !== undefined) return translated(word, ours.slice(word.words.split(' ').length));
  if (word !== undefined)
    return {
      text: `"${word.words}" is a word of ${word.from}: ${word.says}`,
      exitCode: usageFailure[word.from],
    };
  if (startsWith(ours, 'tunnel'))
    return {
      text: 'No tunnel is needed: Services of type LoadBalancer answer on this machine; "kubeling service NAME --url" says where',
      exitCode: 0,
    };
  if (startsWith(ours, 'addons')) return ofAddons(ours.slice(1));
  return { argv: ours, text: '', exitCode: 0 };
}

function ofAddons([verb = '', addon]: readonly string[]): Meaning {
  const about = addon === undefined || !Object.hasOwn(addons, addon) ? undefined : addons[addon];
  if (verb === 'list')
    return {
      text: Object.entries(addons)
        .map(([one, what]) => `${one}: ${what}`)
        .join('\n'),
      exitCode: 0,
    };
  if (addon === undefined || (verb !== 'enable' && verb !== 'disable'))
    return {
      text: '"addons" is a word of minikube: type "kubeling addons list" or "kubeling addons enable NAME"',
      exitCode: usageFailure.minikube,
    };
  if (about === undefined)
    return {
      text: `"${addon}" is no addon here; there are ${Object.keys(addons).join(', ')}. Install others with helm or kubectl`,
      exitCode: addonFailure,
    };
  if (verb === 'disable') return { text: `"${addon}" is part of every cluster and stays`, exitCode: addonFailure };
  return { text: `The '${addon}' addon is enabled, as in every cluster: ${about}`, exitCode: 0 };
}

function translated(
  { means, flags = {}, ignored = [], ignoredSwitches = [] }: ForeignWord,
  rest: readonly string[],
): Meaning {
  const argv = means!.split(' ');
  const dropped: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index]!;
    const flag = flagOf(word);
    if (word === '--') {
      argv.push(...rest.slice(index));
      break;
    }
    if (ignored.includes(flag) || ignoredSwitches.includes(flag)) {
      dropped.push(flag);
      if (ignored.includes(flag) && !word.includes('=')) index++;
    } else argv.push(`${flags[flag] ?? flag}${word.slice(flag.length)}`);
  }
  const text =
    dropped.length === 0
      ? ''
      : `note: ${dropped.join(', ')} ${dropped.length === 1 ? 'changes' : 'change'} nothing here`;
  return { argv, text, exitCode: 0 };
}

/** minikube names a cluster with `-p` or `--profile`, before or behind the command. What is for kubectl is left alone. */
function withNames(argv: readonly string[]): string[] {
  const words: string[] = [];
  const names: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!;
    if (word === '--' || (words[0] === 'kubectl' && !word.startsWith('-'))) {
      words.push(...argv.slice(index));
      break;
    }
    const flag = flagOf(word);
    if (flag !== '-p' && flag !== '--profile') words.push(word);
    else names.push('--name', word === flag ? (argv[++index] ?? '') : word.slice(flag.length + 1));
  }
  return words[0] === 'kubectl' ? [words[0], ...names, ...words.slice(1)] : [...words, ...names];
}

/** A flag without its value behind `=`. */
function flagOf(word: string): string {
  return word.startsWith('-') ? word.split('=', 1)[0]! : word;
}

function startsWith(argv: readonly string[], words: string): boolean {
  return words.split(' ').every((word, index) => argv[index] === word);
}
