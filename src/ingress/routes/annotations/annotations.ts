import type { Problem, Settings } from '../routes.ts';
import type { Filter } from '../filters.ts';
import { accessFilters, accessReaders, protections, type AccessFound } from './access.ts';
import { proxyReaders, settingsOf, type ProxyFound } from './proxying.ts';
import type { Reader } from './reader.ts';
import { redirectOf, trafficReaders, type TrafficFound } from './traffic.ts';

export const annotationPrefix = 'nginx.ingress.kubernetes.io/';

/** All that annotations say; what it means is worked out with the objects that it names. */
export interface Found extends AccessFound, ProxyFound, TrafficFound {}

/** A map without a prototype: an annotation named `constructor` is just one that is not supported. */
const readers: Readonly<Record<string, Reader<Found>>> = Object.assign(
  Object.create(null) as object,
  accessReaders,
  proxyReaders,
  trafficReaders,
);

/** The names, without their prefix, of all annotations that do something. */
export const annotationNames: readonly string[] = Object.keys(readers).sort();

const snippet = /-snippet$/;

export interface ReadAnnotations {
  readonly settings: Settings;
  /** All but basic authentication and error pages, which need other objects. */
  readonly filters: readonly Filter[];
  readonly found: Found;
  readonly problems: Problem[];
  /** Something that would keep clients away cannot be followed: nobody is served. */
  readonly isDenied: boolean;
}

/**
 * Reads what the annotations of an Ingress ask for. A value that cannot be meant, or an annotation that is not supported,
 * is a problem and changes nothing: the rest of the Ingress is served, unless the annotation would protect it, or its
 * backends speak another protocol. What is answered was read by allow-lists, and can be written into nginx's configuration
 * within quotes.
 */
export function readAnnotations(annotations: Readonly<Record<string, string>> = {}): ReadAnnotations {
  const found: Found = {};
  const problems: Problem[] = [];
  let isDenied = false;
  for (const [name, value] of Object.entries(annotations)) {
    if (!name.startsWith(annotationPrefix)) continue;
    const key = name.slice(annotationPrefix.length);
    const read = readers[key];
    if (read?.(value.trim(), found) === true) continue;
    const closes =
      protections.has(key) || (key === 'backend-protocol' && foreignProtocols.has(value.trim().toUpperCase()));
    isDenied ||= closes;
    problems.push(read === undefined ? unsupported(name, closes) : invalid(name, value, read.wanted, closes));
  }
  const redirect = redirectOf(found);
  const filters: Filter[] = accessFilters(found);
  if (redirect !== undefined) filters.push({ kind: 'redirect', ...redirect });
  return { settings: settingsOf(found), filters, found, problems, isDenied };
}

/** To a backend that speaks one of these nothing else is said. */
const foreignProtocols: ReadonlySet<string> = new Set(['FCGI', 'AJP']);

function unsupported(name: string, closes: boolean): Problem {
  const effect = closes
    ? 'is not supported: what it protects is not served'
    : snippet.test(name)
      ? 'is refused: raw configuration of nginx would reach what belongs to other namespaces'
      : 'is not supported and has no effect';
  return { reason: 'UnsupportedAnnotation', message: `Annotation "${name}" ${effect}` };
}

function invalid(name: string, value: string, wanted: string, closes: boolean): Problem {
  const effect = closes ? 'cannot be followed, so nobody is served' : 'has no effect';
  const message = `Annotation "${name}" ${effect}: "${shortened(value)}" is not ${wanted}`;
  return { reason: 'InvalidAnnotation', message };
}

function shortened(value: string): string {
  return value.length > 80 ? `${value.slice(0, 80)}…` : value;
}
