import { methodOfVerb, type ApiRequest, type PatchType } from './request.ts';
import type { ResourceType } from './resource-type.ts';

/** The path and query of a request: `/apis/apps/v1/namespaces/default/deployments/web/scale?dryRun=All`. */
export function requestPath(request: ApiRequest): string {
  const { type, namespace, name, subresource } = request;
  const parts = [collectionPath(type, namespace)];
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(...subresource.split('/').map(encodeURIComponent));
  const query = queryText(request);
  return parts.join('/') + (query === '' ? '' : `?${query}`);
}

/** `/api/v1/namespaces/default/pods`; without a namespace the collection of all namespaces. */
function collectionPath(type: ResourceType, namespace?: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  return namespace === undefined
    ? `${root}/${type.resource}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${type.resource}`;
}

export function methodOf(request: ApiRequest): string {
  return methodOfVerb[request.verb];
}

const patchContentTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** The media type of the request's body, which is JSON in every case (YAML includes it). */
export function bodyContentType(request: ApiRequest): string {
  return request.verb === 'patch' ? patchContentTypes[request.patchType ?? 'merge'] : 'application/json';
}

function queryText(request: ApiRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.options ?? {})) {
    if (value !== undefined) query.append(name, value);
  }
  if (request.verb === 'watch') query.set('watch', 'true');
  return query.toString();
}
