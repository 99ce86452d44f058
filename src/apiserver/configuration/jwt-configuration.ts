import type { Schema } from '../../apimachinery/schema.ts';

/** An issuer whose tokens are believed, and what their claims mean (apiserver.config.k8s.io/v1, JWTAuthenticator). */
export interface JwtConfiguration {
  readonly issuer: IssuerConfiguration;
  readonly claimValidationRules?: readonly ClaimRule[];
  readonly claimMappings: ClaimMappings;
  readonly userValidationRules?: readonly UserRule[];
}

export interface IssuerConfiguration {
  readonly url: string;
  readonly discoveryURL?: string;
  /** PEM; absent: the authorities of this machine. */
  readonly certificateAuthority?: string;
  readonly audiences: readonly string[];
  readonly audienceMatchPolicy?: string;
  readonly egressSelectorType?: string;
}

/** A claim that must be there with a value, or an expression that must be true. */
export interface ClaimRule {
  readonly claim?: string;
  readonly requiredValue?: string;
  readonly expression?: string;
  readonly message?: string;
}

export interface ClaimMappings {
  readonly username: PrefixedClaim;
  readonly groups?: PrefixedClaim;
  readonly uid?: ClaimOrExpression;
  readonly extra?: readonly { readonly key: string; readonly valueExpression: string }[];
}

export interface ClaimOrExpression {
  readonly claim?: string;
  readonly expression?: string;
}

export interface PrefixedClaim extends ClaimOrExpression {
  readonly prefix?: string;
}

export interface UserRule {
  readonly expression: string;
  readonly message?: string;
}

const text = { type: 'string' } as const;

export const jwtSchema: Schema = {
  JWTAuthenticator: {
    fields: {
      issuer: { ref: 'Issuer' },
      claimValidationRules: { array: { ref: 'ClaimValidationRule' } },
      claimMappings: { ref: 'ClaimMappings' },
      userValidationRules: { array: { ref: 'UserValidationRule' } },
    },
  },
  Issuer: {
    fields: {
      url: text,
      discoveryURL: text,
      certificateAuthority: text,
      audiences: { array: text },
      audienceMatchPolicy: text,
      egressSelectorType: text,
    },
  },
  ClaimValidationRule: { fields: { claim: text, requiredValue: text, expression: text, message: text } },
  ClaimMappings: {
    fields: {
      username: { ref: 'PrefixedClaimOrExpression' },
      groups: { ref: 'PrefixedClaimOrExpression' },
      uid: { ref: 'ClaimOrExpression' },
      extra: { array: { ref: 'ExtraMapping' } },
    },
  },
  PrefixedClaimOrExpression: { fields: { claim: text, prefix: text, expression: text } },
  ClaimOrExpression: { fields: { claim: text, expression: text } },
  ExtraMapping: { fields: { key: text, valueExpression: text } },
  UserValidationRule: { fields: { expression: text, message: text } },
};
