const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*$`);

/**
 * Whether this is a DNS name, possibly with `*` as its first label. The API server checks it too; here it keeps foreign
 * text out of the configuration.
 */
export function isHost(host: string): boolean {
  return host.length <= 253 && hostPattern.test(host);
}

/** Whether the name stands for the host: itself, or a wildcard for exactly one label. */
export function covers(name: string, host: string): boolean {
  if (name === host) return true;
  return name.startsWith('*.') && !host.startsWith('*') && host.slice(host.indexOf('.') + 1) === name.slice(2);
}
