import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuleWithOperations } from '../../../api/admissionregistration/v1/types.ts';
import { Deployments } from '../../../api/apps/v1/types.ts';
import { Namespaces, Nodes, Pods } from '../../../api/core/v1/types.ts';
import { labelSelectorOf } from '../../../apimachinery/selectors/label-selector.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionRequest } from '../admission.ts';
import { isSelected, ruleCovers } from './matching.ts';

const request = (more: Partial<AdmissionRequest>): AdmissionRequest => ({
  operation: 'CREATE',
  type: Pods,
  name: 'a',
  user: { name: 'alice', groups: [] },
  dryRun: false,
  warn() {},
  annotate() {},
  ...more,
});
const pods: RuleWithOperations = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };

const rules: readonly [name: string, rule: RuleWithOperations, asked: Partial<AdmissionRequest>, want: boolean][] = [
  ['what it names', pods, {}, true],
  ['another operation', pods, { operation: 'DELETE' }, false],
  ['another kind', pods, { type: Deployments }, false],
  ['a subresource that it does not name', pods, { subresource: 'status' }, false],
  ['all of everything but subresources', { ...pods, apiGroups: ['*'], resources: ['*'] }, { type: Deployments }, true],
  ['no subresource by a star', { ...pods, resources: ['*'] }, { subresource: 'status' }, false],
  ['a subresource by name', { ...pods, resources: ['pods/status'] }, { subresource: 'status' }, true],
  ['a kind with all its subresources', { ...pods, resources: ['pods/*'] }, {}, true],
  ['one subresource of all kinds', { ...pods, resources: ['*/status'] }, { subresource: 'status' }, true],
  ['the kind and its subresources', { ...pods, resources: ['*/*'] }, { subresource: 'exec' }, true],
  ['the objects of the cluster only', { ...pods, resources: ['*'], scope: 'Cluster' }, {}, false],
  ['a node as one of them', { ...pods, resources: ['*'], scope: 'Cluster' }, { type: Nodes }, true],
];
for (const [name, rule, asked, want] of rules)
  test(`a rule covers, or not: ${name}`, () => {
    const one = request(asked);
    assert.equal(ruleCovers(rule, one, one.type), want);
  });

const context = {
  lookup: () => ({ metadata: { name: 'x', labels: { team: 'red' } } }),
} as unknown as ServerContext;
const selectors = (ofNamespace: object, ofObject: object) => ({
  ofNamespace: labelSelectorOf({ matchLabels: ofNamespace as Record<string, string> }),
  ofObject: labelSelectorOf({ matchLabels: ofObject as Record<string, string> }),
});
const labelled = (labels: Record<string, string>) => ({ metadata: { name: 'a', labels } });

const selections: readonly [
  name: string,
  ofNamespace: object,
  ofObject: object,
  asked: Partial<AdmissionRequest>,
  want: boolean,
][] = [
  ['no selectors', {}, {}, { namespace: 'x' }, true],
  ['the labels of the namespace', { team: 'red' }, {}, { namespace: 'x' }, true],
  ['others', { team: 'blue' }, {}, { namespace: 'x' }, false],
  ['objects of the cluster, whatever is selected', { team: 'blue' }, {}, { type: Nodes }, true],
  [
    'a namespace by its own labels',
    { team: 'blue' },
    {},
    { type: Namespaces, object: labelled({ team: 'blue' }) },
    true,
  ],
  ['the labels of the object', {}, { app: 'a' }, { object: labelled({ app: 'a' }) }, true],
  ['what the object was before', {}, { app: 'a' }, { object: labelled({}), old: labelled({ app: 'a' }) }, true],
  ['neither', {}, { app: 'a' }, { object: labelled({}), old: labelled({}) }, false],
];
for (const [name, ofNamespace, ofObject, asked, want] of selections)
  test(`selectors take: ${name}`, () =>
    assert.equal(isSelected(selectors(ofNamespace, ofObject), request(asked), context), want));
