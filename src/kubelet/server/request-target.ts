import { isTrue } from './logs/log-options.ts';

/** What a request to the kubelet asks for. */
export type RequestTarget =
  | { readonly kind: 'healthz' | 'pods' | 'metrics' | 'resourceMetrics' | 'summary' | 'unknown' }
  | {
      readonly kind: 'logs';
      readonly namespace: string;
      readonly pod: string;
      /** Where the path has it: no later pod of the name is meant. */
      readonly uid?: string;
      readonly container: string;
      readonly previous: boolean;
      readonly query: URLSearchParams;
    }
  | CommandTarget
  | {
      readonly kind: 'portForward';
      readonly namespace: string;
      readonly pod: string;
      readonly uid?: string;
      readonly ports: readonly number[];
    };

export interface CommandTarget {
  readonly kind: 'exec' | 'attach';
  readonly namespace: string;
  readonly pod: string;
  readonly uid?: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

const plainPaths: Readonly<Record<string, 'healthz' | 'pods' | 'metrics' | 'resourceMetrics' | 'summary'>> = {
  '/healthz': 'healthz',
  '/healthz/ping': 'healthz',
  '/pods': 'pods',
  '/metrics': 'metrics',
  '/metrics/resource': 'resourceMetrics',
  '/stats/summary': 'summary',
};

/**
 * Reads the kubelet's paths: `/containerLogs/NAMESPACE/POD/CONTAINER`, `/exec/…`, `/attach/…`,
 * `/portForward/NAMESPACE/POD`, each also with the pod's uid behind its name.
 */
export function requestTarget(url: string): RequestTarget {
  const { pathname, searchParams: query } = new URL(url, 'https://localhost');
  const [name, ...words] = pathname.slice(1).split('/').map(decodeURIComponent);
  const plain = plainPaths[pathname.replace(/\/$/, '')];
  if (plain !== undefined) return { kind: plain };
  const [namespace = '', pod = '', ...rest] = words;
  if (namespace === '' || pod === '') return { kind: 'unknown' };
  if (name === 'portForward' && rest.length <= 1) {
    const ports = query
      .getAll('port')
      .concat(query.getAll('ports'))
      .flatMap((text) => text.split(','));
    const [uid = ''] = rest;
    return { kind: 'portForward', namespace, pod, ...(uid !== '' && { uid }), ports: ports.map(Number) };
  }
  // A pod's uid may stand before the container's name.
  const container = rest.at(-1) ?? '';
  if (container === '' || rest.length > 2) return { kind: 'unknown' };
  const uid = rest.length === 2 ? { uid: rest[0]! } : {};
  if (name === 'containerLogs')
    return { kind: 'logs', namespace, pod, ...uid, container, previous: isTrue(query.get('previous')), query };
  if (name !== 'exec' && name !== 'attach') return { kind: 'unknown' };
  const tty = isTrue(query.get('tty'));
  return {
    kind: name,
    namespace,
    pod,
    ...uid,
    container,
    command: query.getAll('command'),
    stdin: isTrue(query.get('input')),
    stdout: isTrue(query.get('output')),
    stderr: isTrue(query.get('error')) && !tty,
    tty,
  };
}
