import type { Attributes, UserInfo } from '../auth/auth.ts';
import type { Target } from './target.ts';

/** What the authorizer is asked about a target. */
export function attributesOf(user: UserInfo, target: Target): Attributes {
  if (!target.isResource) return { user, verb: target.verb, path: target.path };
  const { verb, group, version, resource, subresource, namespace, selectors, isWatchPath } = target;
  const name = target.name ?? target.selectedName;
  return {
    user,
    verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    // Selectors of watch paths give no rights, as in Kubernetes.
    fieldSelector: isWatchPath ? undefined : selectors.fieldText || undefined,
    labelSelector: isWatchPath ? undefined : selectors.labelText || undefined,
  };
}
