import type { Template } from '../filters.ts';

/**
 * What a request may be told by. Left out is what holds decoded text, such as `$uri`: within a header it would let clients
 * end a line.
 */
const variables: ReadonlySet<string> = new Set([
  'args',
  'binary_remote_addr',
  'escaped_request_uri',
  'host',
  'http_host',
  'is_args',
  'query_string',
  'remote_addr',
  'remote_user',
  'request_method',
  'request_uri',
  'scheme',
  'server_port',
]);
/** Those of headers, cookies and parameters. */
const families = /^(?:http|cookie|arg)_[a-z0-9_]{1,60}$/;
const aliases: Readonly<Record<string, string>> = { best_http_host: 'http_host' };

/** Reads text with variables; nothing where it holds another variable, or a character that no URL or key needs. */
export function readTemplate(text: string): Template | undefined {
  if (text.length > 2000 || !/^[\x21-\x7e]+$/.test(text) || /["'\\;{}<>`]/.test(withoutBraces(text))) return undefined;
  const parts: (string | { variable: string })[] = [];
  for (const [part, braced, bare] of text.matchAll(/\$\{(\w+)\}|\$([A-Za-z_]\w*)|[^$]+|\$/g)) {
    const name = braced ?? bare;
    if (name === undefined) {
      if (part === '$') return undefined;
      parts.push(part);
    } else {
      const variable = Object.hasOwn(aliases, name) ? aliases[name]! : name;
      if (!variables.has(variable) && !families.test(variable)) return undefined;
      parts.push({ variable });
    }
  }
  return parts;
}

function withoutBraces(text: string): string {
  return text.replace(/\$\{(\w+)\}/g, '$$$1');
}

/** A template that is a URL, or a path. */
export function readUrlTemplate(text: string): Template | undefined {
  return /^(?:https?:\/\/[^/]|\/(?!\/)|\$scheme:\/\/)/.test(text) ? readTemplate(text) : undefined;
}
