import { readFile } from 'node:fs/promises';
import { ConfigurationError, readConfiguration } from '../apiserver/configuration/read-configuration.ts';
import type { ApiConfiguration } from '../apiserver/configuration/kinds.ts';
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

/** What a file of Kubernetes' configuration kinds says. Rejects as {@link readConfigurationText} does. */
export async function readConfigurationFile(file: string): Promise<ApiConfiguration> {
  return readConfiguration(await readConfigurationText(file));
}

function unusable(file: string, cause: unknown): UserError {
  if (!(cause instanceof ConfigurationError))
    return new UserError(`Cannot read API configuration "${file}": ${reasonOf(cause)}`, { cause });
  const problems = cause.problems.map((problem) => `  ${problem}`).join('\n');
  return new UserError(`Cannot use API configuration "${file}":\n${problems}`, { cause });
}
