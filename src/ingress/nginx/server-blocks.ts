import { escaped, takers, withoutSlash } from '../routes/paths.ts';
import type { Location, Routes, Server } from '../routes/routes.ts';
import { certificateFiles } from './folder.ts';
import { locationBlocks, locationLines } from './location-lines.ts';
import { ofIngress } from './owners.ts';
import { ownVariable } from './own-variables.ts';
import { quoted, withoutVariables } from './quoting.ts';
import type { NginxSettings } from './settings.ts';

/** A `server` for each host. */
export function serverBlocks({ servers }: Routes, settings: NginxSettings): string[] {
  return servers.flatMap((server) => serverBlock(server, settings));
}

function serverBlock(server: Server, settings: NginxSettings): string[] {
  const { host, aliases = [], certificate, redirectTo, appRoot, locations } = server;
  const { folder, address, httpPort, httpsPort } = settings;
  const rank = host === '' ? ' default_server' : '';
  const lines = [`listen ${address}:${httpPort}${rank};`, `listen ${address}:${httpsPort}${rank} ssl http2;`];
  lines.push(`server_name ${host === '' ? '_' : [host, ...aliases].map(serverName).join(' ')};`);
  if (certificate !== undefined) {
    const files = certificateFiles(folder, certificate.fingerprint);
    lines.push(`ssl_certificate ${quoted(files.certificate)}; ${ofIngress(certificate.ingress)}`);
    lines.push(`ssl_certificate_key ${quoted(files.key)}; ${ofIngress(certificate.ingress)}`);
    lines.push(`add_header Strict-Transport-Security ${ownVariable('hsts', settings)} always;`);
    lines.push('proxy_hide_header Strict-Transport-Security;');
  }
  if (redirectTo !== undefined)
    lines.push(
      `return 308 $scheme://${redirectTo.host}${portOf(settings)}$request_uri; ${ofIngress(redirectTo.ingress)}`,
    );
  if (appRoot !== undefined) {
    const to = withoutVariables(appRoot.path);
    lines.push(`if ($uri = /) { return 302 $scheme://$http_host${to.slice(1, -1)}; } ${ofIngress(appRoot.ingress)}`);
  }
  const context = { nginx: settings, isCertified: certificate !== undefined };
  const indices = new Map(locations.map((location, index) => [location, index]));
  for (const { pattern, location } of redirectTo === undefined ? matchers(locations) : []) {
    const index = (location && indices.get(location)) ?? 0;
    const body = location === undefined ? ['return 404;'] : locationLines(location, { ...context, index });
    const owner = location === undefined ? '' : ` ${ofIngress(location.ingress)}`;
    lines.push(`location ${pattern} {${owner}`, ...body.map((line) => `  ${line}`), '}');
  }
  for (const [index, location] of locations.entries()) lines.push(...locationBlocks(location, { ...context, index }));
  return ['', 'server {', ...lines.map((line) => `  ${line}`), '}'];
}

/** Where the ports are the usual ones a URL names none. */
function portOf({ httpPort, httpsPort }: NginxSettings): string {
  return httpPort === 80 && httpsPort === 443 ? '' : ':$server_port';
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
  const taker = takers(locations);
  // nginx would answer `/a` with a redirect to `/a/` where only that is a location: here it is like any other path.
  for (const { match, path } of locations) {
    const bare = withoutSlash(path);
    if (match === 'exact' && bare !== path && bare !== '' && !hasPatterns) add(`= ${quoted(bare)}`, taker(bare));
  }
  add('/', undefined);
  return [...found].map(([pattern, location]) => (location === undefined ? { pattern } : { pattern, location }));
}
