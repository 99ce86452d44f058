import { auditOutput } from './audit-output.ts';
import { auditPolicy } from './audit-policy.ts';
import { authenticationConfiguration } from './authentication-configuration.ts';
import { authenticationOptions } from './authentication-options.ts';
import { authorizationConfiguration } from './authorization-configuration.ts';
import type { ConfigurationKind } from './configuration-kind.ts';
import { encryptionConfiguration } from './encryption-configuration.ts';

/** Every kind that a configuration of the server may hold, each at most once, by what the server calls it. */
export const configurationKinds = {
  authentication: authenticationConfiguration,
  authenticationOptions,
  authorization: authorizationConfiguration,
  encryption: encryptionConfiguration,
  auditPolicy,
  auditOutput,
} as const satisfies Readonly<Record<string, ConfigurationKind<object>>>;

type Kinds = typeof configurationKinds;

/** What a configuration says; what it leaves out is as in a Kubernetes that is not told. */
export type ApiConfiguration = {
  readonly [Name in keyof Kinds]?: Kinds[Name] extends ConfigurationKind<infer T> ? T : never;
};
