import { goDurationComplaint, parseGoDuration } from '../../apimachinery/duration.ts';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/validation.ts';
import { typeFields, type ConfigurationKind } from './configuration-kind.ts';

/**
 * How else users are known: a kind of ours, as Kubernetes has flags for it. Its fields are the words of those flags
 * (`--authentication-token-webhook-config-file` is `tokenWebhook.configFile`), with the same defaults.
 */
export interface AuthenticationOptions {
  readonly tokenWebhook?: TokenWebhookOptions;
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

export const authenticationOptions: ConfigurationKind<AuthenticationOptions> = {
  kind: 'AuthenticationOptions',
  apiVersions: ['kubeling.dev/v1'],
  schema: {
    AuthenticationOptions: { fields: { ...typeFields, tokenWebhook: { ref: 'TokenWebhook' } } },
    TokenWebhook: { fields: { configFile: text, version: text, cacheTTL: text } },
  },
  defaults({ tokenWebhook }) {
    if (tokenWebhook === undefined) return;
    tokenWebhook.version ??= 'v1beta1';
    tokenWebhook.cacheTTL ??= '2m0s';
  },
  validate: ({ tokenWebhook }) => (tokenWebhook ? tokenWebhookErrors(tokenWebhook) : []),
};

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
