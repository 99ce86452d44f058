import type { NginxSettings } from './settings.ts';

/**
 * The name of a variable of ours, with its `$`. A named group in the expression of a path sets the variable of its name
 * from the URL; so ours have names that nobody can guess: they hold a part of a digest of the node's own key.
 */
export function ownVariable(name: string, { defaultCertificate }: Pick<NginxSettings, 'defaultCertificate'>): string {
  return `$${name}_${defaultCertificate.slice(0, 16)}`;
}
