import type { PatchType } from '../../apimachinery/request.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { Body, Operation } from '../rest/operation.ts';
import type { RequestContext } from './context.ts';
import type { ResourceTarget } from './target.ts';

/** What a request brings besides its target. */
export interface Content {
  readonly body: Body | undefined;
  readonly patchType?: PatchType | undefined;
}

/** What the REST operations carry out: the very target that was authorized, on the kind that was found for it. */
export function operationOf(
  { user, userAgent, warnings, audited }: RequestContext,
  target: ResourceTarget,
  served: ServedVersion,
  { body, patchType }: Content,
): Operation {
  const { verb, namespace, name, subresource, options, selectors } = target;
  if (verb === '') throw new Error(`Cannot carry out "${target.method} ${target.path}": no kind has such a verb`);
  return {
    request: {
      verb,
      type: served.type,
      namespace: served.type.namespaced ? namespace : undefined,
      name,
      subresource,
      patchType,
      options,
    },
    selectors,
    served,
    user,
    userAgent,
    body,
    annotations: audited?.annotations,
    warn: (text) => void warnings.push(text),
  };
}
