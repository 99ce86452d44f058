import { refused } from '../../apimachinery/status.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { Core } from '../rest/operation.ts';
import { admitUnstored } from '../rest/write.ts';
import { connectOptions } from './connect-options.ts';
import type { RequestContext } from './context.ts';
import { operationOf } from './operation.ts';
import type { ResourceTarget } from './target.ts';

/**
 * All of admission of a connection into a pod, or through a proxy. As in Kubernetes it comes first: whether there is what
 * the client wants to connect to is looked up later. Throws `StatusError` where it is refused.
 */
export async function admitConnection(
  core: Core,
  context: RequestContext,
  { served, target }: { readonly served: ServedVersion; readonly target: ResourceTarget },
): Promise<void> {
  const { name = '', subresource, query } = target;
  if (query.has('dryRun')) throw refused.badRequest('dryRun is not supported');
  const facts = served.facts.subresources.find((one) => one.name === subresource);
  if (facts === undefined) throw new Error(`Cannot connect to "${target.path}": no kind has such a subresource`);
  const operation = operationOf(context, { ...target, verb: 'create' }, served, { body: undefined });
  await admitUnstored(core, operation, { operation: 'CONNECT', name, object: connectOptions(facts.kind, target) });
}
