import { defaultSettings } from '../routes/annotations.ts';
import { takes, withoutSlash } from '../routes/paths.ts';
import { escaped } from '../routes/plan-routes.ts';
import type { Location, Routes, Server } from '../routes/routes.ts';
import { certificateFiles } from './folder.ts';
import { limitZone, ofIngress } from './owners.ts';
import { ownVariable } from './own-variables.ts';
import { quoted, withoutVariables } from './quoting.ts';
import type { NginxSettings } from './settings.ts';

/** A `server` for each host. */
export function serverBlocks({ servers }: Routes, settings: NginxSettings): string[] {
  return servers.flatMap((server) => serverBlock(server, settings));
}

function serverBlock(server: Server, settings: NginxSettings): string[] {
  const { host, certificate, locations } = server;
  const { folder, address, httpPort, httpsPort } = settings;
  const rank = host === '' ? ' default_server' : '';
  const lines = [`listen ${address}:${httpPort}${rank};`, `listen ${address}:${httpsPort}${rank} ssl http2;`];
  lines.push(`server_name ${host === '' ? '_' : serverName(host)};`);
  if (certificate !== undefined) {
    const files = certificateFiles(folder, certificate.fingerprint);
    lines.push(`ssl_certificate ${quoted(files.certificate)}; ${ofIngress(certificate.ingress)}`);
    lines.push(`ssl_certificate_key ${quoted(files.key)}; ${ofIngress(certificate.ingress)}`);
  }
  for (const { pattern, location } of matchers(locations)) {
    const body = location === undefined ? ['return 404;'] : locationLines(location, settings);
    const owner = location === undefined ? '' : ` ${ofIngress(location.ingress)}`;
    lines.push(`location ${pattern} {${owner}`, ...body.map((line) => `  ${line}`), '}');
  }
  return ['', 'server {', ...lines.map((line) => `  ${line}`), '}'];
}

/** A wildcard stands for one label; nginx' own would stand for several. */
function serverName(host: string): string {
  return host.startsWith('*.') ? quoted(`~^[^.]+${escaped(host.slice(1))}$`) : quoted(host);
}

interface Matcher {
  /** What follows `location`. */
  readonly pattern: string;
  /** Absent: 404. */
  readonly location?: Location;
}

/**
 * nginx' locations for ours. It tries exact ones, then, where there are no expressions, the longest prefix, otherwise the
 * expressions in the order of the file; so a host with one expression has expressions only, the longest path first. A
 * prefix `/a` is `/a` itself and all below `/a/`.
 */
function matchers(locations: readonly Location[]): Matcher[] {
  const hasPatterns = locations.some(({ match }) => match === 'pattern');
  const found = new Map<string, Location | undefined>();
  const add = (pattern: string, location: Location | undefined): void => {
    if (!found.has(pattern)) found.set(pattern, location);
  };
  for (const location of locations) {
    const { match, path, pattern } = location;
    const bare = withoutSlash(path);
    if (match === 'exact') add(`= ${quoted(path)}`, location);
    else if (match === 'pattern') add(`~* ${quoted(`^${pattern!}`)}`, location);
    else if (bare === '') add('/', location);
    else if (hasPatterns) add(`~ ${quoted(`^${escaped(bare)}(?:/|$)`)}`, location);
    else {
      add(`= ${quoted(bare)}`, location);
      add(`${quoted(`${bare}/`)}`, location);
    }
  }
  // nginx would answer `/a` with a redirect to `/a/` where only that is a location: here it is like any other path.
  for (const { match, path } of locations) {
    const bare = withoutSlash(path);
    if (match === 'exact' && bare !== path && bare !== '' && !hasPatterns)
      add(
        `= ${quoted(bare)}`,
        locations.find((other) => takes(other, bare)),
      );
  }
  add('/', undefined);
  return [...found].map(([pattern, location]) => (location === undefined ? { pattern } : { pattern, location }));
}

function locationLines(location: Location, nginx: NginxSettings): string[] {
  const { backend, redirectToHttps, settings, ingress } = location;
  const { httpsPort } = nginx;
  const portOfUrl = httpsPort === 443 ? '' : `:${httpsPort}`;
  const redirect = redirectToHttps ? [`if ($scheme = http) { return 308 https://$host${portOfUrl}$request_uri; }`] : [];
  if (backend === undefined) return [...redirect, 'return 503;'];
  return [
    ...redirect,
    ...settings.limits.map(({ per, burst }) => `limit_req zone=${limitZone(ingress, per)} burst=${burst} nodelay;`),
    ...changedSettings(location),
    ...rewrite(location),
    // Last: whatever an expression may have set, this is the backend.
    `set ${ownVariable('backend', nginx)} ${withoutVariables(backend)};`,
    'break;',
    settings.backendProtocol === 'https' ? 'proxy_pass https://kubernetes_tls;' : 'proxy_pass http://kubernetes;',
  ];
}

function changedSettings({ settings }: Location): string[] {
  const lines: string[] = [];
  if (settings.bodySize !== defaultSettings.bodySize) lines.push(`client_max_body_size ${settings.bodySize};`);
  for (const kind of ['connect', 'read', 'send'] as const) {
    const seconds = settings[`${kind}Timeout`];
    if (seconds !== defaultSettings[`${kind}Timeout`]) lines.push(`proxy_${kind}_timeout ${seconds}s;`);
  }
  if (settings.buffering) lines.push('proxy_buffering on;');
  return lines;
}

/** The target's `$1` to `$9` are the expression's groups; it was checked that nothing else looks like a variable. */
function rewrite({ match, pattern, settings: { rewriteTarget } }: Location): string[] {
  if (rewriteTarget === undefined) return [];
  const expression = match === 'pattern' ? `(?i)^${pattern!}` : '^';
  return [`rewrite ${quoted(expression)} ${quoted(rewriteTarget)};`];
}
