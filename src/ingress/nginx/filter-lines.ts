import { createHash } from 'node:crypto';
import { keyText, type ObjectKey } from '../../apimachinery/object.ts';
import type { Cors, Filter } from '../routes/filters.ts';
import type { Routes } from '../routes/routes.ts';
import { escaped } from '../routes/paths.ts';
import { usersFile } from './folder.ts';
import { limitZone, ofIngress } from './owners.ts';
import { ownVariable } from './own-variables.ts';
import { quoted, withoutVariables } from './quoting.ts';
import type { NginxSettings } from './settings.ts';
import { templateText, templateVariables } from './templates.ts';

/** A variable of ours that belongs to one Ingress. */
function variableOf(name: string, ingress: ObjectKey, nginx: NginxSettings): string {
  const id = createHash('sha256').update(keyText(ingress)).digest('hex').slice(0, 16);
  return ownVariable(`${name}_${id}`, nginx);
}

/** What filters need outside of their locations: each Ingress counts by itself, for all its paths together. */
export function filterLines({ servers }: Routes, nginx: NginxSettings): string[] {
  const lines = new Map<string, string>();
  // The paths of an Ingress have the same filters, and each may list a thousand ranges.
  const seen = new Set<Filter>();
  for (const { ingress, filters } of servers.flatMap(({ locations }) => locations))
    for (const filter of filters) {
      if (seen.has(filter)) continue;
      seen.add(filter);
      for (const line of sharedLines(filter, ingress, nginx)) lines.set(line, `${line} ${ofIngress(ingress)}`);
    }
  return [...lines.values()];
}

function sharedLines(filter: Filter, ingress: ObjectKey, nginx: NginxSettings): string[] {
  switch (filter.kind) {
    case 'rateLimit': {
      const { requests, per, uncounted } = filter;
      const zone = `zone=${limitZone(ingress, filter)}:5m rate=${requests}r/${per === 'second' ? 's' : 'm'}`;
      return [
        ...clientLines(uncounted, ingress, nginx),
        `limit_req_zone ${client(uncounted, ingress, nginx)} ${zone};`,
      ];
    }
    case 'connectionLimit': {
      const { uncounted } = filter;
      const key = client(uncounted, ingress, nginx);
      return [
        ...clientLines(uncounted, ingress, nginx),
        `limit_conn_zone ${key} zone=${limitZone(ingress, filter)}:5m;`,
      ];
    }
    case 'cors': {
      if (filter.origins.includes('*')) return [];
      const origins = filter.origins.map((origin) => `${quoted(originPattern(origin))} $http_origin;`).join(' ');
      return [`map $http_origin ${variableOf('origin', ingress, nginx)} { default ""; ${origins} }`];
    }
    default:
      return [];
  }
}

/** What requests are counted by; those that are not counted have nothing there. */
function client(uncounted: readonly string[], ingress: ObjectKey, nginx: NginxSettings): string {
  return uncounted.length === 0 ? '$binary_remote_addr' : variableOf('client', ingress, nginx);
}

function clientLines(uncounted: readonly string[], ingress: ObjectKey, nginx: NginxSettings): string[] {
  if (uncounted.length === 0) return [];
  const isUncounted = variableOf('uncounted', ingress, nginx);
  return [
    `geo ${isUncounted} { default 0; ${[...new Set(uncounted)].map((range) => `${range} 1;`).join(' ')} }`,
    `map ${isUncounted} ${variableOf('client', ingress, nginx)} { 0 $binary_remote_addr; 1 ""; }`,
  ];
}

/** `*` stands for one label. */
function originPattern(origin: string): string {
  return `~*^${escaped(origin).replace('\\*', '[A-Za-z0-9-]+')}$`;
}

/** What the filter is within its location; external authentication and error pages have more, in `server-blocks.ts`. */
export function linesOf(filter: Filter, ingress: ObjectKey, nginx: NginxSettings): string[] {
  switch (filter.kind) {
    case 'redirect': {
      const { code, to } = filter;
      return [...templateVariables([to], nginx), `return ${code} ${templateText(to, nginx)};`];
    }
    case 'sourceRanges': {
      const { denied, allowed } = filter;
      const allow = allowed === undefined ? [] : [...allowed.map((range) => `allow ${range};`), 'deny all;'];
      return [...denied.map((range) => `deny ${range};`), ...allow];
    }
    case 'basicAuth':
      return [
        `auth_basic ${withoutVariables(filter.realm)};`,
        `auth_basic_user_file ${quoted(usersFile(nginx.folder, filter.users))};`,
      ];
    case 'satisfyAny':
      return ['satisfy any;'];
    case 'rateLimit':
      return [`limit_req zone=${limitZone(ingress, filter)} burst=${filter.burst} nodelay;`];
    case 'connectionLimit':
      return [`limit_conn ${limitZone(ingress, filter)} ${filter.connections};`];
    default:
      return [];
  }
}

/** The headers of the answer, of which a location inherits none as soon as it adds one. */
export function corsHeaders(cors: Cors, ingress: ObjectKey, nginx: NginxSettings): [name: string, value: string][] {
  const isAny = cors.origins.includes('*');
  return [
    ['Access-Control-Allow-Origin', isAny ? '"*"' : variableOf('origin', ingress, nginx)],
    ...(isAny ? [] : ([['Vary', '"Origin"']] as [string, string][])),
    ...(cors.credentials ? ([['Access-Control-Allow-Credentials', '"true"']] as [string, string][]) : []),
    ['Access-Control-Allow-Methods', withoutVariables(cors.methods)],
    ['Access-Control-Allow-Headers', withoutVariables(cors.headers)],
    ['Access-Control-Max-Age', String(cors.maxAge)],
    ...(cors.exposedHeaders === undefined
      ? []
      : ([['Access-Control-Expose-Headers', withoutVariables(cors.exposedHeaders)]] as [string, string][])),
  ];
}
