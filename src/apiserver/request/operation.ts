import type { Cause, PatchType } from '../../apimachinery/request.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { Body, Operation } from '../rest/operation.ts';
import type { RequestContext } from './context.ts';
import type { ResourceTarget } from './target.ts';

/** What a request brings besides its target. */
export interface Content {
  readonly body: Body | undefined;
  readonly patchType?: PatchType | undefined;
  readonly cause?: Omit<Cause, 'user'> | undefined;
}

/** What the REST operations carry out: the very target that was authorized, on the kind that was found for it. */
export function operationOf(
  { user, userAgent, warnings, auditId }: RequestContext,
  target: ResourceTarget,
  served: ServedVersion,
  { body, patchType, cause }: Content,
): Operation {
  const { verb, namespace, name, subresource, options, selectors } = target;
  if (verb === '') throw new Error(`Cannot carry out "${target.method} ${target.path}": no kind has such a verb`);
  const why = auditId === undefined ? cause : { ...cause, request: auditId };
  return {
    request: {
      verb,
      type: served.type,
      ...(namespace === undefined || !served.type.namespaced ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(subresource === undefined ? {} : { subresource }),
      ...(patchType === undefined ? {} : { patchType }),
      options,
      ...(why === undefined ? {} : { cause: why }),
    },
    selectors,
    served,
    user,
    userAgent,
    body,
    warn: (text) => void warnings.push(text),
  };
}
