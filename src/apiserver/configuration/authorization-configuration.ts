import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { goDuration, goDurationComplaint, parseGoDuration } from '../../apimachinery/duration.ts';
import { dnsSubdomain } from '../../apimachinery/names.ts';
import { duplicate, invalid, notSupported, required, type FieldError } from '../../apimachinery/validation.ts';
import { matchConditions } from '../auth/webhook/match-conditions.ts';
import { typeFields, type ConfigurationKind } from './configuration-kind.ts';

/** Who decides what may be done, in turn (apiserver.config.k8s.io/v1). Members of `system:masters` are let in before. */
export interface AuthorizationConfiguration {
  readonly authorizers: readonly AuthorizerConfiguration[];
}

export interface AuthorizerConfiguration {
  readonly type: string;
  readonly name: string;
  readonly webhook?: WebhookAuthorizerConfiguration;
}

/** Times are Go's durations. */
export interface WebhookAuthorizerConfiguration {
  authorizedTTL?: string;
  cacheAuthorizedRequests?: boolean;
  unauthorizedTTL?: string;
  cacheUnauthorizedRequests?: boolean;
  readonly timeout: string;
  readonly subjectAccessReviewVersion: string;
  readonly matchConditionSubjectAccessReviewVersion?: string;
  readonly failurePolicy: string;
  readonly connectionInfo: { readonly type: string; readonly kubeConfigFile?: string };
  readonly matchConditions?: readonly { readonly expression: string }[];
}

const types = ['AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'];
const longestTimeoutMs = 30_000;
const text = { type: 'string' } as const;
const boolean = { type: 'boolean' } as const;

export const authorizationConfiguration: ConfigurationKind<AuthorizationConfiguration> = {
  kind: 'AuthorizationConfiguration',
  apiVersions: ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1'],
  schema: {
    AuthorizationConfiguration: {
      fields: { ...typeFields, authorizers: { array: { ref: 'AuthorizerConfiguration' } } },
    },
    AuthorizerConfiguration: { fields: { type: text, name: text, webhook: { ref: 'WebhookConfiguration' } } },
    WebhookConfiguration: {
      fields: {
        authorizedTTL: text,
        cacheAuthorizedRequests: boolean,
        unauthorizedTTL: text,
        cacheUnauthorizedRequests: boolean,
        timeout: text,
        subjectAccessReviewVersion: text,
        matchConditionSubjectAccessReviewVersion: text,
        failurePolicy: text,
        connectionInfo: { ref: 'WebhookConnectionInfo' },
        matchConditions: { array: { ref: 'WebhookMatchCondition' } },
      },
    },
    WebhookConnectionInfo: { fields: { type: text, kubeConfigFile: text } },
    WebhookMatchCondition: { fields: { expression: text } },
  },
  defaults({ authorizers = [] }) {
    for (const { webhook } of authorizers) {
      if (webhook === undefined) continue;
      webhook.authorizedTTL ||= '5m0s';
      webhook.unauthorizedTTL ||= '30s';
      webhook.cacheAuthorizedRequests ??= true;
      webhook.cacheUnauthorizedRequests ??= true;
    }
  },
  validate({ authorizers = [] }) {
    const errors: FieldError[] = [];
    if (authorizers.length === 0)
      errors.push(required('authorizers', 'at least one authorization mode must be defined'));
    const seen = { types: new Set<string>(), names: new Set<string>() };
    authorizers.forEach((one, i) => checkAuthorizer(one, `authorizers[${i}]`, seen, errors));
    return errors;
  },
};

function checkAuthorizer(
  { type = '', name = '', webhook }: AuthorizerConfiguration,
  at: string,
  seen: { readonly types: Set<string>; readonly names: Set<string> },
  errors: FieldError[],
): void {
  if (type === '') return void errors.push(required(`${at}.type`));
  if (!types.includes(type)) return void errors.push(notSupported(`${at}.type`, type, types));
  if (seen.types.has(type) && type !== 'Webhook') return void errors.push(duplicate(`${at}.type`, type));
  seen.types.add(type);
  const problems = dnsSubdomain(name);
  if (name === '') errors.push(required(`${at}.name`));
  else if (seen.names.has(name)) errors.push(duplicate(`${at}.name`, name));
  else if (problems.length > 0)
    errors.push(invalid(`${at}.name`, name, `authorizer name is invalid: ${problems.join(', ')}`));
  seen.names.add(name);
  if (type !== 'Webhook') {
    if (webhook !== undefined)
      errors.push(invalid(`${at}.webhook`, 'non-null', 'may only be specified when type=Webhook'));
  } else if (webhook === undefined) errors.push(required(`${at}.webhook`, 'required when type=Webhook'));
  else checkWebhook(webhook, at, errors);
}

/** Kubernetes leaves the word `webhook` out of the paths. */
function checkWebhook(webhook: WebhookAuthorizerConfiguration, at: string, errors: FieldError[]): void {
  const timeout = duration(webhook.timeout, `${at}.timeout`, errors);
  if (timeout !== undefined && (timeout < 0 || timeout > longestTimeoutMs))
    errors.push(invalid(`${at}.timeout`, goDuration(timeout), 'must be > 0s and <= 30s'));
  for (const name of ['authorizedTTL', 'unauthorizedTTL'] as const) {
    const ttl = duration(webhook[name], `${at}.${name}`, errors);
    if (ttl !== undefined && ttl < 0) errors.push(invalid(`${at}.${name}`, goDuration(ttl), 'must be > 0s'));
  }
  checkChoice(webhook.subjectAccessReviewVersion, ['v1', 'v1beta1'], `${at}.subjectAccessReviewVersion`, errors);
  const { matchConditionSubjectAccessReviewVersion: version = '', matchConditions: conditions = [] } = webhook;
  const field = `${at}.matchConditionSubjectAccessReviewVersion`;
  if (version === '') {
    if (conditions.length > 0) errors.push(required(field, 'required if match conditions are specified'));
  } else if (version !== 'v1') errors.push(notSupported(field, version, ['v1']));
  checkChoice(webhook.failurePolicy, ['NoOpinion', 'Deny'], `${at}.failurePolicy`, errors);
  checkConnection(webhook.connectionInfo ?? { type: '' }, `${at}.connectionInfo`, errors);
  matchConditions(conditions, `${at}.matchConditions`, errors);
}

function duration(given: string | undefined, field: string, errors: FieldError[]): number | undefined {
  const length = given === undefined ? 0 : parseGoDuration(given);
  if (length === undefined) errors.push(invalid(field, given, goDurationComplaint(given!)));
  else if (length === 0) errors.push(required(field));
  else return length;
  return undefined;
}

function checkChoice(value = '', choices: readonly string[], field: string, errors: FieldError[]): void {
  if (value === '') errors.push(required(field));
  else if (!choices.includes(value)) errors.push(notSupported(field, value, choices));
}

function checkConnection(
  { type = '', kubeConfigFile = '' }: WebhookAuthorizerConfiguration['connectionInfo'],
  at: string,
  errors: FieldError[],
): void {
  const field = `${at}.kubeConfigFile`;
  if (type === '') errors.push(required(`${at}.type`));
  else if (type === 'InClusterConfig')
    errors.push(invalid(`${at}.type`, type, 'the server of the cluster cannot ask itself'));
  else if (type !== 'KubeConfigFile')
    errors.push(notSupported(`${at}.type`, type, ['InClusterConfig', 'KubeConfigFile']));
  else if (kubeConfigFile === '') errors.push(required(field));
  else if (!isAbsolute(kubeConfigFile)) errors.push(invalid(field, kubeConfigFile, 'must be an absolute path'));
  else {
    const found = statSync(kubeConfigFile, { throwIfNoEntry: false });
    if (found === undefined)
      errors.push(
        invalid(field, kubeConfigFile, `error loading file: stat ${kubeConfigFile}: no such file or directory`),
      );
    else if (!found.isFile()) errors.push(invalid(field, kubeConfigFile, 'must be a regular file'));
  }
}
