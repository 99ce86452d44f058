import type { BackendProtocol, BackendTls, Settings } from '../routes.ts';
import type { Template } from '../filters.ts';
import { matching, noting, number, onOff, seconds, secretName, size, truth, word } from './reader.ts';
import type { Reader, Readers, Value } from './reader.ts';
import { readTemplate } from './template.ts';

/** What annotations say of how requests go on to backends. */
export interface ProxyFound {
  sslRedirect?: boolean;
  forceSslRedirect?: boolean;
  useRegex?: boolean;
  rewriteTarget?: string;
  backendProtocol?: BackendProtocol;
  bodySize?: string;
  connectTimeout?: number;
  readTimeout?: number;
  sendTimeout?: number;
  buffering?: boolean;
  bufferSize?: string;
  buffersNumber?: number;
  redirectFrom?: string;
  redirectTo?: string;
  vhost?: Template;
  forwardedPrefix?: string;
  connection?: string;
  directives?: Record<string, string>;
  tlsSecret?: string;
  tlsVerify?: boolean;
  tlsVerifyDepth?: number;
  tlsName?: string;
  tlsServerName?: boolean;
  tlsProtocols?: string;
  tlsCiphers?: string;
}

const note = noting<ProxyFound>();

/** A directive of one argument, or of words that need no quotes. */
function directive<T>(name: string, value: Value<T>, textOf: (value: T) => string = String): Reader<ProxyFound> {
  const read = (text: string, found: ProxyFound): boolean => {
    const parsed = value.read(text);
    if (parsed !== undefined) (found.directives ??= {})[name] = textOf(parsed);
    return parsed !== undefined;
  };
  return Object.assign(read, { wanted: value.wanted });
}

const switched = (value: boolean): string => (value ? 'on' : 'off');
const plainText = /^[A-Za-z0-9._~:/?#@!&()*+,=%-]+$/;
const nextConditions =
  /^(?:(?:error|timeout|invalid_header|http_(?:403|404|429|500|502|503|504)|non_idempotent|off)(?: |$))+$/;
const tlsVersions = /^(?:TLSv1(?:\.[123])?(?: |$))+$/;

/** nginx has no way to write a `$` that is no variable, and no variable of it is the user's to read. */
const pathTemplate = matching(
  'an absolute path, in which "$" comes only before a digit',
  /^\/(?:[^$\s\x00-\x1f\x7f]|\$[1-9](?!\d))*$/,
);

export const proxyReaders: Readers<ProxyFound> = {
  'ssl-redirect': note('sslRedirect', truth),
  'force-ssl-redirect': note('forceSslRedirect', truth),
  'use-regex': note('useRegex', truth),
  'rewrite-target': note('rewriteTarget', pathTemplate),
  'backend-protocol': note('backendProtocol', {
    wanted: '"HTTP", "HTTPS", "GRPC" or "GRPCS"',
    read: (value) =>
      word<BackendProtocol>('', { HTTP: 'http', HTTPS: 'https', GRPC: 'grpc', GRPCS: 'grpcs', AUTO_HTTP: 'http' }).read(
        value.toUpperCase(),
      ),
  }),
  'proxy-body-size': note('bodySize', {
    wanted: 'a size such as "8m", or "0" for no limit',
    read: (value) => (/^\d{1,9}[kmg]?$/i.test(value) ? value.toLowerCase() : undefined),
  }),
  'proxy-connect-timeout': note('connectTimeout', seconds),
  'proxy-read-timeout': note('readTimeout', seconds),
  'proxy-send-timeout': note('sendTimeout', seconds),
  'proxy-buffering': note('buffering', onOff),
  'proxy-buffer-size': note('bufferSize', size(1024 ** 2)),
  'proxy-buffers-number': note('buffersNumber', number(2, 64)),
  'proxy-max-temp-file-size': directive('proxy_max_temp_file_size', size(1024 ** 4)),
  'client-body-buffer-size': directive('client_body_buffer_size', size(16 * 1024 ** 2)),
  'proxy-request-buffering': directive('proxy_request_buffering', onOff, switched),
  'proxy-http-version': directive('proxy_http_version', matching('"1.0" or "1.1"', /^1\.[01]$/)),
  'proxy-next-upstream': directive(
    'proxy_next_upstream',
    matching('words of nginx such as "error timeout http_502"', nextConditions, 300),
  ),
  'proxy-next-upstream-timeout': directive(
    'proxy_next_upstream_timeout',
    number(0, 86_400, 'a number of seconds'),
    (value) => `${value}s`,
  ),
  'proxy-next-upstream-tries': directive('proxy_next_upstream_tries', number(0, 100)),
  'proxy-cookie-domain': directive('proxy_cookie_domain', pair('"off", or two domains'), (value) => value),
  'proxy-cookie-path': directive('proxy_cookie_path', pair('"off", or two paths'), (value) => value),
  'proxy-redirect-from': note('redirectFrom', matching('"off", "default" or a URL', plainText)),
  'proxy-redirect-to': note('redirectTo', matching('a URL', plainText)),
  'limit-rate': directive('limit_rate', number(0, 10_000_000, 'a number of kilobytes'), (value) => `${value}k`),
  'limit-rate-after': directive('limit_rate_after', number(0, 10_000_000, 'a number of kilobytes'), (v) => `${v}k`),
  'http2-push-preload': directive('http2_push_preload', truth, switched),
  'upstream-vhost': note('vhost', { wanted: 'the name of a host', read: readHostTemplate }),
  'x-forwarded-prefix': note('forwardedPrefix', matching('a path', /^\/[A-Za-z0-9._~/%-]*$/, 500)),
  'connection-proxy-header': note('connection', matching('a word such as "keep-alive"', /^[A-Za-z-]{1,40}$/)),
  'enable-access-log': Object.assign((value: string) => value === 'false', {
    wanted: '"false": no log of requests is kept here',
  }),
  'proxy-ssl-secret': note('tlsSecret', secretName),
  'proxy-ssl-verify': note('tlsVerify', onOff),
  'proxy-ssl-verify-depth': note('tlsVerifyDepth', number(1, 100)),
  'proxy-ssl-name': note('tlsName', matching('the name of a host', /^[A-Za-z0-9.-]+$/, 253)),
  'proxy-ssl-server-name': note('tlsServerName', onOff),
  'proxy-ssl-protocols': note('tlsProtocols', matching('versions such as "TLSv1.2 TLSv1.3"', tlsVersions)),
  'proxy-ssl-ciphers': note('tlsCiphers', matching("OpenSSL's list of ciphers", /^[A-Za-z0-9:@!+=_-]+$/, 1000)),
};

function readHostTemplate(value: string): Template | undefined {
  return /^[A-Za-z0-9.:${}_-]+$/.test(value) ? readTemplate(value) : undefined;
}

function pair(wanted: string): Value<string> {
  return {
    wanted: `${wanted} with a space between them`,
    read(value) {
      if (value === 'off') return value;
      const parts = value.split(/ +/);
      return parts.length === 2 && parts.every((part) => plainText.test(part) && part.length < 500)
        ? parts.map((part) => `"${part}"`).join(' ')
        : undefined;
    },
  };
}

export const defaultSettings: Settings = {
  sslRedirect: true,
  forceSslRedirect: false,
  useRegex: false,
  backendProtocol: 'http',
  bodySize: '1m',
  connectTimeout: 5,
  readTimeout: 60,
  sendTimeout: 60,
  buffering: false,
  directives: {},
  requestHeaders: {},
};

export function settingsOf(found: ProxyFound): Settings {
  const { bufferSize, buffersNumber, redirectFrom, redirectTo, vhost, forwardedPrefix, connection } = found;
  const directives = { ...found.directives };
  if (bufferSize !== undefined || buffersNumber !== undefined) {
    const [count, each] = [buffersNumber ?? 4, bufferSize ?? '4k'];
    directives['proxy_buffer_size'] = each;
    directives['proxy_buffers'] = `${count} ${each}`;
    directives['proxy_busy_buffers_size'] = each;
  }
  if (redirectFrom === 'off' || redirectFrom === 'default') directives['proxy_redirect'] = redirectFrom;
  else if (redirectFrom !== undefined && redirectTo !== undefined)
    directives['proxy_redirect'] = `"${redirectFrom}" "${redirectTo}"`;
  const { tlsVerify, tlsVerifyDepth, tlsName, tlsServerName, tlsProtocols, tlsCiphers, tlsSecret } = found;
  const saysTls = [tlsVerify, tlsVerifyDepth, tlsName, tlsServerName, tlsProtocols, tlsCiphers, tlsSecret];
  const backendTls: BackendTls = {
    verifies: tlsVerify ?? false,
    verifyDepth: tlsVerifyDepth ?? 1,
    sendsName: tlsServerName ?? true,
    ...(tlsName && { name: tlsName }),
    ...(tlsProtocols && { protocols: tlsProtocols }),
    ...(tlsCiphers && { ciphers: tlsCiphers }),
  };
  return {
    sslRedirect: found.sslRedirect ?? defaultSettings.sslRedirect,
    forceSslRedirect: found.forceSslRedirect ?? defaultSettings.forceSslRedirect,
    useRegex: found.useRegex ?? defaultSettings.useRegex,
    ...(found.rewriteTarget !== undefined && { rewriteTarget: found.rewriteTarget }),
    backendProtocol: found.backendProtocol ?? defaultSettings.backendProtocol,
    bodySize: found.bodySize ?? defaultSettings.bodySize,
    connectTimeout: found.connectTimeout ?? defaultSettings.connectTimeout,
    readTimeout: found.readTimeout ?? defaultSettings.readTimeout,
    sendTimeout: found.sendTimeout ?? defaultSettings.sendTimeout,
    buffering: found.buffering ?? defaultSettings.buffering,
    directives,
    requestHeaders: {
      ...(vhost && { Host: vhost }),
      ...(connection && { Connection: [connection] }),
      ...(forwardedPrefix && { 'X-Forwarded-Prefix': [forwardedPrefix] }),
    },
    ...(saysTls.some((one) => one !== undefined) && { backendTls }),
  };
}
