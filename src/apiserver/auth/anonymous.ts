import type { AnonymousConfiguration } from '../configuration/authentication-configuration.ts';
import type { AllowsAnonymous } from './authentication.ts';

/** Whom a configuration lets in without credentials: for no path, for those that it names, or (as without one) for all. */
export function anonymousAccess(
  { enabled, conditions = [] }: AnonymousConfiguration = { enabled: true },
): AllowsAnonymous {
  if (!enabled) return () => false;
  const paths = new Set(conditions.map(({ path }) => path));
  return paths.size === 0 ? () => true : (path) => path !== undefined && paths.has(path);
}
