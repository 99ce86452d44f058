import { readFile } from 'node:fs/promises';
import { ConfigurationError, readConfiguration } from '../apiserver/configuration/read-configuration.ts';
import type { ApiConfiguration } from '../apiserver/configuration/kinds.ts';
import type { ReviewServers } from '../apiserver/auth/server-authorization.ts';
import type { ReviewServer } from '../apiserver/auth/webhook/remote-review.ts';
import { accessOf, readKubeconfigs } from '../client/node/kubeconfig.ts';
import { reasonOf } from '../base/node/system-error.ts';
import { UserError } from '../local/problem.ts';

/** The text of a file of Kubernetes' configuration kinds. Rejects with {@link UserError} when it cannot be read or used. */
export async function readConfigurationText(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    readConfiguration(text);
    return text;
  } catch (cause) {
    throw unusable(file, cause);
  }
}

/** What a file says, and where the servers are that it names. */
export interface ReadConfiguration {
  readonly configuration: ApiConfiguration;
  readonly reviewServers: ReviewServers;
}

/** What a file of Kubernetes' configuration kinds says. Rejects as {@link readConfigurationText} does. */
export async function readConfigurationFile(file: string): Promise<ReadConfiguration> {
  const configuration = readConfiguration(await readConfigurationText(file));
  const { authorization, authenticationOptions } = configuration;
  const files = [
    ...(authorization?.authorizers ?? []).map(({ webhook }) => webhook?.connectionInfo.kubeConfigFile),
    authenticationOptions?.tokenWebhook?.configFile,
  ].filter((one) => one !== undefined);
  const servers = await Promise.all(files.map(async (one) => [one, await reviewServer(one)] as const));
  return { configuration, reviewServers: new Map(servers) };
}

/** What a kubeconfig says of its current context. */
async function reviewServer(file: string): Promise<ReviewServer> {
  const access = await accessOf(await readKubeconfigs([file]));
  const { server: url, ca, serverName, insecure, cert, key, token } = access;
  return {
    url,
    ...(ca !== undefined && { authority: ca }),
    ...(serverName !== undefined && { serverName }),
    ...(insecure === true && { skipsVerification: true }),
    ...(cert !== undefined && key !== undefined && { client: { certificate: cert, key } }),
    ...(token !== undefined && { token }),
  };
}

function unusable(file: string, cause: unknown): UserError {
  if (!(cause instanceof ConfigurationError))
    return new UserError(`Cannot read API configuration "${file}": ${reasonOf(cause)}`, { cause });
  const problems = cause.problems.map((problem) => `  ${problem}`).join('\n');
  return new UserError(`Cannot use API configuration "${file}":\n${problems}`, { cause });
}
