import { access, readFile } from 'node:fs/promises';
import { goQuote } from '../apimachinery/go-text.ts';
import { ConfigurationError, readConfiguration } from '../apiserver/configuration/read-configuration.ts';
import type { ApiConfiguration } from '../apiserver/configuration/kinds.ts';
import type { ReviewServers } from '../apiserver/auth/server-authorization.ts';
import type { ReviewServer } from '../apiserver/auth/webhook/remote-review.ts';
import { accessOf, readKubeconfigs } from '../client/node/kubeconfig.ts';
import { readTextIfThere } from '../base/node/files.ts';
import { reasonOf } from '../base/node/system-error.ts';
import { UserError } from '../local/problem.ts';

/** A file of Kubernetes' configuration kinds, and where the servers are whose kubeconfigs it names. */
export interface ReadConfiguration {
  readonly text: string;
  readonly configuration: ApiConfiguration;
  readonly reviewServers: ReviewServers;
}

/** Rejects with {@link UserError} when the file, or a kubeconfig that it names, cannot be read or used. */
export async function readConfigurationFile(file: string): Promise<ReadConfiguration> {
  try {
    const text = await readFile(file, 'utf8');
    const configuration = readConfiguration(text);
    return { text, configuration, reviewServers: await reviewServersOf(configuration) };
  } catch (cause) {
    throw unusable(file, cause);
  }
}

/** Rejects as {@link readConfigurationFile} does, but not where there is no file. */
export async function checkConfigurationFile(file: string): Promise<void> {
  if ((await readTextIfThere(file)) !== undefined) await readConfigurationFile(file);
}

/** By their kubeconfigs. The audit webhook's is opened by who records; it is among them to be refused as early. */
async function reviewServersOf(configuration: ApiConfiguration): Promise<ReviewServers> {
  const { authorization, authenticationOptions, auditOutput } = configuration;
  const files = [
    ...(authorization?.authorizers ?? []).map(({ webhook }) => webhook?.connectionInfo.kubeConfigFile),
    authenticationOptions?.tokenWebhook?.configFile,
    auditOutput?.webhook?.configFile,
  ].filter((one) => one !== undefined);
  const servers = new Map<string, ReviewServer>();
  const problems: string[] = [];
  for (const file of new Set(files)) {
    try {
      servers.set(file, await reviewServer(file));
    } catch (cause) {
      problems.push(`kubeconfig ${goQuote(file)}: ${reasonOf(cause)}`);
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return servers;
}

/** What a kubeconfig says of its current context. */
async function reviewServer(file: string): Promise<ReviewServer> {
  await access(file);
  const found = await accessOf(await readKubeconfigs([file]));
  const { server: url, ca, serverName, insecure, cert, key, token } = found;
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
