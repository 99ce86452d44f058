import type { ResponseHeaders } from './headers.ts';

/** Whether an answer with this status has a body at all (RFC 9110, section 6.4.1). */
export function hasBody(status: number): boolean {
  return status !== 204 && status !== 304 && status >= 200;
}

const forbidden = /[^\t\x20-\x7e\x80-\xff]/;
const tokens = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** Name, value, name, value… Throws for a header that would break the head of an answer. */
export function headerFields(headers: ResponseHeaders): string[] {
  const fields: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (typeof value === 'string') fields.push(name, checked(name, value));
    else for (const one of value) fields.push(name, checked(name, one));
  }
  return fields;
}

/** Names that are good; the server's own are few, those of backends that it passes on may be many. */
const goodNames = new Set<string>();
const mostGoodNames = 256;

function isName(name: string): boolean {
  if (goodNames.has(name)) return true;
  if (!tokens.test(name)) return false;
  if (goodNames.size < mostGoodNames && name.length < 64) goodNames.add(name);
  return true;
}

function checked(name: string, value: string): string {
  if (forbidden.test(value))
    throw new Error(`Cannot send the header "${name}": it holds a character that no header may`);
  if (!isName(name)) throw new Error(`Cannot send the header "${name}": its name is none, or not in lower case`);
  return value;
}
