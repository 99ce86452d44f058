import { startWebhookServer, type ReviewHandler } from '../../kit/webhook-server.ts';
import { established } from '../extensions/definitions.ts';
import type { Attack } from './attack.ts';
import { garbage } from './garbage.ts';
import type { Target } from './target.ts';

const json = { 'content-type': 'application/json' };
const webhooks = '/apis/admissionregistration.k8s.io/v1';
const namespace = 'reviewed';
const things = (version: string) => `/apis/hostile.example.com/${version}/namespaces/${namespace}/things`;
/** As many at once as nobody is refused for. */
const patient = 200;

export async function post(target: Target, path: string, object: object): Promise<void> {
  const reply = await target.ask(target.client('admin'), {
    method: 'POST',
    path,
    headers: json,
    body: JSON.stringify(object),
  });
  if (reply?.status !== 201) throw new Error(`Cannot prepare the attack: ${path} answered ${reply?.status}`);
}

export async function makeNamespace(target: Target): Promise<void> {
  await post(target, '/api/v1/namespaces', { metadata: { name: namespace } });
}

/** Creates that a webhook is asked about, which answers as it likes. */
function reviewed(name: string, kind: 'Validating' | 'Mutating', handle: ReviewHandler, clients: number): Attack {
  return {
    name,
    async prepare(target) {
      const { url, caBundle } = target.use(await startWebhookServer(handle));
      await makeNamespace(target);
      await post(target, `${webhooks}/${kind.toLowerCase()}webhookconfigurations`, {
        metadata: { name: 'hostile' },
        webhooks: [
          {
            name: 'hostile.example.com',
            clientConfig: { url, caBundle },
            rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            timeoutSeconds: 30,
          },
        ],
      });
    },
    async attack(target) {
      const body = JSON.stringify({ metadata: { generateName: 'a-' }, data: { a: 'x'.repeat(10_000) } });
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      await target.repeat('admin', clients, { method: 'POST', path, headers: json, body });
    },
  };
}

/** A review of the question with a patch that is well-formed, and large. */
const patching =
  (operations: string): ReviewHandler =>
  ({ apiVersion, kind, request: { uid } }, response) => {
    const patch = Buffer.from(operations).toString('base64');
    const answer = { uid, allowed: true, patchType: 'JSONPatch', patch };
    response.writeHead(200, json).end(JSON.stringify({ apiVersion, kind, response: answer }));
  };
const copies = `[${'{"op":"copy","from":"/data","path":"/data/b"},'.repeat(40_000)}{"op":"test","path":"/a"}]`;
const dense = `[{"op":"add","path":"/data","value":{${Array.from({ length: 150_000 }, (_, at) => `"k${at}":""`).join()}}}]`;

/** Lists of objects that a webhook converts, which answers as it likes. */
function converted(name: string, handle: ReviewHandler, clients: number): Attack {
  return {
    name,
    async prepare(target) {
      const { url, caBundle } = target.use(await startWebhookServer(handle));
      await makeNamespace(target);
      const schema = {
        openAPIV3Schema: { type: 'object', properties: { spec: { 'x-kubernetes-preserve-unknown-fields': true } } },
      };
      const version = { served: true, schema };
      await post(target, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
        metadata: { name: 'things.hostile.example.com' },
        spec: {
          group: 'hostile.example.com',
          scope: 'Namespaced',
          names: { plural: 'things', kind: 'Thing' },
          conversion: {
            strategy: 'Webhook',
            webhook: { conversionReviewVersions: ['v1'], clientConfig: { url, caBundle } },
          },
          versions: [
            { ...version, name: 'v1', storage: true },
            { ...version, name: 'v2', storage: false },
          ],
        },
      });
      await established(target.server);
      const head = { apiVersion: 'hostile.example.com/v1', kind: 'Thing' };
      for (let at = 0; at < 50; at++)
        await post(target, things('v1'), { ...head, metadata: { name: `t${at}` }, spec: { a: 'x'.repeat(30_000) } });
    },
    attack: (target) => target.repeat('admin', clients, { path: things('v2') }),
  };
}

/** Objects of as many values as fit into an answer. */
const grown: ReviewHandler = ({ apiVersion, kind, request: { uid, objects, desiredAPIVersion } }, response) => {
  const spec = { a: Array(20_000).fill(1) };
  const convertedObjects = objects.map((one: object) => ({ ...one, apiVersion: desiredAPIVersion, spec }));
  const answer = { uid, result: { status: 'Success' }, convertedObjects };
  response.writeHead(200, json).end(JSON.stringify({ apiVersion, kind, response: answer }));
};

const clientsFor = (does: string): number => (does === 'never answers' ? patient : 8);

/** Webhooks that do not do what they are asked to. */
export const webhookAttacks: readonly Attack[] = [
  ...Object.entries(garbage).map(([does, answer]) =>
    reviewed(`a webhook that ${does}`, 'Validating', (_, response) => answer(response), clientsFor(does)),
  ),
  reviewed('a webhook that patches 40,000 times', 'Mutating', patching(copies), 8),
  reviewed('a webhook that adds 150,000 keys', 'Mutating', patching(dense), 8),
  ...Object.entries(garbage).map(([does, answer]) =>
    converted(`a conversion that ${does}`, (_, response) => answer(response), clientsFor(does)),
  ),
  converted('a conversion that makes a million values', grown, 8),
];
