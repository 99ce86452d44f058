import { goDurationComplaint, parseGoDuration } from '../../apimachinery/duration.ts';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/validation.ts';
import { certificatesIn } from '../auth/pem-certificates.ts';
import { typeFields, type ConfigurationKind } from './configuration-kind.ts';

/**
 * How else users are known: a kind of ours, as Kubernetes has flags for it. Its fields are the words of those flags
 * (`--authentication-token-webhook-config-file` is `tokenWebhook.configFile`), with the same defaults.
 */
export interface AuthenticationOptions {
  readonly tokenWebhook?: TokenWebhookOptions;
  readonly requestHeader?: RequestHeaderOptions;
}

/** Proxies that say in headers for whom they ask. */
export interface RequestHeaderOptions {
  /** Who vouches for the proxies' certificates. PEM. */
  readonly clientCA: string;
  /** Common names of theirs; none: any. */
  readonly allowedNames?: readonly string[];
  /** The first of these headers that says something. */
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders?: readonly string[];
  /** All values of all of these. */
  readonly groupHeaders?: readonly string[];
  readonly extraHeadersPrefix?: readonly string[];
}

export interface TokenWebhookOptions {
  /** A kubeconfig whose server is asked whose a token is. */
  readonly configFile: string;
  /** Of the TokenReview that it is sent. */
  version?: string;
  /** How long its answers are remembered, a Go duration. */
  cacheTTL?: string;
}

const text = { type: 'string' } as const;
const texts = { array: text } as const;

export const authenticationOptions: ConfigurationKind<AuthenticationOptions> = {
  kind: 'AuthenticationOptions',
  apiVersions: ['kubeling.dev/v1'],
  schema: {
    AuthenticationOptions: {
      fields: { ...typeFields, tokenWebhook: { ref: 'TokenWebhook' }, requestHeader: { ref: 'RequestHeader' } },
    },
    RequestHeader: {
      fields: {
        clientCA: text,
        allowedNames: texts,
        usernameHeaders: texts,
        uidHeaders: texts,
        groupHeaders: texts,
        extraHeadersPrefix: texts,
      },
    },
    TokenWebhook: { fields: { configFile: text, version: text, cacheTTL: text } },
  },
  defaults({ tokenWebhook }) {
    if (tokenWebhook === undefined) return;
    tokenWebhook.version ??= 'v1beta1';
    tokenWebhook.cacheTTL ??= '2m0s';
  },
  validate: ({ tokenWebhook, requestHeader }) => [
    ...(tokenWebhook ? tokenWebhookErrors(tokenWebhook) : []),
    ...(requestHeader ? requestHeaderErrors(requestHeader) : []),
  ],
};

function requestHeaderErrors(options: RequestHeaderOptions): FieldError[] {
  const { clientCA = '', usernameHeaders = [], uidHeaders = [], groupHeaders = [], extraHeadersPrefix = [] } = options;
  const errors: FieldError[] = [];
  if (clientCA === '') errors.push(required('requestHeader.clientCA'));
  else if (certificatesIn(clientCA).length === 0)
    errors.push(invalid('requestHeader.clientCA', '<omitted>', 'data does not contain any valid certificates'));
  if (usernameHeaders.length === 0) errors.push(required('requestHeader.usernameHeaders'));
  for (const [field, names] of Object.entries({ usernameHeaders, uidHeaders, groupHeaders, extraHeadersPrefix }))
    names.forEach((name, i) => {
      if (name.trim() === '') errors.push(invalid(`requestHeader.${field}[${i}]`, name, 'must not be empty'));
    });
  return errors;
}

function tokenWebhookErrors({ configFile, version, cacheTTL = '' }: TokenWebhookOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (!configFile) errors.push(required('tokenWebhook.configFile'));
  else if (!configFile.startsWith('/'))
    errors.push(invalid('tokenWebhook.configFile', configFile, 'must be an absolute path'));
  if (version !== 'v1' && version !== 'v1beta1')
    errors.push(notSupported('tokenWebhook.version', version, ['v1', 'v1beta1']));
  const ttl = parseGoDuration(cacheTTL);
  if (ttl === undefined) errors.push(invalid('tokenWebhook.cacheTTL', cacheTTL, goDurationComplaint(cacheTTL)));
  else if (ttl < 0) errors.push(invalid('tokenWebhook.cacheTTL', cacheTTL, 'must not be negative'));
  return errors;
}
