import assert from 'node:assert/strict';
import test from 'node:test';
import { generateAll, staleFiles } from './generate.ts';
import { constantNameOf, homeOf, type Facts } from './generate/facts.ts';
import { generateTypes } from './generate/types.ts';

const constants: [kind: string, resource: string, name: string][] = [
  ['Pod', 'pods', 'Pods'],
  ['Ingress', 'ingresses', 'Ingresses'],
  ['NetworkPolicy', 'networkpolicies', 'NetworkPolicies'],
  ['EndpointSlice', 'endpointslices', 'EndpointSlices'],
  ['Endpoints', 'endpoints', 'EndpointsResource'],
  ['ServiceCIDR', 'servicecidrs', 'ServiceCIDRs'],
];
for (const [kind, resource, name] of constants) {
  test(`the resource of ${kind} is called ${name}`, () => assert.equal(constantNameOf({ kind, resource }), name));
}

const homes: [definition: string, folder: string | undefined][] = [
  ['io.k8s.api.core.v1.Pod', 'core/v1'],
  ['io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector', 'meta/v1'],
  ['io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON', 'apiextensions/v1'],
  ['io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService', 'apiregistration/v1'],
  ['io.k8s.apimachinery.pkg.api.resource.Quantity', undefined],
];
for (const [definition, folder] of homes) {
  test(`${definition} lives in ${folder ?? 'no file'}`, () => assert.equal(homeOf(definition)?.folder, folder));
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const facts: Facts = {
  schema: {
    'io.k8s.api.apps.v1.Thing': {
      gvk: ['apps/v1/Thing'],
      fields: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { ref: `${meta}.ObjectMeta` },
        spec: { ref: 'io.k8s.api.apps.v1.ThingSpec' },
      },
    },
    'io.k8s.api.apps.v1.ThingSpec': {
      fields: {
        amount: { ref: 'io.k8s.apimachinery.pkg.api.resource.Quantity' },
        mode: { type: 'string', enum: ['A', 'B'] },
        ports: { array: { ref: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString' }, required: true },
        selector: { ref: `${meta}.LabelSelector` },
        template: { ref: 'io.k8s.api.apps.v1.ThingTemplate' },
      },
    },
    'io.k8s.api.apps.v1.ThingTemplate': {
      fields: { metadata: { ref: `${meta}.ObjectMeta` }, spec: { type: 'object' } },
    },
  },
  resources: [
    {
      group: 'apps',
      version: 'v1',
      resource: 'things',
      kind: 'Thing',
      scope: 'Namespaced',
      singular: 'thing',
      verbs: 'get',
    },
  ],
  groups: [],
  columns: {},
  fieldSelectors: {},
};

test('a kind becomes an interface and a resource constant', () => {
  assert.equal(
    generateTypes(facts).get('apps/v1'),
    `// Generated from facts/ by \`npm run generate\`. Do not edit.
import type { KubeObject, ObjectMeta } from '../../../apimachinery/object.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import type { LabelSelector } from '../../meta/v1/types.ts';

export interface Thing extends KubeObject {
  spec: ThingSpec;
}

export interface ThingSpec {
  amount?: string;
  mode?: 'A' | 'B';
  ports: (number | string)[];
  selector?: LabelSelector;
  template?: ThingTemplate;
}

export interface ThingTemplate {
  metadata?: Partial<ObjectMeta>;
  spec: Record<string, unknown>;
}

export const Things: ResourceType<Thing> = {
  group: 'apps',
  version: 'v1',
  kind: 'Thing',
  resource: 'things',
  singular: 'thing',
  namespaced: true,
  definition: 'io.k8s.api.apps.v1.Thing',
};
`,
  );
});

test('a file that is not what the facts give is stale', () => {
  const files = generateAll();
  assert.deepEqual(
    staleFiles(files, (path) => files.get(path)),
    [],
  );
  assert.deepEqual(
    staleFiles(files, (path) => (path === 'src/api/core/v1/types.ts' ? `${files.get(path)} ` : files.get(path))),
    ['src/api/core/v1/types.ts'],
  );
});
