const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*$`);

/**
 * Whether this is a DNS name, possibly with `*` as its first label. The API server checks it too; here it keeps foreign
 * text out of the configuration.
 */
export function isHost(host: string): boolean {
  return host.length <= 253 && hostPattern.test(host);
}
