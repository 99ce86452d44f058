/** What a GET of the API asks for. */
export type ApiPath =
  /** Not about objects: `/version`, `/readyz`, `/apis/apps/v1`. */
  | { readonly kind: 'about' }
  | {
      readonly kind: 'resource';
      readonly group: string;
      readonly resource: string;
      readonly name?: string;
      readonly subresource?: string;
    };

const aboutTheServer = new Set(['version', 'healthz', 'livez', 'readyz']);
/** Old forms of requests, which put a verb in front of what they are about. */
const verbs = new Set(['watch', 'proxy', 'redirect']);
/** What `/api/v1/namespaces/x/` may go on with that is no resource inside the namespace. */
const namespaceSubresources = new Set(['status', 'finalize']);

/**
 * Reads the path of a URL, or answers nothing for one that the dashboard has no use for. What could be read in two ways
 * is refused: empty and dotted segments, and escapes, which no name in Kubernetes needs.
 */
export function parseApiPath(path: string): ApiPath | undefined {
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  if (segments.some((segment) => !/^[\w.:-]+$/.test(segment) || /^\.+$/.test(segment))) return undefined;
  const [root = '', ...rest] = segments;
  if (aboutTheServer.has(root)) return { kind: 'about' };
  if (root === 'api') return resourceIn('', rest.slice(1));
  return root === 'apis' ? resourceIn(rest[0] ?? '', rest.slice(2)) : undefined;
}

/** Reads what follows the version: `pods`, `namespaces/default/pods/web/log`. */
function resourceIn(group: string, segments: readonly string[]): ApiPath | undefined {
  if (segments.length === 0) return { kind: 'about' };
  if (verbs.has(segments[0]!)) return undefined;
  const isInside = segments[0] === 'namespaces' && segments.length > 2 && !namespaceSubresources.has(segments[2]!);
  const [resource, name, ...subresource] = isInside ? segments.slice(2) : segments;
  return {
    kind: 'resource',
    group,
    resource: resource!,
    ...(name !== undefined && { name }),
    ...(subresource.length > 0 && { subresource: subresource.join('/') }),
  };
}
