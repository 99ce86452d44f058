import type { EncryptionConfiguration, ProviderConfiguration } from './configuration.ts';

/** How the own key is called in what it encrypted. Not to be changed: stored values have it. */
const ownKeyName = 'kubeling';

/** Patterns that name Secrets. */
const namesSecrets: ReadonlySet<string> = new Set(['secrets', '*.', '*.*']);

/**
 * A configuration together with a key of the cluster's own (`secret`, in base64): Secrets are encrypted with it where the
 * configuration says nothing of them, and what was encrypted with it before stays readable where it does.
 */
export function withOwnKey(
  configuration: EncryptionConfiguration | undefined,
  secret: string,
): EncryptionConfiguration {
  const own: ProviderConfiguration = { aesgcm: { keys: [{ name: ownKeyName, secret }] } };
  const resources = (configuration?.resources ?? []).map((element) =>
    element.resources?.some((name) => namesSecrets.has(name)) === true
      ? { ...element, providers: [...(element.providers ?? []), own] }
      : element,
  );
  const isTold = resources.some((element) => element.providers?.includes(own));
  return {
    resources: isTold ? resources : [{ resources: ['secrets'], providers: [own, { identity: {} }] }, ...resources],
  };
}
