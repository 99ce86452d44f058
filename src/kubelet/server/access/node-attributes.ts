/** What a request to the kubelet asks for, in the terms of the API's authorization: a verb on subresources of its node. */
export interface NodeAttributes {
  readonly verb: string;
  /** One of them is enough. */
  readonly subresources: readonly string[];
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Paths with a subresource of their own. */
const alone: readonly (readonly [path: string, subresource: string])[] = [
  ['/stats', 'stats'],
  ['/metrics', 'metrics'],
  ['/logs', 'log'],
  ['/checkpoint', 'checkpoint'],
];

/** Paths whose own subresource is a smaller right beside `proxy`, which covers the whole kubelet (KEP-2862). */
const besideProxy: readonly (readonly [path: string, subresource: string])[] = [
  ['/pods', 'pods'],
  ['/runningpods', 'pods'],
  ['/healthz', 'healthz'],
  ['/configz', 'configz'],
  ['/statusz', 'statusz'],
  ['/flagz', 'flagz'],
];

/** `path` without its query. A method that is no verb of the API is allowed to nobody but the API server. */
export function nodeAttributes(method: string, path: string): NodeAttributes {
  const verb = verbs[method] ?? '';
  const own = alone.find(([start]) => isBelow(path, start));
  if (own !== undefined) return { verb, subresources: [own[1]] };
  const fine = besideProxy.find(([start]) => isBelow(path, start));
  return { verb, subresources: fine === undefined ? ['proxy'] : [fine[1], 'proxy'] };
}

function isBelow(path: string, start: string): boolean {
  return path === start || path.startsWith(`${start}/`);
}
