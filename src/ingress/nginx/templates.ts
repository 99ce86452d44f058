import type { Template } from '../routes/filters.ts';
import { ownVariable } from './own-variables.ts';
import { quoted } from './quoting.ts';
import type { NginxSettings } from './settings.ts';

/** Only this one is ours: nginx has no way to escape. */
const escapedUri = 'escaped_request_uri';

/** The template as one argument of a directive that replaces variables. */
export function templateText(template: Template, settings: NginxSettings, before = ''): string {
  const parts = template.map((part) => {
    if (typeof part !== 'string') return `\${${nameOf(part.variable, settings)}}`;
    if (part.includes('$'))
      throw new Error(`Cannot write ${JSON.stringify(part)} into nginx's configuration: it would name a variable`);
    return part;
  });
  return quoted(before + parts.join(''));
}

function nameOf(variable: string, settings: NginxSettings): string {
  return variable === escapedUri ? ownVariable(escapedUri, settings).slice(1) : variable;
}

/** What has to stand before directives that hold these templates. */
export function templateVariables(templates: readonly (Template | undefined)[], settings: NginxSettings): string[] {
  const isEscaped = templates.some((one) =>
    one?.some((part) => typeof part !== 'string' && part.variable === escapedUri),
  );
  if (!isEscaped) return [];
  return [`set_by_lua_block ${ownVariable(escapedUri, settings)} { return ngx.escape_uri(ngx.var.request_uri) }`];
}
