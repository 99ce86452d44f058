import type { ServerResponse } from 'node:http';
import {
  MutatingWebhookConfigurations,
  ValidatingWebhookConfigurations,
  type MutatingWebhook,
} from '../../src/api/admissionregistration/v1/types.ts';
import type { Client } from '../../src/client/client.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

export interface Review {
  readonly apiVersion: string;
  readonly request: Record<string, any>;
}
export type Answer = (review: Review, response: ServerResponse) => object | undefined;

/** A server behind webhooks, which answers as it is told by path, and notes what it was asked. */
export interface ToldServer extends WebhookServer {
  readonly answers: Map<string, Answer>;
  readonly asked: Review[];
}

export async function startToldServer(): Promise<ToldServer> {
  const answers = new Map<string, Answer>();
  const asked: Review[] = [];
  const server = await startWebhookServer((review: Review, response, path) => {
    asked.push(review);
    const answer = answers.get(path)?.(review, response);
    if (answer === undefined) return;
    const { uid } = review.request;
    const { apiVersion } = review;
    response.end(JSON.stringify({ kind: 'AdmissionReview', apiVersion, response: { uid, ...answer } }));
  });
  return { ...server, answers, asked };
}

/** The answer of a webhook that lets pass what it has changed. */
export const patch = (...operations: object[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

type Kind = typeof MutatingWebhookConfigurations | typeof ValidatingWebhookConfigurations;
type Hook = (name: string, answer: Answer, more?: Partial<MutatingWebhook>) => Promise<void>;

/** Makes configurations of one webhook each, about ConfigMaps in namespaces with the label `hooked`. */
export function webhooksOf(client: Client, server: ToldServer): { readonly mutating: Hook; readonly validating: Hook } {
  const { url, caBundle, answers } = server;
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*' as const], resources: ['configmaps'] };
  const hook =
    (kind: Kind): Hook =>
    async (name, answer, more) => {
      answers.set(`/${name}`, answer);
      await client.create(kind as typeof MutatingWebhookConfigurations, {
        metadata: { name },
        webhooks: [
          {
            name: `${name}.example.com`,
            clientConfig: { url: `${url}/${name}`, caBundle },
            rules: [rule],
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            namespaceSelector: { matchLabels: { hooked: 'yes' } },
            ...more,
          },
        ],
      });
    };
  return { mutating: hook(MutatingWebhookConfigurations), validating: hook(ValidatingWebhookConfigurations) };
}

/** Deletes all configurations, so that nobody is asked any more. */
export async function withoutWebhooks(client: Client): Promise<void> {
  for (const type of [MutatingWebhookConfigurations, ValidatingWebhookConfigurations])
    for (const one of (await client.list(type)).items) await client.delete(type, one.metadata);
}
