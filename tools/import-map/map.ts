/** The floors of docs/architecture.md: what a folder of `src` may import besides itself. */
export interface Folder {
  readonly imports: readonly string[];
  /** `below`: Node's modules only in its `node/` subfolder and in tests, so that the rest also runs in a browser. */
  readonly node: 'anywhere' | 'below';
}

const shared = ['base', 'apimachinery', 'api', 'client'];
const component: Folder = { imports: [...shared, 'reconciler'], node: 'anywhere' };

export const folders: Readonly<Record<string, Folder>> = {
  base: { imports: [], node: 'below' },
  apimachinery: { imports: ['base'], node: 'below' },
  http: { imports: ['base'], node: 'anywhere' },
  store: { imports: ['base'], node: 'anywhere' },
  cel: { imports: ['base', 'apimachinery'], node: 'below' },
  api: { imports: ['base', 'apimachinery'], node: 'below' },
  client: { imports: ['base', 'apimachinery', 'api'], node: 'below' },
  reconciler: { imports: shared, node: 'anywhere' },
  apiserver: { imports: ['base', 'apimachinery', 'cel', 'api', 'http', 'store'], node: 'anywhere' },
  controllers: { imports: [...component.imports, 'cel'], node: 'anywhere' },
  scheduler: { imports: [...component.imports, 'cel'], node: 'anywhere' },
  kubelet: component,
  network: component,
  metrics: component,
  proxy: component,
  dns: component,
  ingress: component,
  volumes: component,
  local: { imports: shared, node: 'anywhere' },
  kubectl: { imports: shared, node: 'anywhere' },
  dashboard: { imports: shared, node: 'below' },
  main: {
    imports: [
      ...shared,
      'http',
      'store',
      'reconciler',
      'apiserver',
      'controllers',
      'scheduler',
      'kubelet',
      'network',
      'metrics',
      'proxy',
      'dns',
      'ingress',
      'volumes',
      'local',
      'kubectl',
      'dashboard',
    ],
    node: 'anywhere',
  },
};

/** Folders of `src` whose subfolders do not see each other: families of controllers, kinds of store and of runtime. */
export const apart: readonly string[] = ['controllers', 'store', 'kubelet/runtime'];

/** Files that do not see each other: those of a folder of `src` whose text has the mark. */
export const filesApart: readonly { readonly folder: string; readonly mark: RegExp; readonly name: string }[] = [
  { folder: 'scheduler/plugins', mark: /^export const \w+: SchedulerPlugin\b/m, name: 'scheduler plugins' },
];

/** What `test/` holds. Tests may import all of `src`. */
export const testFolders: readonly string[] = [
  'kit',
  'integration',
  'scenarios',
  'e2e',
  'bench',
  'go',
  'conformance',
  'fuzz',
];
