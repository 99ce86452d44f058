/** One request, without who sends it. */
export interface Way {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a stranger to the server would try with a kind: every form of its paths, with every method that could matter. */
export function waysOf(resource: keyof typeof kinds, subresources: readonly string[]): Way[] {
  const plain = [...collections.map((place) => `/api/v1/${place}${resource}`), ...objectPaths(resource)];
  const parts = partPaths(resource, subresources);
  return [
    ...plain.flatMap((path) => methods.map((method) => wayTo(path, method, resource))),
    ...selectedPaths(resource).flatMap((path) => ['GET', 'DELETE'].map((method) => wayTo(path, method, resource))),
    ...parts.flatMap((path) => ['UPGRADE', ...verbMethods].map((method) => wayTo(path, method, resource))),
  ];
}

const verbMethods = ['GET', 'POST', 'PUT', 'PATCH', 'APPLY', 'DELETE'];
const methods = [...verbMethods, 'HEAD', 'OPTIONS'];
const collections = ['', 'watch/'].flatMap((watch) =>
  ['', 'namespaces/a/', 'namespaces/b/'].map((place) => watch + place),
);
const selectors = [
  'watch=1',
  'fieldSelector=metadata.name%3Dmine',
  'watch=true&fieldSelector=metadata.name%3Dmine',
  'fieldSelector=metadata.name%3Dmine&fieldSelector=',
  'fieldSelector=&fieldSelector=metadata.name%3Dmine',
  `fieldSelector=${encodeURIComponent('metadata.namespace!=x\\,metadata.name=mine')}`,
  'fieldSelector=metadata.name%3Dmine;fieldSelector=',
];

function selectedPaths(resource: string): string[] {
  return collections.flatMap((place) => selectors.map((query) => `/api/v1/${place}${resource}?${query}`));
}

function partPaths(resource: string, subresources: readonly string[]): string[] {
  return ['', 'watch/'].flatMap((watch) =>
    ['mine', 'other'].flatMap((name) =>
      subresources.map((one) => `/api/v1/${watch}namespaces/a/${resource}/${name}/${one}`),
    ),
  );
}

function objectPaths(resource: string): string[] {
  const plain = ['mine', 'other', 'fresh'].flatMap((name) =>
    ['', 'watch/'].flatMap((watch) => [
      `/api/v1/${watch}namespaces/a/${resource}/${name}`,
      `/api/v1/${watch}namespaces/a/${resource}/${name}?fieldSelector=metadata.name%3Dother`,
    ]),
  );
  const odd = [
    `/api/v1/namespaces/a//${resource}/mine`,
    `/api/v1/namespaces/a/${resource}//other`,
    `/api/v1/namespaces/a/${resource}/mine/../other`,
    `/api/v1/namespaces/a/${resource}/mine%2F..%2Fother`,
    `/api/v1/namespaces/a/${resource}/mine%00`,
    `/api/v1/namespaces/b/${resource}/mine`,
    `/api/v1/${resource}/mine`,
    `//api/v1/namespaces/a/${resource}/other`,
    `/api/v1/watch/watch/namespaces/a/${resource}/mine`,
    `/api/v1/proxy/namespaces/a/${resource}/mine`,
  ];
  return [...plain, ...odd];
}

const kinds = { configmaps: 'ConfigMap', pods: 'Pod', serviceaccounts: 'ServiceAccount' } as const;

function wayTo(path: string, method: string, resource: keyof typeof kinds): Way {
  const name = /\/(mine|other|fresh)/.exec(path)?.[1];
  const namespace = /namespaces\/([ab])\//.exec(path)?.[1] ?? 'a';
  const whole = { apiVersion: 'v1', kind: kinds[resource], ...contentOf(resource) };
  const labels = { touched: 'yes' };
  switch (method) {
    case 'POST':
      return { method, path, body: bodyOfPost(path, whole, namespace) };
    case 'PUT':
      return { method, path, body: { ...whole, metadata: { name, namespace, labels } } };
    case 'PATCH':
      return { method, path, headers: patch('merge-patch+json'), body: { metadata: { labels } } };
    case 'APPLY': {
      const body = { ...whole, metadata: { name, namespace, labels } };
      const query = `${path.includes('?') ? '&' : '?'}fieldManager=x&force=true`;
      return { method: 'PATCH', path: path + query, headers: patch('apply-patch+yaml'), body };
    }
    case 'UPGRADE':
      return { method: 'GET', path, headers: { connection: 'Upgrade', upgrade: 'websocket' } };
    default:
      return { method, path };
  }
}

function bodyOfPost(path: string, whole: object, namespace: string): object {
  if (path.endsWith('/eviction'))
    return { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: /pods\/(\w+)/.exec(path)?.[1] } };
  if (path.endsWith('/binding'))
    return { metadata: { name: /pods\/(\w+)/.exec(path)?.[1] }, target: { kind: 'Node', name: 'n' } };
  if (path.endsWith('/token')) return { spec: { audiences: ['x'] } };
  return { ...whole, metadata: { name: 'evil', namespace } };
}

function patch(type: string): Readonly<Record<string, string>> {
  return { 'content-type': `application/${type}` };
}

/** What objects of the kind hold besides their metadata. */
export function contentOf(resource: keyof typeof kinds): object {
  if (resource === 'configmaps') return { data: { key: 'value' } };
  if (resource === 'serviceaccounts') return {};
  return {
    spec: {
      nodeName: 'n',
      serviceAccountName: 'mine',
      containers: [{ name: 'c', image: 'i' }],
      terminationGracePeriodSeconds: 0,
    },
  };
}
