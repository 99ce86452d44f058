import { refused } from '../../apimachinery/status.ts';
import { isTrueText } from '../rest/truth.ts';

/** What the path, method and query of a request ask for (API concepts, "Resource URIs"). */
export type RequestInfo =
  | ResourceRequestInfo
  | { readonly isResource: false; readonly path: string; readonly verb: string };

export interface ResourceRequestInfo {
  readonly isResource: true;
  readonly path: string;
  /** The verb that authorization sees. */
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** What follows the subresource: the path behind a proxy. */
  readonly rest: readonly string[];
  /** The request came to a `/watch/` path, which stands for the verb whatever the method is. */
  readonly isOldWatch: boolean;
}

const methodVerbs: ReadonlyMap<string, ResourceRequestInfo['verb']> = new Map([
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

/** Subresources of namespaces; any other second word under `namespaces/x/` is a resource in the namespace. */
const namespaceSubresources = new Set(['status', 'finalize']);

export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const words = path
    .split('/')
    .filter((word) => word !== '')
    .map(decoded);
  const plain = { isResource: false, path, verb: method.toLowerCase() } as const;
  if (words[0] !== 'api' && words[0] !== 'apis') return plain;
  const start = words[0] === 'api' ? 2 : 3;
  if (words.length <= start) return plain;
  const group = words[0] === 'api' ? '' : words[1]!;
  const version = words[start - 1]!;
  let rest = words.slice(start);
  const isOldWatch = rest[0] === 'watch' && rest.length > 1;
  if (isOldWatch) rest = rest.slice(1);
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1];
    if (rest.length > 2 && !namespaceSubresources.has(rest[2]!)) rest = rest.slice(2);
  }
  const [resource = '', name, subresource, ...tail] = rest;
  const verb =
    isOldWatch || (method === 'GET' && isTrueText(query.get('watch')) && name === undefined)
      ? 'watch'
      : verbOf(method, name);
  return {
    isResource: true,
    path,
    verb,
    group,
    version,
    resource,
    namespace,
    name,
    subresource,
    rest: tail,
    isOldWatch,
  };
}

/** Refuses, once it is known that the kind is there, what no route leads to: 404 and 405. */
export function refuseUnrouted(method: string, { isOldWatch, name, verb, subresource }: ResourceRequestInfo): void {
  if (isOldWatch && subresource !== undefined) throw refused.pathNotFound();
  if (isOldWatch && method !== 'GET') throw refused.methodNotAllowed();
  if (verb === 'create' && name !== undefined && subresource === undefined) throw refused.methodNotAllowed();
}

function verbOf(method: string, name: string | undefined): ResourceRequestInfo['verb'] {
  if (method === 'GET' || method === 'HEAD') return name === undefined ? 'list' : 'get';
  const verb = methodVerbs.get(method);
  if (verb === undefined) throw refused.methodNotAllowed();
  return verb === 'delete' && name === undefined ? 'deletecollection' : verb;
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    throw refused.badRequest(`invalid URL escape in path segment ${JSON.stringify(word)}`);
  }
}
