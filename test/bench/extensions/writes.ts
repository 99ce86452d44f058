import {
  ValidatingAdmissionPolicies,
  ValidatingAdmissionPolicyBindings,
  ValidatingWebhookConfigurations,
} from '../../../src/api/admissionregistration/v1/types.ts';
import { CustomResourceDefinitions } from '../../../src/api/apiextensions/v1/types.ts';
import { Namespaces } from '../../../src/api/core/v1/types.ts';
import { startWebhookServer } from '../../kit/webhook-server.ts';
import type { ServerProcess } from '../../kit/server-process.ts';
import type { Row } from '../rows.ts';
import { namespace } from '../subject.ts';
import { definition, established, group } from './definitions.ts';
import { comparedCreates, type Subject, type Write } from './subject.ts';

const metadata = { generateName: 'bench-' };
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { mode: 'bench' } };
const configMapsOf = (of: string): Write => ({ path: `/api/v1/namespaces/${of}/configmaps`, body: configMap });
/** Where creates are looked at. */
const reviewed = 'reviewed';
const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': reviewed } };
const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE' as const] };

/** Creates of a custom resource with rules beside creates without. */
export async function ruleRow(subject: Subject): Promise<Row> {
  const { client } = subject.server;
  const spec = {
    type: 'object',
    properties: {
      least: { type: 'integer' },
      most: { type: 'integer' },
      names: { type: 'array', maxItems: 16, items: { type: 'string', maxLength: 63 } },
    },
  };
  const rules = [
    { rule: 'self.least <= self.most', message: 'least must not be above most' },
    { rule: "self.names.all(name, name.startsWith('a') && name.size() < 32)" },
    { rule: 'self.names.all(one, self.names.exists_one(other, one == other))' },
  ];
  await client.create(CustomResourceDefinitions, definition('plains', spec));
  await client.create(CustomResourceDefinitions, definition('ruled', { ...spec, 'x-kubernetes-validations': rules }));
  await established(subject.server);
  const createOf = (plural: string, kind: string): Write => ({
    path: `/apis/${group}/v1/namespaces/${namespace}/${plural}`,
    body: {
      apiVersion: `${group}/v1`,
      kind,
      metadata,
      spec: { least: 1, most: 2, names: ['aa', 'ab', 'ac', 'ad'] },
    },
  });
  const { floor, value } = await comparedCreates(subject, createOf('plains', 'Plains'), createOf('ruled', 'Ruled'));
  return { name: 'CPU of a create, custom with three rules', value, unit: 'ms', floor, floorName: 'without rules' };
}

/** Creates that a policy looks at beside creates that nobody does. */
export async function policyRow(subject: Subject): Promise<Row> {
  const { client } = subject.server;
  await client.create(Namespaces, { metadata: { name: reviewed }, spec: {} });
  await client.create(ValidatingAdmissionPolicies, {
    metadata: { name: 'bench' },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      variables: [{ name: 'mode', expression: "has(object.data) && 'mode' in object.data ? object.data.mode : ''" }],
      validations: [
        { expression: "variables.mode != 'forbidden'", message: 'the mode is forbidden' },
        { expression: "object.metadata.namespace != 'bench' || variables.mode.startsWith('b')" },
      ],
    },
  });
  await client.create(ValidatingAdmissionPolicyBindings, {
    metadata: { name: 'bench' },
    spec: { policyName: 'bench', validationActions: ['Deny'], matchResources: { namespaceSelector } },
  });
  const { floor, value } = await comparedCreates(subject, configMapsOf(namespace), configMapsOf(reviewed));
  return { name: 'CPU of a create, past a policy', value, unit: 'ms', floor, floorName: 'without it' };
}

/** The same of a webhook, which is in this process: its CPU is not counted. */
export async function webhookRow(subject: Subject): Promise<Row> {
  await subject.server.client.create(Namespaces, { metadata: { name: reviewed }, spec: {} });
  let reviews = 0;
  await using webhook = await startWebhookServer(({ apiVersion, kind, request: { uid } }, response) => {
    reviews++;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ apiVersion, kind, response: { uid, allowed: true } }));
  });
  await register(subject.server, webhook);
  const { floor, value } = await comparedCreates(subject, configMapsOf(namespace), configMapsOf(reviewed));
  const more = `${reviews} reviews`;
  return { name: 'CPU of a create, past a webhook', value, unit: 'ms', floor, floorName: 'without it', more };
}

async function register(
  { client }: ServerProcess,
  { url, caBundle }: { readonly url: string; readonly caBundle: string },
): Promise<void> {
  await client.create(ValidatingWebhookConfigurations, {
    metadata: { name: 'bench' },
    webhooks: [
      {
        name: 'bench.example.com',
        clientConfig: { url, caBundle },
        rules: [rule],
        namespaceSelector,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
}
