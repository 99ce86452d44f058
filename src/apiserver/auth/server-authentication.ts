import type { AuthenticationConfiguration } from '../configuration/authentication-configuration.ts';
import type { ServerContext } from '../context.ts';
import { anonymousAccess } from './anonymous.ts';
import type { Authenticator } from './auth.ts';
import { unionAuthenticator } from './authentication.ts';
import { BootstrapTokens } from './bootstrap-tokens.ts';
import { clientCertificateAuthenticator } from './client-certificate.ts';
import { JwtReader } from './jwt/jwt-reader.ts';
import type { ServiceAccountTokens } from './service-account-token.ts';
import { forAudiences, tokenAuthenticator, unionTokenReader, type TokenReader } from './token-reader.ts';

export interface AuthenticationParts {
  /** PEM. */
  readonly clientAuthorities: readonly string[];
  readonly serviceAccounts: ServiceAccountTokens;
  readonly configuration: AuthenticationConfiguration;
}

/** Everything by which a server knows who asks. */
export interface ServerAuthentication extends Disposable {
  readonly authenticator: Authenticator;
  /** Whoever's tokens are believed. */
  readonly tokens: TokenReader;
}

/** In the order of Kubernetes: certificates, tokens of service accounts, then those of others. */
export function serverAuthentication(
  { clientAuthorities, serviceAccounts, configuration }: AuthenticationParts,
  context: ServerContext,
): ServerAuthentication {
  const { clock, log, config } = context;
  const { audiences } = config;
  const issuers = (configuration.jwt ?? []).map((one) => new JwtReader(one, clock));
  const own = [new BootstrapTokens(context), ...issuers];
  const others = unionTokenReader(own.map((one) => forAudiences(audiences, one)));
  const onBadToken = (why: string): void => log.debug('a token is refused', { why });
  return {
    authenticator: unionAuthenticator(
      [
        ...(clientAuthorities.length > 0 ? [clientCertificateAuthenticator(clientAuthorities, clock)] : []),
        serviceAccounts,
        tokenAuthenticator(others, audiences, onBadToken),
      ],
      anonymousAccess(configuration.anonymous),
    ),
    tokens: unionTokenReader([serviceAccounts, others]),
    [Symbol.dispose]: () => issuers.forEach((one) => one[Symbol.dispose]()),
  };
}
