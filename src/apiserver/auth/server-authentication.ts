import type { AuthenticationConfiguration } from '../configuration/authentication-configuration.ts';
import type { AuthenticationOptions } from '../configuration/authentication-options.ts';
import type { ServerContext } from '../context.ts';
import { countedAuthenticator, type AccessTallies } from './access-tallies.ts';
import { anonymousAccess } from './anonymous.ts';
import type { Authenticator } from './auth.ts';
import { unionAuthenticator } from './authentication.ts';
import { BootstrapTokens } from './bootstrap-tokens.ts';
import { clientCertificateAuthenticator } from './client-certificate.ts';
import { JwtReader } from './jwt/jwt-reader.ts';
import { requestHeaderAuthenticator } from './request-header.ts';
import type { ServiceAccountTokens } from './service-account-token.ts';
import { reviewServerAt, type ReviewServers } from './server-authorization.ts';
import { forAudiences, tokenAuthenticator, unionTokenReader, type TokenReader } from './token-reader.ts';
import { WebhookTokenReader } from './webhook/webhook-token-reader.ts';

export interface AuthenticationParts {
  /** PEM. */
  readonly clientAuthorities: readonly string[];
  readonly serviceAccounts: ServiceAccountTokens;
  readonly configuration: AuthenticationConfiguration;
  readonly options: AuthenticationOptions;
  readonly reviewServers: ReviewServers;
  readonly tallies: AccessTallies;
}

/** Everything by which a server knows who asks. */
export interface ServerAuthentication extends Disposable {
  readonly authenticator: Authenticator;
  /** Whoever's tokens are believed. */
  readonly tokens: TokenReader;
}

/** In the order of Kubernetes: proxies that ask for others, certificates, tokens of service accounts, then those of others. */
export function serverAuthentication(
  { clientAuthorities, serviceAccounts, configuration, options, reviewServers, tallies }: AuthenticationParts,
  context: ServerContext,
): ServerAuthentication {
  const { clock, log, config } = context;
  const { audiences } = config;
  const issuers = (configuration.jwt ?? []).map(
    (one) => new JwtReader(one, clock, tallies.issuer(one.issuer.url), tallies.tokenCache),
  );
  const webhooks = (options.tokenWebhook === undefined ? [] : [options.tokenWebhook]).map(
    (one) =>
      new WebhookTokenReader(
        one,
        reviewServerAt(one.configFile, reviewServers),
        audiences,
        tallies.tokenCache,
        context,
      ),
  );
  const own = [new BootstrapTokens(context), ...issuers];
  const others = unionTokenReader([...own.map((one) => forAudiences(audiences, one)), ...webhooks]);
  const onBadToken = (why: string): void => log.debug('a token is refused', { why });
  return {
    authenticator: countedAuthenticator(
      unionAuthenticator(
        [
          ...(options.requestHeader === undefined ? [] : [requestHeaderAuthenticator(options.requestHeader, clock)]),
          ...(clientAuthorities.length > 0 ? [clientCertificateAuthenticator(clientAuthorities, clock)] : []),
          serviceAccounts,
          tokenAuthenticator(others, audiences, onBadToken),
        ],
        anonymousAccess(configuration.anonymous),
      ),
      tallies,
      clock,
    ),
    tokens: unionTokenReader([serviceAccounts, others]),
    [Symbol.dispose]: () => [...issuers, ...webhooks].forEach((one) => one[Symbol.dispose]()),
  };
}
