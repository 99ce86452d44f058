import type { Template } from '../routes/filters.ts';
import { ownVariable } from './own-variables.ts';
import type { NginxSettings } from './settings.ts';
import { templateText } from './templates.ts';

/**
 * The headers that a backend gets. nginx inherits none where a location sets one, so such a location gets all; `own` are
 * the arguments of those that it has in place of the usual ones or beside them.
 */
export function requestHeaders(
  nginx: NginxSettings,
  own: Readonly<Record<string, string>> = {},
  directive: 'proxy_set_header' | 'grpc_set_header' = 'proxy_set_header',
): string[] {
  const [upgrade, id, host] = ['upgrade', 'id', 'host'].map((name) => ownVariable(name, nginx));
  const connection = { Upgrade: '$http_upgrade', Connection: upgrade! };
  const usual: Record<string, string> = {
    Host: host!,
    ...(directive === 'proxy_set_header' && connection),
    'X-Request-ID': id!,
    'X-Real-IP': '$remote_addr',
    'X-Forwarded-For': '$remote_addr',
    'X-Forwarded-Host': host!,
    'X-Forwarded-Port': '$server_port',
    'X-Forwarded-Proto': '$scheme',
    'X-Forwarded-Scheme': '$scheme',
    'X-Scheme': '$scheme',
    'X-Original-Forwarded-For': '$http_x_forwarded_for',
    Proxy: '""',
  };
  return Object.entries({ ...usual, ...own }).map(([name, value]) => `${directive} ${name} ${value};`);
}

export function headerTexts(
  headers: Readonly<Record<string, Template>>,
  nginx: NginxSettings,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, templateText(value, nginx)]));
}
