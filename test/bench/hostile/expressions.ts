import { definition, established, group, largeSpec } from '../extensions/definitions.ts';
import type { Attack } from './attack.ts';
import type { Target } from './target.ts';
import { makeNamespace, post } from './webhooks.ts';

const json = { 'content-type': 'application/json' };
const registration = '/apis/admissionregistration.k8s.io/v1';
const namespace = 'reviewed';
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] };
const matchResources = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

/** Each is well below what one evaluation may cost, and ten of them what all together may. */
const loops = 'object.data.all(a, object.data.all(b, object.data.all(c, a != b || b != c || a == c)))';
const texts = "object.data.all(a, object.data.all(b, '%s %s'.format([object.data[a], object.data[b]]) != ''))";
const orders = 'object.data.all(a, object.data.all(b, object.data[a] <= object.data[b] || true))';
const patterns = "object.data.all(a, object.data.all(b, !a.matches('(?:[a-z]{9}|x){30}' + b)))";

async function makePolicies(target: Target, count: number, expression: string): Promise<void> {
  await makeNamespace(target);
  for (let at = 0; at < count; at++) {
    const metadata = { name: `hostile-${at}` };
    await post(target, `${registration}/validatingadmissionpolicies`, {
      metadata,
      spec: { matchConstraints: { resourceRules: [rule] }, validations: times(20, () => ({ expression })) },
    });
    await post(target, `${registration}/validatingadmissionpolicybindings`, {
      metadata,
      spec: { policyName: metadata.name, validationActions: ['Deny'], matchResources },
    });
  }
}

/** Creates of which policies compute as long as they may. */
function judged(name: string, expression: string, data: object, policies = 4): Attack {
  return {
    name,
    prepare: (target) => makePolicies(target, policies, expression),
    async attack(target) {
      const body = JSON.stringify({ metadata: { generateName: 'a-' }, data });
      await target.repeat('admin', 8, { method: 'POST', path: configMaps, headers: json, body });
    },
  };
}

const keys = (count: number, value = 'v') => Object.fromEntries(times(count, (at) => [`k${at}`, value]));

/** A policy that makes what takes more memory than it has letters. */
const mutating: Attack = {
  name: 'a policy that makes lists of lists',
  async prepare(target) {
    await makeNamespace(target);
    const variables = [
      { name: 'v0', expression: "['x', 'x']" },
      ...times(30, (at) => ({ name: `v${at + 1}`, expression: `[variables.v${at}, variables.v${at}]` })),
    ];
    const expression = '[JSONPatch{op: "add", path: "/data", value: variables.v30}]';
    const metadata = { name: 'hostile' };
    await post(target, `${registration}/mutatingadmissionpolicies`, {
      metadata,
      spec: {
        matchConstraints: { resourceRules: [rule] },
        variables,
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
      },
    });
    const spec = { policyName: 'hostile', matchResources };
    await post(target, `${registration}/mutatingadmissionpolicybindings`, { metadata, spec });
  },
  async attack(target) {
    const body = JSON.stringify({ metadata: { generateName: 'a-' }, data: { a: 'b' } });
    await target.repeat('admin', 8, { method: 'POST', path: configMaps, headers: json, body });
  },
};

/** Custom objects whose rules compute as long as they may. */
const ruled: Attack = {
  name: 'custom objects with rules at their limit',
  async prepare(target) {
    await makeNamespace(target);
    const rules = times(12, () => ({ rule: 'self.l.all(a, self.l.all(b, a + b >= 0 || a - b >= 0 || a == b))' }));
    const l = { type: 'array', maxItems: 250, items: { type: 'integer' } };
    const spec = { type: 'object', properties: { l }, 'x-kubernetes-validations': rules };
    await post(target, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition('dears', spec));
    await established(target.server);
  },
  async attack(target) {
    const head = { apiVersion: `${group}/v1`, kind: 'Dears', metadata: { generateName: 'a-' } };
    const body = JSON.stringify({ ...head, spec: { l: times(250, () => -1) } });
    const path = `/apis/${group}/v1/namespaces/${namespace}/dears`;
    await target.repeat('admin', 8, { method: 'POST', path, headers: json, body });
  },
};

/** Objects with expressions, read and checked and not kept. */
function written(name: string, path: string, object: () => object): Attack {
  return {
    name,
    async attack(target) {
      const body = JSON.stringify(object());
      await target.repeat('admin', 4, { method: 'POST', path: `${path}?dryRun=All`, headers: json, body });
    },
  };
}

/** Policies, rules and definitions that take as much as they may. */
export const expressionAttacks: readonly Attack[] = [
  judged('policies that loop up to their limit', loops, keys(45)),
  judged('policies that format texts', texts, keys(40, 'x'.repeat(8000))),
  judged('policies that compare texts', orders, keys(40, 'x'.repeat(8000))),
  judged('policies with a new pattern for each key', patterns, keys(100)),
  mutating,
  ruled,
  written('definitions of 500 kB with rules', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', () => ({
    ...definition('larges', largeSpec(500_000)),
  })),
  written('policies of 2,000 expressions', `${registration}/validatingadmissionpolicies`, () => ({
    metadata: { name: 'long' },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: times(2000, (at) => ({ expression: `object.data.all(a, a != 'k${at}' || a.matches('^k[0-9]+$'))` })),
    },
  })),
  written('policies with one expression of 90,000 letters', `${registration}/validatingadmissionpolicies`, () => ({
    metadata: { name: 'long' },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: times(4, () => ({ expression: `true${" && object.metadata.name != 'a'".repeat(3000)}` })),
    },
  })),
];
