import {
  MutatingWebhookConfigurations,
  ValidatingWebhookConfigurations,
  type ValidatingWebhook,
} from '../../../api/admissionregistration/v1/types.ts';
import { Leases } from '../../../api/coordination/v1/types.ts';
import { Events, Namespaces, Pods } from '../../../api/core/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { Transport } from '../../../apimachinery/request.ts';
import { apiVersionOf, type ResourceType } from '../../../apimachinery/resource-type.ts';
import { labelSelectorOf } from '../../../apimachinery/selectors/label-selector.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { ruleCovers } from './matching.ts';

type Webhook = Readonly<Omit<ValidatingWebhook, 'reinvocationPolicy'>>;
interface Configuration extends KubeObject {
  webhooks?: readonly Webhook[];
}

/** The labels of a namespace. */
export type NamespaceLabels = (name: string) => Readonly<Record<string, string>>;

/**
 * Which webhooks would keep the cluster from helping itself when they do not answer: what makes their own pods again, or
 * tells that nodes live, would wait for them. Those with conditions of their own are believed to know what they leave out.
 */
export function lockOuts(webhooks: readonly Webhook[], labelsOf: NamespaceLabels): string[] {
  return webhooks.flatMap((webhook, at) => {
    const { failurePolicy, clientConfig, objectSelector, matchConditions = [], name } = webhook;
    const { matchLabels = {}, matchExpressions = [] } = objectSelector ?? {};
    const isNarrow = matchConditions.length + Object.keys(matchLabels).length + matchExpressions.length > 0;
    if (failurePolicy === 'Ignore' || isNarrow) return [];
    const about = `webhooks[${at}]: when "${name}" does not answer, `;
    const texts: string[] = [];
    const own = clientConfig.service?.namespace;
    if (own !== undefined && covers(webhook, 'CREATE', Pods, own, labelsOf))
      texts.push(`${about}no pods of its own namespace "${own}" can be created, so that it cannot come back by itself`);
    if (covers(webhook, 'UPDATE', Leases, 'kube-node-lease', labelsOf))
      texts.push(`${about}nodes cannot renew their leases in "kube-node-lease", and count as lost`);
    return texts;
  });
}

function covers(
  { rules = [], namespaceSelector = {} }: Webhook,
  operation: AdmissionRequest['operation'],
  type: ResourceType,
  namespace: string,
  labelsOf: NamespaceLabels,
): boolean {
  if (!rules.some((rule) => ruleCovers(rule, { operation }, type))) return false;
  const labels = { 'kubernetes.io/metadata.name': namespace, ...labelsOf(namespace) };
  return labelSelectorOf(namespaceSelector).matches(labels);
}

const kinds = [MutatingWebhookConfigurations, ValidatingWebhookConfigurations];

/** Warns whoever writes a configuration of what it would lock out. */
export const lockOutWarnings: AdmissionPlugin = {
  name: 'WebhookLockOut',
  validate({ type, object, operation, warn }, context) {
    if (operation === 'DELETE' || object === undefined || !kinds.some(({ resource }) => resource === type.resource))
      return;
    const { webhooks = [] } = object as Configuration;
    for (const text of lockOuts(webhooks, (name) => context.labelsOf(Namespaces, { name }))) warn(text);
  },
};

/** Tells of the same in events, whenever such a configuration is written. `own`: as the server itself. */
export function tellOfLockOuts(context: ServerContext, own: Transport): void {
  let hasBegun = false;
  for (const type of kinds) {
    context.follow<Configuration>(type as ResourceType<Configuration>, (now, before) => {
      if (!hasBegun || now === undefined || now.metadata.generation === before?.metadata.generation) return;
      const texts = lockOuts(now.webhooks ?? [], (name) => context.labelsOf(Namespaces, { name }));
      if (texts.length > 0) void write(context, own, type, now, texts.join('; '));
    });
  }
  hasBegun = true;
}

const longestMessage = 1024;

async function write(
  { clock, random, log }: ServerContext,
  own: Transport,
  type: ResourceType,
  { metadata: { name, uid } }: Readonly<Configuration>,
  text: string,
): Promise<void> {
  const time = rfc3339(clock.now());
  const body = {
    metadata: { name: `${name.slice(0, 200)}.${random.uuid().slice(0, 8)}`, namespace: 'default' },
    involvedObject: { kind: type.kind, apiVersion: apiVersionOf(type), name, uid },
    reason: 'MayLockOut',
    message: text.slice(0, longestMessage),
    type: 'Warning',
    source: { component: 'kube-apiserver' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  // The commit that told of it is still being shown to others.
  await Promise.resolve();
  try {
    await own.call({ verb: 'create', type: Events, namespace: 'default', body });
  } catch (error) {
    log.warn('An event cannot be written', { about: name, error: (error as Error).message });
  }
}
