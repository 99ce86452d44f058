import { defaultSettings } from '../routes/annotations/proxying.ts';
import { filterOf, type ExternalAuth } from '../routes/filters.ts';
import type { Location } from '../routes/routes.ts';
import { corsHeaders, linesOf } from './filter-lines.ts';
import { authorityFile, certificateFiles } from './folder.ts';
import { ofIngress } from './owners.ts';
import { ownVariable } from './own-variables.ts';
import { quoted, withoutVariables } from './quoting.ts';
import { headerTexts, requestHeaders } from './request-headers.ts';
import type { NginxSettings } from './settings.ts';
import { templateText, templateVariables } from './templates.ts';
import { authUpstream, upstreamOf } from './upstreams.ts';

interface Context {
  readonly nginx: NginxSettings;
  /** Whether the host has a certificate of its own. */
  readonly isCertified: boolean;
  /** Of the location within its server: names what belongs to it. */
  readonly index: number;
}

/** What is between the braces of a location, in the order in which nginx carries it out where that counts. */
export function locationLines(location: Location, context: Context): string[] {
  const { backend, redirectToHttps, ingress, filters } = location;
  const { nginx } = context;
  const { httpsPort } = nginx;
  const portOfUrl = httpsPort === 443 ? '' : `:${httpsPort}`;
  const toHttps = redirectToHttps ? [`if ($scheme = http) { return 308 https://$host${portOfUrl}$request_uri; }`] : [];
  if (backend === undefined) return [...toHttps, 'return 503;'];
  return [
    ...toHttps,
    ...answerHeaders(location, context),
    ...filters.flatMap((filter) => linesOf(filter, ingress, nginx)),
    ...authLines(location, context),
    ...errorLines(location, context),
    ...changedSettings(location),
    ...ownHeaders(location, nginx),
    ...rewrite(location),
    ...passLines(location, backend, nginx),
  ];
}

/** Locations beside it that it sends requests to, all of them out of reach for clients. */
export function locationBlocks(location: Location, context: Context): string[] {
  if (location.backend === undefined) return [];
  const auth = filterOf(location.filters, 'externalAuth');
  const blocks: [pattern: string, lines: string[]][] = [];
  if (auth !== undefined) {
    blocks.push([`= ${authPath(context)}`, askLines(auth, context.nginx)]);
    if (auth.signIn !== undefined) {
      const { signIn } = auth;
      const to = templateText(signIn, context.nginx);
      blocks.push([`@signin_${context.index}`, [...templateVariables([signIn], context.nginx), `return 302 ${to};`]]);
    }
  }
  const errors = filterOf(location.filters, 'errorPages');
  for (const code of new Set(errors?.codes ?? []))
    blocks.push([`@errors_${context.index}_${code}`, pageLines(location, code, errors!.backend, context.nginx)]);
  return blocks.flatMap(([pattern, lines]) => [
    `location ${pattern} { ${ofIngress(location.ingress)}`,
    ...lines.map((line) => `  ${line}`),
    '}',
  ]);
}

/** nginx inherits none of them where a location adds one. */
function answerHeaders({ filters, ingress }: Location, { nginx, isCertified }: Context): string[] {
  const cors = filterOf(filters, 'cors');
  const auth = filterOf(filters, 'externalAuth');
  if (cors === undefined && auth === undefined) return [];
  const secure: [string, string][] = isCertified ? [['Strict-Transport-Security', ownVariable('hsts', nginx)]] : [];
  const own = cors === undefined ? [] : corsHeaders(cors, ingress, nginx);
  const add = ([name, value]: [string, string]): string => `add_header ${name} ${value} always;`;
  const hidden = [...own, ...secure].filter(([name]) => name !== 'Vary').map(([name]) => `proxy_hide_header ${name};`);
  const cookie = auth === undefined ? [] : [`add_header Set-Cookie ${ownVariable('auth_cookie', nginx)};`];
  const preflight = [
    'if ($request_method = OPTIONS) {',
    ...[...own, ...secure].map((one) => `  ${add(one)}`),
    '  return 204;',
    '}',
  ];
  return [...(cors === undefined ? [] : preflight), ...[...own, ...secure].map(add), ...hidden, ...cookie];
}

function authPath({ index, nginx }: Context): string {
  return `/_external-auth-${nginx.defaultCertificate.slice(0, 16)}-${index}`;
}

/** In the location: it is asked, and what it answers goes into variables. */
function authLines({ filters }: Location, context: Context): string[] {
  const auth = filterOf(filters, 'externalAuth');
  if (auth === undefined) return [];
  const { nginx, index } = context;
  const taken = auth.responseHeaders.map(
    (name, at) =>
      `auth_request_set ${answerVariable(at, nginx)} $upstream_http_${name.toLowerCase().replaceAll('-', '_')};`,
  );
  return [
    `auth_request ${authPath(context)};`,
    `auth_request_set ${ownVariable('auth_cookie', nginx)} $upstream_http_set_cookie;`,
    ...taken,
    ...(auth.signIn === undefined ? [] : [`error_page 401 = @signin_${index};`]),
  ];
}

function answerVariable(at: number, nginx: NginxSettings): string {
  return ownVariable(`auth_answer_${at}`, nginx);
}

/** Who asks, as services of authentication know it. */
const asker = 'nginx-ingress-controller';

/** Asks whether the request may go on. It has variables of its own: a subrequest shares those of its request. */
function askLines({ target, method, requestRedirect }: ExternalAuth, nginx: NginxSettings): string[] {
  const { scheme, to, path } = target;
  const headers = requestHeaders(nginx, {
    Host: to.kind === 'backend' ? `${to.service}.${to.namespace}.svc.cluster.local` : '$http_host',
    'Content-Length': '""',
    Connection: '""',
    Upgrade: '""',
    'X-Original-URL': '$scheme://$http_host$request_uri',
    'X-Original-Method': '$request_method',
    'X-Sent-From': asker,
    'X-Auth-Request-Redirect': requestRedirect === undefined ? '$request_uri' : templateText(requestRedirect, nginx),
  });
  const { address, httpPort, httpsPort } = nginx;
  const own = address === '0.0.0.0' ? '127.0.0.1' : address;
  const place = {
    backend: authUpstream(scheme).name,
    itself: `${own}:${scheme === 'https' ? httpsPort : httpPort}`,
    address: to.kind === 'address' ? to.address : '',
  }[to.kind];
  const backend =
    to.kind === 'backend'
      ? [`set ${ownVariable('auth_backend', nginx)} ${withoutVariables(`${to.namespace}/${to.service}:${to.port}`)};`]
      : [];
  return [
    'internal;',
    // What asks comes back to what it asks for, and so on until no connection is left.
    `if ($http_x_sent_from = ${asker}) { return 508; }`,
    ...templateVariables([path, requestRedirect], nginx),
    ...backend,
    'proxy_pass_request_body off;',
    'client_max_body_size 0;',
    ...(method === undefined ? [] : [`proxy_method ${method};`]),
    ...headers,
    `proxy_pass ${templateText(path, nginx, `${scheme}://${place}`)};`,
  ];
}

function errorLines({ filters }: Location, { index }: Context): string[] {
  const errors = filterOf(filters, 'errorPages');
  if (errors === undefined) return [];
  const pages = [...new Set(errors.codes)].map((code) => `error_page ${code} = @errors_${index}_${code};`);
  return ['proxy_intercept_errors on;', ...pages];
}

/** The page for a code, from a backend that learns what it is about. */
function pageLines({ ingress, backend }: Location, code: number, from: string, nginx: NginxSettings): string[] {
  const [, service = '', port = ''] = /^[^/]*\/(.*):(.*)$/.exec(backend ?? '') ?? [];
  const headers = requestHeaders(nginx, {
    'X-Code': String(code),
    'X-Format': '$http_accept',
    'X-Original-URI': '$request_uri',
    'X-Namespace': withoutVariables(ingress.namespace ?? ''),
    'X-Ingress-Name': withoutVariables(ingress.name),
    'X-Service-Name': withoutVariables(service),
    'X-Service-Port': withoutVariables(port),
  });
  return [
    // First: behind a `break` nothing is set any more.
    `set ${ownVariable('backend', nginx)} ${withoutVariables(from)};`,
    'rewrite ^ / break;',
    'proxy_intercept_errors off;',
    ...headers,
    'proxy_pass http://kubernetes;',
  ];
}

const protocolOf = { http: 'proxy', https: 'proxy', grpc: 'grpc', grpcs: 'grpc' } as const;
/** Of the directives that an Ingress may set, those that nginx has for gRPC too. */
const forGrpc = /^proxy_(next_upstream(?:_timeout|_tries)?|buffer_size)$/;

function changedSettings({ settings }: Location): string[] {
  const lines: string[] = [];
  const protocol = protocolOf[settings.backendProtocol];
  if (settings.bodySize !== defaultSettings.bodySize) lines.push(`client_max_body_size ${settings.bodySize};`);
  for (const kind of ['connect', 'read', 'send'] as const) {
    const seconds = settings[`${kind}Timeout`];
    if (seconds !== defaultSettings[`${kind}Timeout`] || protocol === 'grpc')
      lines.push(`${protocol}_${kind}_timeout ${seconds}s;`);
  }
  if (settings.buffering && protocol === 'proxy') lines.push('proxy_buffering on;');
  for (const [name, value] of Object.entries(settings.directives)) {
    if (protocol === 'proxy' || !name.startsWith('proxy_')) lines.push(`${name} ${value};`);
    else if (forGrpc.test(name)) lines.push(`${name.replace(/^proxy/, 'grpc')} ${value};`);
  }
  return lines;
}

function ownHeaders({ settings, filters }: Location, nginx: NginxSettings): string[] {
  const { requestHeaders: changed, backendProtocol } = settings;
  const auth = filterOf(filters, 'externalAuth');
  const own: Record<string, string> = { ...headerTexts(changed, nginx) };
  // The password is for nginx.
  if (filterOf(filters, 'basicAuth') !== undefined) own['Authorization'] = '""';
  for (const [at, name] of auth?.responseHeaders.entries() ?? []) own[name] = answerVariable(at, nginx);
  const isGrpc = protocolOf[backendProtocol] === 'grpc';
  if (Object.keys(own).length === 0 && !isGrpc) return [];
  return [
    ...templateVariables(Object.values(changed), nginx),
    ...requestHeaders(nginx, own, isGrpc ? 'grpc_set_header' : 'proxy_set_header'),
  ];
}

/** The target's `$1` to `$9` are the expression's groups; it was checked that nothing else looks like a variable. */
function rewrite({ match, pattern, settings: { rewriteTarget } }: Location): string[] {
  if (rewriteTarget === undefined) return [];
  const expression = match === 'pattern' ? `(?i)^${pattern!}` : '^';
  return [`rewrite ${quoted(expression)} ${quoted(rewriteTarget)};`];
}

function passLines(location: Location, backend: string, nginx: NginxSettings): string[] {
  const { settings, traffic, hashKey } = location;
  const { backendProtocol, backendTls } = settings;
  const own = (name: string): string => ownVariable(name, nginx);
  const upstream = upstreamOf(location);
  const isGrpc = protocolOf[backendProtocol] === 'grpc';
  const key =
    hashKey === undefined
      ? []
      : [...templateVariables([hashKey], nginx), `set ${own('hash_key')} ${templateText(hashKey, nginx)};`];
  const named = quoted(own('backend').slice(1));
  const names = [
    traffic === undefined ? '' : quoted(traffic),
    named,
    hashKey === undefined ? '""' : quoted(own('hash_key').slice(1)),
  ];
  const choice =
    traffic === undefined
      ? []
      : [
          `rewrite_by_lua_block { require("traffic").route(${names.join(', ')}) }`,
          'header_filter_by_lua_block { require("traffic").answer() }',
          'log_by_lua_block { require("traffic").note() }',
        ];
  // Nobody answers 503 in their protocol, or with their certificate.
  const demand =
    traffic === undefined && (isGrpc || backendTls?.verifies === true)
      ? [`rewrite_by_lua_block { require("traffic").demand(${named}) }`]
      : [];
  const secure = upstream.isTls ? 's' : '';
  return [
    ...key,
    // Last: whatever an expression may have set, this is the backend.
    `set ${own('backend')} ${withoutVariables(backend)};`,
    'break;',
    ...choice,
    ...demand,
    ...(upstream.isTls ? tlsLines(location, nginx) : []),
    isGrpc ? `grpc_pass grpc${secure}://${upstream.name};` : `proxy_pass http${secure}://${upstream.name};`,
  ];
}

function tlsLines({ settings: { backendProtocol, backendTls } }: Location, nginx: NginxSettings): string[] {
  const protocol = protocolOf[backendProtocol];
  const line = (name: string, value: string): string => `${protocol}_ssl_${name} ${value};`;
  const usual = protocol === 'grpc' ? [line('server_name', 'on'), line('name', '$host')] : [];
  if (backendTls === undefined) return usual;
  const { verifies, verifyDepth, name, sendsName, protocols, ciphers, certificate, authority } = backendTls;
  const files = certificate === undefined ? undefined : certificateFiles(nginx.folder, certificate);
  return [
    line('server_name', sendsName ? 'on' : 'off'),
    line('name', name === undefined ? '$host' : withoutVariables(name)),
    line('verify', verifies ? 'on' : 'off'),
    line('verify_depth', String(verifyDepth)),
    ...(protocols === undefined ? [] : [line('protocols', protocols)]),
    ...(ciphers === undefined ? [] : [line('ciphers', withoutVariables(ciphers))]),
    ...(authority === undefined ? [] : [line('trusted_certificate', quoted(authorityFile(nginx.folder, authority)))]),
    ...(files === undefined
      ? []
      : [line('certificate', quoted(files.certificate)), line('certificate_key', quoted(files.key))]),
  ];
}
