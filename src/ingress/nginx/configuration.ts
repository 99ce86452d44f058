import { createHash } from 'node:crypto';
import type { Routes } from '../routes/routes.ts';
import { certificateFiles } from './folder.ts';
import { filterLines } from './filter-lines.ts';
import { requestHeaders } from './request-headers.ts';
import { upstreamLines } from './upstreams.ts';
import { ownVariable } from './own-variables.ts';
import { quoted } from './quoting.ts';
import { serverBlocks } from './server-blocks.ts';
import type { NginxSettings } from './settings.ts';

export interface Configuration {
  readonly text: string;
  /** Names this text: nginx answers it over its control socket once it works by it. */
  readonly generation: string;
}

/**
 * The whole of nginx.conf. Endpoints are not in it: `balancer.lua` reads them from memory that all workers share, so they
 * change without a reload. Pure.
 */
export function configurationOf(routes: Routes, settings: NginxSettings): Configuration {
  const generation = createHash('sha256')
    .update(textOf(routes, settings, ''))
    .digest('hex')
    .slice(0, 32);
  return { text: textOf(routes, settings, generation), generation };
}

function textOf(routes: Routes, settings: NginxSettings, generation: string): string {
  return [
    '# Written by Kubeling. Changes are overwritten.',
    `# Scripts: ${settings.scripts}`,
    ...mainLines(settings),
    'http {',
    ...indented([
      ...httpLines(settings, generation),
      ...upstreamLines(routes, settings),
      ...filterLines(routes, settings),
      ...serverBlocks(routes, settings),
      ...controlLines(settings, generation),
    ]),
    '}',
    '',
  ].join('\n');
}

function mainLines({ folder, modules, workerUser, workers }: NginxSettings): string[] {
  return [
    `load_module ${quoted(`${modules}/ndk_http_module.so`)};`,
    `load_module ${quoted(`${modules}/ngx_http_lua_module.so`)};`,
    ...(workerUser === undefined ? [] : [`user ${workerUser};`]),
    `worker_processes ${workers};`,
    // Long-lived connections, such as WebSockets, keep workers of an old configuration no longer than this.
    'worker_shutdown_timeout 240s;',
    'daemon off;',
    'pcre_jit on;',
    `working_directory ${quoted(folder.prefix)};`,
    `pid ${quoted(folder.pid)};`,
    `error_log ${quoted(folder.errorLog)} error;`,
    'events {',
    '  worker_connections 16384;',
    '}',
  ];
}

function httpLines(settings: NginxSettings, generation: string): string[] {
  const { folder, defaultCertificate } = settings;
  const own = (name: string): string => ownVariable(name, settings);
  const [upgrade, newId, id, host] = [own('upgrade'), own('new_id'), own('id'), own('host')];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${quoted(`${folder.temporary}/${kind}`)};`,
  );
  const files = certificateFiles(folder, defaultCertificate);
  return [
    'access_log off;',
    'server_tokens off;',
    'default_type text/plain;',
    'keepalive_timeout 75s;',
    'keepalive_requests 10000;',
    'large_client_header_buffers 4 8k;',
    'client_max_body_size 1m;',
    'server_names_hash_max_size 65536;',
    'server_names_hash_bucket_size 512;',
    // Names that are too long for a bucket would be an error of the whole file, whoever has brought them.
    'variables_hash_max_size 65536;',
    'variables_hash_bucket_size 256;',
    'proxy_headers_hash_max_size 1024;',
    'proxy_headers_hash_bucket_size 256;',
    ...temporary,
    '',
    `ssl_certificate ${quoted(files.certificate)};`,
    `ssl_certificate_key ${quoted(files.key)};`,
    'ssl_protocols TLSv1.2 TLSv1.3;',
    'ssl_session_cache shared:tls:10m;',
    'ssl_session_tickets off;',
    '',
    'limit_req_status 503;',
    'limit_req_log_level warn;',
    'limit_conn_status 503;',
    'limit_conn_log_level warn;',
    '',
    `lua_package_path ${quoted(`${folder.scripts}/?.lua;;`)};`,
    'lua_shared_dict endpoints 32m;',
    'lua_shared_dict workers 1m;',
    // Of an expression that looks back and back again: a worker serves others too.
    'lua_regex_match_limit 10000;',
    `init_by_lua_block { require("balancer").begin(${quoted(folder.endpoints)}) }`,
    `init_worker_by_lua_block { require("balancer").enter("${generation}") }`,
    `map $http_upgrade ${upgrade} { default upgrade; "" ""; }`,
    // Whoever has a certificate of its own is asked over HTTPS from then on.
    `map $scheme ${own('hsts')} { default ""; https "max-age=31536000; includeSubDomains"; }`,
    `map $http_x_request_id ${id} { default $http_x_request_id; "" ${newId}; }`,
    newIds(defaultCertificate, newId),
    `map $http_host ${host} { default $http_host; "" $host; }`,
    'proxy_http_version 1.1;',
    ...requestHeaders(settings),
    'proxy_ssl_server_name on;',
    'proxy_ssl_name $host;',
    'proxy_connect_timeout 5s;',
    'proxy_read_timeout 60s;',
    'proxy_send_timeout 60s;',
    'proxy_buffering off;',
    'proxy_buffer_size 4k;',
    // What has reached no server, or may be repeated without harm, is tried with another one.
    'proxy_next_upstream error timeout;',
    'proxy_next_upstream_tries 3;',
  ];
}

/**
 * Thirty-two digits for each request that comes without an id: whose nginx it is, the connection, which of its
 * requests, and the time. `$request_id` would be random, but OpenSSL takes longer for it than nginx for all other
 * headers together.
 */
function newIds(nginx: string, variable: string): string {
  const parts = '~(\\d{8}):\\d*(\\d{5}):\\d*(\\d{8})\\.(\\d{3})$';
  return `map "0000000$connection:0000$connection_requests:$msec" ${variable} { "${parts}" ${nginx.slice(0, 8)}$1$2$3$4; }`;
}

/** For our own use: see `control.ts`. */
function controlLines({ folder }: NginxSettings, generation: string): string[] {
  return [
    '',
    'server {',
    `  listen ${quoted(`unix:${folder.controlSocket}`)};`,
    `  location = /generation { return 200 "${generation}"; }`,
    '  location = /workers { content_by_lua_block { require("balancer").answerWorkers() } }',
    '  location = /endpoints {',
    '    client_max_body_size 32m;',
    '    client_body_buffer_size 32m;',
    '    content_by_lua_block { require("balancer").receive() }',
    '  }',
    '  location / { return 404; }',
    '}',
    '',
    'server {',
    `  listen ${quoted(`unix:${folder.nobodySocket}`)};`,
    `  listen ${quoted(`unix:${folder.nobodyTlsSocket}`)} ssl;`,
    '  return 503;',
    '}',
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}
