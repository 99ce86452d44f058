import { keyText, type ObjectKey } from '../../apimachinery/object.ts';
import type { ConnectionLimit, RateLimit } from '../routes/filters.ts';
import { commented } from './quoting.ts';

/**
 * Name of the memory in which requests of an Ingress are counted. What they are counted by is a part of it: nginx does not
 * load a configuration in which a name that it has is counted by something else.
 */
export function limitZone(ingress: ObjectKey, limit: RateLimit | ConnectionLimit): string {
  const what = limit.kind === 'rateLimit' ? limit.per : 'connections';
  return `${limit.uncounted.length > 0 ? 'some_' : ''}${what}_${keyText(ingress)}`;
}

/** Ends a line that an Ingress is to blame for; see {@link ingressOfLine}. */
export function ofIngress(ingress: ObjectKey): string {
  return commented(`Ingress ${keyText(ingress)}`);
}

/** Whose the line is, if it is anyone's: nginx says in which line it found an error. The first line is 1. */
export function ingressOfLine(text: string, line: number): string | undefined {
  const lines = text.split('\n').slice(0, line);
  for (const one of lines.reverse()) {
    const owner = / # Ingress (\S+)$/.exec(one)?.[1];
    if (owner !== undefined) return owner;
    if (/^\s*server \{/.test(one)) return undefined;
  }
  return undefined;
}
