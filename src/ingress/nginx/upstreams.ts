import { createHash } from 'node:crypto';
import type { BackendTls, Location, Routes } from '../routes/routes.ts';
import { filterOf } from '../routes/filters.ts';
import { ownVariable } from './own-variables.ts';
import { quoted } from './quoting.ts';
import type { NginxSettings } from './settings.ts';

/**
 * A pool of kept connections to endpoints. A kept connection is known by its address only, so what differs in how it was
 * made has pools of its own: one with TLS must not be taken for one without, nor one that nobody has verified for another.
 */
export interface Upstream {
  readonly name: string;
  readonly isTls: boolean;
  /** Whether `traffic.lua` has a say in which endpoint it is. */
  readonly chooses: boolean;
  /** Of the variable that has the name of the backend. */
  readonly variable: 'backend' | 'auth_backend';
}

const base = [
  { name: 'kubernetes', isTls: false, chooses: false, variable: 'backend' },
  { name: 'kubernetes_tls', isTls: true, chooses: false, variable: 'backend' },
] as const;

export function upstreamOf({ settings: { backendProtocol, backendTls }, traffic }: Location): Upstream {
  const isTls = backendProtocol === 'https' || backendProtocol === 'grpcs';
  const kind = { http: '', https: '_tls', grpc: '_grpc', grpcs: '_grpcs' }[backendProtocol];
  const verified = isTls && backendTls !== undefined ? `_${idOf(backendTls)}` : '';
  const chooses = traffic !== undefined;
  return {
    name: `kubernetes${kind}${verified}${chooses ? '_chosen' : ''}`,
    isTls,
    chooses,
    variable: 'backend',
  };
}

export function authUpstream(scheme: 'http' | 'https'): Upstream {
  const isTls = scheme === 'https';
  return { name: `kubernetes_auth${isTls ? '_tls' : ''}`, isTls, chooses: false, variable: 'auth_backend' };
}

function idOf(tls: BackendTls): string {
  return createHash('sha256').update(JSON.stringify(tls)).digest('hex').slice(0, 12);
}

/** All that the routes need, each once. */
export function upstreamLines({ servers }: Routes, settings: NginxSettings): string[] {
  const found = new Map<string, Upstream>(base.map((one) => [one.name, one]));
  for (const location of servers.flatMap(({ locations }) => locations)) {
    const auth = filterOf(location.filters, 'externalAuth');
    const used = [upstreamOf(location), ...(auth === undefined ? [] : [authUpstream(auth.target.scheme)])];
    for (const upstream of used) found.set(upstream.name, upstream);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((one) => upstream(one, settings));
}

/**
 * Kept connections are given up after four seconds without use: many servers close theirs after five (Node, Apache), and
 * whoever closes first must not be the one who is being asked at that moment.
 */
function upstream({ name, isTls, chooses, variable }: Upstream, settings: NginxSettings): string[] {
  const { nobodySocket, nobodyTlsSocket } = settings.folder;
  const nobody = quoted(`unix:${isTls ? nobodyTlsSocket : nobodySocket}`);
  const backend = quoted(ownVariable(variable, settings).slice(1));
  return [
    `upstream ${name} {`,
    '  server 0.0.0.1;',
    `  balancer_by_lua_block { require("balancer").choose(${backend}, ${nobody}${chooses ? ', true' : ''}) }`,
    '  keepalive 320;',
    '  keepalive_requests 10000;',
    '  keepalive_timeout 4s;',
    '}',
  ];
}
