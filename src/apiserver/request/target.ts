import { methodOfVerb, type ApiRequest } from '../../apimachinery/request.ts';
import { refused, type StatusError } from '../../apimachinery/status.ts';
import { booleanOption } from '../rest/boolean-option.ts';
import { pathSegmentProblem } from './path-segment.ts';
import { noQuery, parseQuery, type Query } from './query.ts';
import { noSelectors, Selectors } from './selectors.ts';

/**
 * What a request asks for, read once from method, path and query (API concepts, "Resource URIs"). Authorizer, flow
 * control and executor get this very value; nobody reads path or query again.
 */
export type Target = ResourceTarget | PathTarget;

interface AnyTarget {
  /** As sent; for calls in this process the one that HTTP would have. */
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: Query;
}

/** A page: health, version, discovery. */
export interface PathTarget extends AnyTarget {
  readonly isResource: false;
  /** The method in lower case. */
  readonly verb: string;
}

export interface ResourceTarget extends AnyTarget {
  readonly isResource: true;
  /** The verb that authorization sees; empty for methods that are none (OPTIONS). */
  readonly verb: ApiRequest['verb'] | '';
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** The one name that the selectors of a list or watch leave, for which rights to that name count. */
  readonly selectedName: string | undefined;
  readonly subresource: string | undefined;
  /** What follows the subresource, from its slash on and as it was sent: the path behind a proxy. Empty for none. */
  readonly rest: string;
  /** Of lists, watches and deletions of collections; else empty. */
  readonly selectors: Selectors;
  /** The parameters of the query, the first value of each. */
  readonly options: Readonly<Record<string, string | undefined>>;
  /** The path began with `/watch/`, which stands for the verb; its selectors give no rights. */
  readonly isWatchPath: boolean;
  /** What becomes of the request when it has been authorized: no route leads there. */
  readonly refusal: StatusError | undefined;
}

const methodVerbs: ReadonlyMap<string, ApiRequest['verb']> = new Map([
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

const ofMany: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection']);

/** Subresources of namespaces; any other second word under `namespaces/x/` is a resource in the namespace. */
const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);

/** The target of a request as HTTP sends it: `raw` is path and query. Throws BadRequest for a path that cannot be read. */
export function targetOf(method: string, raw: string): Target {
  const mark = raw.indexOf('?');
  const sent = pathOf(mark < 0 ? raw : raw.slice(0, mark));
  const path = decoded(sent);
  const query = mark < 0 ? noQuery : parseQuery(raw.slice(mark + 1));
  // As Kubernetes splits it: an empty word is a word.
  const words = trimmed(path).split('/');
  const start = words[0] === 'api' ? 2 : 3;
  if ((words[0] !== 'api' && words[0] !== 'apis') || words.length <= start)
    return { isResource: false, method, path, query, verb: method.toLowerCase() };
  return resourceTarget(method, sent, path, query, words, start);
}

function resourceTarget(
  method: string,
  sent: string,
  path: string,
  query: Query,
  words: readonly string[],
  start: number,
): ResourceTarget {
  const group = start === 2 ? '' : words[1]!;
  const version = words[start - 1]!;
  const isWatchPath = words[start] === 'watch' && words.length > start + 1;
  let at = isWatchPath ? start + 1 : start;
  let namespace: string | undefined;
  if (words[at] === 'namespaces' && words.length > at + 1) {
    namespace = words[at + 1];
    if (words.length > at + 2 && !namespaceSubresources.has(words[at + 2]!)) at += 2;
  }
  const resource = words[at]!;
  const named = words[at + 1] || undefined;
  const subresource = words[at + 2];
  const verb = isWatchPath ? 'watch' : verbOf(method, named, query);
  const options = query.first;
  const asked = ofMany.has(verb)
    ? new Selectors(options['labelSelector'] ?? '', options['fieldSelector'] ?? '')
    : noSelectors;
  const selectors = isWatchPath && named !== undefined && asked.fieldText === '' ? asked.withName(named) : asked;
  const isWhole = words.slice(0, at + 3).every((word) => word !== '');
  return {
    isResource: true,
    method,
    path,
    query,
    verb,
    group,
    version,
    resource,
    namespace,
    name: named,
    selectedName: isWatchPath || verb === 'deletecollection' ? undefined : selectedName(selectors),
    subresource,
    rest: subresource === undefined ? '' : restOf(sent, words, at + 3),
    selectors,
    options: selectors === asked ? options : { ...options, fieldSelector: selectors.fieldText },
    isWatchPath,
    refusal: isWhole ? watchRefusal(method, isWatchPath, named, subresource, selectors) : refused.pathNotFound(),
  };
}

/** The same for a call in this process. */
export function targetOfCall({ verb, type, namespace, name, subresource, options }: ApiRequest): ResourceTarget {
  const selectors = ofMany.has(verb)
    ? new Selectors(options?.['labelSelector'] ?? '', options?.['fieldSelector'] ?? '')
    : noSelectors;
  return {
    isResource: true,
    method: methodOfVerb[verb],
    path: '',
    query: noQuery,
    verb,
    group: type.group,
    version: type.version,
    resource: type.resource,
    namespace,
    name,
    selectedName: verb === 'deletecollection' ? undefined : selectedName(selectors),
    subresource,
    rest: '',
    selectors,
    options: options ?? {},
    isWatchPath: false,
    refusal: undefined,
  };
}

function verbOf(method: string, name: string | undefined, query: Query): ResourceTarget['verb'] {
  const verb = methodVerbs.get(method) ?? '';
  if (name !== undefined) return verb;
  if (verb === 'get') return booleanOption(query.get('watch')) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** A list of one name is a read of that object: rights to that name cover it. */
function selectedName(selectors: Selectors): string | undefined {
  const name = selectors.exactly('metadata.name');
  return name === undefined || name === '' || pathSegmentProblem(name) !== undefined ? undefined : name;
}

/** Below `/watch/` there are no subresources and no methods but GET, and a selector cannot take the name back. */
function watchRefusal(
  method: string,
  isWatchPath: boolean,
  name: string | undefined,
  subresource: string | undefined,
  selectors: Selectors,
): StatusError | undefined {
  if (!isWatchPath) return undefined;
  if (subresource !== undefined) return refused.pathNotFound();
  if (method !== 'GET') return refused.methodNotAllowed();
  if (name === undefined || selectors.exactly('metadata.name') === name) return undefined;
  return refused.badRequest("fieldSelector metadata.name doesn't match requested name");
}

/** What was sent behind the first `count` words. */
function restOf(sent: string, words: readonly string[], count: number): string {
  const end = sent.endsWith('/') ? '/' : '';
  if (words.length === count) return end;
  const raw = trimmed(sent).split('/');
  // An escaped slash before the rest makes two words of one; what follows is written anew then.
  const isAligned = raw.length === words.length || raw.slice(0, count).every((word, at) => decoded(word) === words[at]);
  const rest = isAligned ? raw.slice(count) : words.slice(count).map(encodeURIComponent);
  return `/${rest.join('/')}${end}`;
}

function pathOf(text: string): string {
  return text.startsWith('/') ? text : '/';
}

function trimmed(path: string): string {
  let from = 0;
  let to = path.length;
  while (from < to && path[from] === '/') from++;
  while (to > from && path[to - 1] === '/') to--;
  return path.slice(from, to);
}

function decoded(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    throw refused.badRequest('the path of the request has an invalid URL escape');
  }
}
