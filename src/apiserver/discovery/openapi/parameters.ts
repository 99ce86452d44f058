/** A parameter in the query of a request. */
export interface QueryParameter {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

const known: Readonly<Record<string, readonly [type: QueryParameter['type'], description: string]>> = {
  allowWatchBookmarks: ['boolean', 'Whether a watch may send events of type BOOKMARK.'],
  command: ['string', 'The command to run, once for each argument.'],
  container: ['string', 'The container to use; may be left out when the pod has only one.'],
  continue: ['string', 'The token of the previous page.'],
  dryRun: ['string', 'With "All", the request is checked and answered, and nothing is stored.'],
  fieldManager: ['string', 'The name under which changed fields are recorded.'],
  fieldSelector: ['string', 'Only objects whose fields match.'],
  fieldValidation: ['string', 'What to do with unknown and repeated fields: Ignore, Warn or Strict.'],
  follow: ['boolean', 'Go on sending what the container writes.'],
  force: ['boolean', 'Take over fields that other managers own.'],
  gracePeriodSeconds: ['integer', 'How long the object may take to end; 0 deletes at once.'],
  ignoreStoreReadErrorWithClusterBreakingPotential: ['boolean', 'Delete an object that cannot be read any more.'],
  insecureSkipTLSVerifyBackend: ['boolean', 'Do not check the certificate of the node.'],
  labelSelector: ['string', 'Only objects whose labels match.'],
  limit: ['integer', 'The most objects of one page.'],
  limitBytes: ['integer', 'The most bytes to send.'],
  orphanDependents: ['boolean', 'Deprecated: use propagationPolicy.'],
  path: ['string', 'The path of the proxied request.'],
  ports: ['integer', 'The ports to forward.'],
  pretty: ['string', 'With "true", the answer is indented.'],
  previous: ['boolean', 'The log of the container before its last restart.'],
  propagationPolicy: ['string', 'What becomes of dependents: Orphan, Background or Foreground.'],
  resourceVersion: ['string', 'How new the answer must be; for a watch, where it starts.'],
  resourceVersionMatch: ['string', 'How resourceVersion is applied to a list.'],
  sendInitialEvents: ['boolean', 'Begin a watch with the objects that exist.'],
  sinceSeconds: ['integer', 'Only lines of the last so many seconds.'],
  sinceTime: ['string', 'Only lines after this time (RFC 3339).'],
  stderr: ['boolean', 'Whether to pass standard error.'],
  stdin: ['boolean', 'Whether to pass standard input.'],
  stdout: ['boolean', 'Whether to pass standard output.'],
  stream: ['string', 'Which streams of the log: All, Stdout or Stderr.'],
  tailLines: ['integer', 'Only so many lines from the end.'],
  timeoutSeconds: ['integer', 'How long the request may last.'],
  timestamps: ['boolean', 'Begin each line with its time.'],
  tty: ['boolean', 'Whether to use a terminal.'],
  watch: ['boolean', 'Send changes as they happen instead of a list.'],
};

const write = ['dryRun', 'fieldManager', 'fieldValidation'];
const select = ['continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'resourceVersionMatch'];
const wait = ['sendInitialEvents', 'timeoutSeconds'];
const remove = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
];
const streams = ['container', 'stderr', 'stdin', 'stdout', 'tty'];

/** The parameters of each action (API concepts); those of a connection are by its options kind. */
const ofAction: Readonly<Record<string, readonly string[]>> = {
  get: [],
  list: ['allowWatchBookmarks', ...select, ...wait, 'watch'],
  post: write,
  put: write,
  patch: [...write, 'force'],
  delete: remove,
  deletecollection: [...remove, ...select, ...wait],
  PodExecOptions: ['command', ...streams],
  PodAttachOptions: streams,
  PodPortForwardOptions: ['ports'],
  PodProxyOptions: ['path'],
  NodeProxyOptions: ['path'],
  ServiceProxyOptions: ['path'],
  log: [
    'container',
    'follow',
    'insecureSkipTLSVerifyBackend',
    'limitBytes',
    'previous',
    'sinceSeconds',
    'sinceTime',
    'stream',
    'tailLines',
    'timestamps',
  ],
};

/** By action, or by what is connected to, sorted by name. */
export function queryParameters(action: string): QueryParameter[] {
  return [...(ofAction[action] ?? [])].sort().map(parameter);
}

/** A parameter that every operation takes. */
export const pretty: QueryParameter = parameter('pretty');

function parameter(name: string): QueryParameter {
  const [type, description] = known[name]!;
  return { name, type, description };
}
