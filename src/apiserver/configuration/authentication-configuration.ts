import { invalid, type FieldError } from '../../apimachinery/validation.ts';
import { jwtSchema, type JwtConfiguration } from './jwt-configuration.ts';
import { errorsOfIssuers } from './jwt-validation.ts';
import { typeFields, type ConfigurationKind } from './configuration-kind.ts';

/** Who is believed to be whom, beside holders of client certificates and of tokens of service accounts. */
export interface AuthenticationConfiguration {
  /** Issuers whose tokens are believed. */
  readonly jwt?: readonly JwtConfiguration[];
  /** Who shows nothing; absent: is `system:anonymous`, whatever is asked for. */
  readonly anonymous?: AnonymousConfiguration;
}

export interface AnonymousConfiguration {
  readonly enabled: boolean;
  /** Only for these paths; none: for all. */
  readonly conditions?: readonly { readonly path: string }[];
}

export const authenticationConfiguration: ConfigurationKind<AuthenticationConfiguration> = {
  kind: 'AuthenticationConfiguration',
  apiVersions: ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1'],
  schema: {
    ...jwtSchema,
    AuthenticationConfiguration: {
      fields: { ...typeFields, jwt: { array: { ref: 'JWTAuthenticator' } }, anonymous: { ref: 'AnonymousAuthConfig' } },
    },
    AnonymousAuthConfig: {
      fields: { enabled: { type: 'boolean' }, conditions: { array: { ref: 'AnonymousAuthCondition' } } },
    },
    AnonymousAuthCondition: { fields: { path: { type: 'string' } } },
  },
  validate: ({ jwt = [], anonymous }) => [...errorsOfIssuers(jwt), ...errorsOfAnonymous(anonymous)],
};

function errorsOfAnonymous(anonymous: AnonymousConfiguration | undefined): FieldError[] {
  const { enabled, conditions = [] } = anonymous ?? {};
  if (enabled === true || conditions.length === 0) return [];
  const why = 'enabled should be set to true when conditions are defined';
  return [invalid('anonymous.conditions', conditions, why)];
}
