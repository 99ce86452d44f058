import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Events, Nodes } from '../../api/core/v1/types.ts';
import { Ingresses } from '../../api/networking/v1/types.ts';
import { testContext } from '../testing/context.ts';
import type { AdmissionRequest } from './admission.ts';
import { ingressRestriction } from './ingress-restriction.ts';

const user = { name: 'system:kubeling-ingress:one', groups: ['system:kubeling-ingresses'] };
const ready = { type: 'Ready', status: 'True' };
const serves = { type: 'IngressReady', status: 'True' };
const node = (conditions: object[], more: object = {}) => ({
  metadata: { name: 'one', labels: { a: 'b' }, managedFields: conditions, ...more },
  status: { conditions, capacity: { cpu: '1' } },
});
const status = { type: Nodes, subresource: 'status', operation: 'UPDATE', name: 'one', old: node([ready]) };
const ingress = (more: object = {}, resourceVersion = '1') => ({
  metadata: { name: 'web', annotations: { a: 'b' }, finalizers: ['f'], resourceVersion, ...more },
});
const address = { type: Ingresses, subresource: 'status', operation: 'UPDATE', name: 'web', old: ingress() };
const refusedIngress = /the ingress of a node can only write the status of an Ingress$/;
const event = (kind: string) => ({ metadata: { name: 'e' }, involvedObject: { kind } });
const refusedNode = /the ingress of node "one" can only write its condition IngressReady$/;
const refusedEvent = /an ingress can only write events about Ingresses$/;

const rows: readonly [what: string, ask: object, want?: RegExp][] = [
  ['its condition', { ...status, object: node([serves, ready]) }],
  ['its condition of another node', { ...status, name: 'two', object: node([serves, ready]) }, refusedNode],
  ['another condition', { ...status, object: node([{ ...ready, status: 'False' }]) }, refusedNode],
  ['away another condition', { ...status, object: node([serves]) }, refusedNode],
  ['labels with its condition', { ...status, object: node([serves, ready], { labels: {} }) }, refusedNode],
  [
    'a capacity with its condition',
    { ...status, object: { ...node([serves, ready]), status: { conditions: [serves, ready] } } },
    refusedNode,
  ],
  ['where an Ingress is reached', { ...address, object: ingress({}, '2') }],
  ['an annotation with it', { ...address, object: ingress({ annotations: { a: 'c' } }) }, refusedIngress],
  ['a label with it', { ...address, object: ingress({ labels: { a: 'c' } }) }, refusedIngress],
  ['away a finalizer with it', { ...address, object: ingress({ finalizers: undefined }) }, refusedIngress],
  [
    'an owner that is not there with it',
    { ...address, object: ingress({ ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] }) },
    refusedIngress,
  ],
  ['an event about an Ingress', { type: Events, operation: 'CREATE', object: event('Ingress') }],
  ['an event about a pod', { type: Events, operation: 'CREATE', object: event('Pod') }, refusedEvent],
  [
    'over an event about a pod',
    { type: Events, operation: 'UPDATE', old: event('Pod'), object: event('Ingress') },
    refusedEvent,
  ],
];
for (const [what, ask, want] of rows)
  test(`the ingress of a node writes ${what}: ${want === undefined ? 'allowed' : 'refused'}`, () => {
    const request = { name: 'e', user, ...ask } as unknown as AdmissionRequest;
    const guard = () => void ingressRestriction.guard!(request, testContext().context);
    if (want === undefined) guard();
    else assert.throws(guard, { message: want });
  });

test('others are not its business', () => {
  const request = { ...status, user: { name: 'jane', groups: [] }, object: node([]) } as unknown as AdmissionRequest;
  void ingressRestriction.guard!(request, testContext().context);
});
