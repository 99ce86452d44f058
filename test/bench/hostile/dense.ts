import { protobuf } from '../../../src/api/protobuf.ts';
import type { Attack } from './attack.ts';
import type { Target } from './target.ts';

/** Bodies and objects of as many values as are taken (`src/apimachinery/decode/body-weight.ts`). */
const mostKeys = 11_800;
const storedKeys = 5400;
const mostObjects = 7400;
const smallestObjects = 9900;

const configMaps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const json = 'application/json';
const protobufType = 'application/vnd.kubernetes.protobuf';

const range = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const keys = (count: number, value: unknown = '') => Object.fromEntries(range(count, (at) => [`k${at}`, value]));
const containers = (count: number) => range(count, (at) => ({ name: `c${at}`, image: 'i' }));
const meta = { generateName: 'full-' };
const configMap = (data: object, metadata: object = meta) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
const pod = (spec: object, metadata: object = meta) => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
const one = containers(1);
const yaml = (count: number) => `data:\n${range(count, (at) => `  k${at}: v\n`).join('')}`;

interface Row {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly type?: string;
  readonly accept?: string;
  readonly body?: () => object | string | Uint8Array;
  /** Made before. */
  readonly over?: readonly (readonly [path: string, object: object])[];
}

const small = [[pods, pod({ containers: one }, { name: 'small' })]] as const;
const full = [[configMaps, configMap(keys(storedKeys), { name: 'full' })]] as const;
const many = range(
  60,
  (at) => [configMaps, configMap(keys(storedKeys), { name: `full-${at}`, labels: { a: 'b' } })] as const,
);
const dry = '?dryRun=All';

const rows: Row[] = [
  { name: 'pods of 7,400 containers', path: pods + dry, body: () => pod({ containers: containers(mostObjects) }) },
  {
    name: 'pods of 9,900 empty containers',
    path: pods + dry,
    body: () => pod({ containers: Array(smallestObjects).fill({}) }),
  },
  {
    name: 'the same in protobuf',
    path: pods + dry,
    type: protobufType,
    body: () => protobuf.encode(pod({ containers: containers(mostObjects) }), 'io.k8s.api.core.v1.Pod'),
  },
  {
    name: 'containers of 7,400 variables',
    path: pods + dry,
    body: () =>
      pod({
        containers: [{ name: 'c', image: 'i', env: range(mostObjects, (at) => ({ name: `E${at}`, value: 'v' })) }],
      }),
  },
  {
    name: 'pods of 8,400 volumes',
    path: pods + dry,
    body: () => pod({ containers: one, volumes: range(8400, (at) => ({ name: `v${at}` })) }),
  },
  {
    name: 'containers of 7,400 mounts',
    path: pods + dry,
    body: () =>
      pod({
        containers: [
          { name: 'c', image: 'i', volumeMounts: range(mostObjects, (at) => ({ name: 'v', mountPath: `/${at}` })) },
        ],
        volumes: [{ name: 'v' }],
      }),
  },
  {
    name: 'volumes of 3,600 tokens and as many files',
    path: pods + dry,
    body: () =>
      pod({
        containers: one,
        volumes: [
          {
            name: 'v',
            projected: {
              sources: [
                ...range(3600, (at) => ({ serviceAccountToken: { path: `t${at}` } })),
                { configMap: { name: 'c', items: range(3600, (at) => ({ key: 'k', path: `p${at}` })) } },
              ],
            },
          },
        ],
      }),
  },
  { name: 'ConfigMaps of 11,800 keys', path: configMaps + dry, body: () => configMap(keys(mostKeys)) },
  { name: 'ConfigMaps of 5,400 keys, created', path: configMaps, body: () => configMap(keys(storedKeys)) },
  {
    name: 'objects of 11,800 labels',
    path: configMaps + dry,
    body: () => ({ metadata: { ...meta, labels: keys(mostKeys, 'v') } }),
  },
  {
    name: 'objects of 11,800 labels that are none',
    path: configMaps + dry,
    body: () => ({ metadata: { ...meta, labels: keys(mostKeys, '!') } }),
  },
  {
    name: 'objects of 11,800 finalizers',
    path: configMaps + dry,
    body: () => ({ metadata: { ...meta, finalizers: range(mostKeys, (at) => `a.b/f${at}`) } }),
  },
  {
    name: 'objects of 5,900 owners',
    path: configMaps + dry,
    body: () => ({
      metadata: {
        ...meta,
        ownerReferences: range(5900, (at) => ({ apiVersion: 'v1', kind: 'Pod', name: `p${at}`, uid: `u${at}` })),
      },
    }),
  },
  {
    name: 'members that are unknown, and one that is there twice',
    path: configMaps + dry,
    body: () => `${JSON.stringify({ metadata: meta, ...keys(mostKeys) }).slice(0, -1)},"k1":1}`,
  },
  {
    name: 'members that are all there twice',
    path: configMaps + dry,
    body: () => `{"metadata":{"generateName":"a"},"data":{${'"a":"b",'.repeat(mostKeys)}"c":"d"}}`,
  },
  {
    name: 'YAML of 11,700 keys',
    path: configMaps + dry,
    type: 'application/yaml',
    body: () => `metadata: {generateName: a}\n${yaml(11_700)}`,
  },
  {
    name: 'PUT of 5,400 keys over as many',
    method: 'PUT',
    path: `${configMaps}/full`,
    over: full,
    body: () => configMap(keys(storedKeys, 'w'), { name: 'full' }),
  },
  {
    name: 'merge patches of one key of 5,400',
    method: 'PATCH',
    path: `${configMaps}/full`,
    type: 'application/merge-patch+json',
    over: full,
    body: () => ({ data: { k5: 'w' } }),
  },
  {
    name: 'JSON patches of 6,600 operations',
    method: 'PATCH',
    path: `${configMaps}/full${dry}`,
    type: 'application/json-patch+json',
    over: full,
    body: () => range(6600, (at) => ({ op: 'add', path: `/data/k${at}`, value: 'w' })),
  },
  {
    name: 'strategic patches of 7,400 containers',
    method: 'PATCH',
    path: `${pods}/small${dry}`,
    type: 'application/strategic-merge-patch+json',
    over: small,
    body: () => ({ spec: { containers: containers(mostObjects) } }),
  },
  {
    name: 'applies of 7,400 containers',
    method: 'PATCH',
    path: `${pods}/new?fieldManager=a&dryRun=All`,
    type: 'application/apply-patch+yaml',
    body: () => pod({ containers: containers(mostObjects) }, { name: 'new' }),
  },
  {
    name: 'applies of 7,400 containers over one',
    method: 'PATCH',
    path: `${pods}/small?fieldManager=a&dryRun=All&force=true`,
    type: 'application/apply-patch+yaml',
    over: small,
    body: () => pod({ containers: containers(mostObjects) }, { name: 'small' }),
  },
  {
    name: 'applies of 11,800 keys over 5,400',
    method: 'PATCH',
    path: `${configMaps}/full?fieldManager=a&dryRun=All&force=true`,
    type: 'application/apply-patch+yaml',
    over: full,
    body: () => configMap(keys(mostKeys, 'w'), { name: 'full' }),
  },
  {
    name: 'applies that conflict in 5,400 keys',
    method: 'PATCH',
    path: `${configMaps}/full?fieldManager=a&dryRun=All`,
    type: 'application/apply-patch+yaml',
    over: full,
    body: () => configMap(keys(storedKeys, 'w'), { name: 'full' }),
  },
  {
    name: 'lists by label of 60 ConfigMaps of 5,400 keys',
    method: 'GET',
    path: `${configMaps}?labelSelector=a%3Dc`,
    over: many,
  },
  {
    name: 'Tables of 60 ConfigMaps of 5,400 keys',
    method: 'GET',
    path: configMaps,
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    over: many,
  },
  {
    name: 'lists of 60 ConfigMaps of 5,400 keys in protobuf',
    method: 'GET',
    path: configMaps,
    accept: protobufType,
    over: many,
  },
  {
    name: 'a ConfigMap of 5,400 keys as YAML',
    method: 'GET',
    path: `${configMaps}/full`,
    accept: 'application/yaml',
    over: full,
  },
];

function bytesOf(body: object | string | Uint8Array): string | Buffer[] {
  if (body instanceof Uint8Array) return [Buffer.from(body)];
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function prepared(target: Target, over: Row['over'] = []): Promise<void> {
  const client = target.client('admin');
  for (const [path, object] of over)
    await target.ask(client, { method: 'POST', path, headers: { 'content-type': json }, body: JSON.stringify(object) });
}

/** What takes long in the number of its values. */
export const dense: readonly Attack[] = rows.map(
  ({ name, method = 'POST', path, type = json, accept, body, over }) => ({
    name,
    prepare: (target) => prepared(target, over),
    async attack(target) {
      const headers = { 'content-type': type, ...(accept === undefined ? {} : { accept }) };
      const sent = body === undefined ? {} : { body: bytesOf(body()) };
      await target.repeat('admin', 4, { method, path, headers, ...sent });
    },
  }),
);
