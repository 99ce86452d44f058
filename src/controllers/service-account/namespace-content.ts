import type { Namespace } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { isNamespaceGoing, isStatus } from '../../apimachinery/status.ts';
import type { Cluster } from '../../reconciler/controller.ts';

/** Nothing can be made in a namespace that is gone or on its way. */
export function isGoing(namespace: Readonly<Namespace> | undefined): boolean {
  return (
    namespace === undefined ||
    namespace.metadata.deletionTimestamp !== undefined ||
    namespace.status?.phase === 'Terminating'
  );
}

/** Creates the object, unless somebody did already or its namespace is going. */
export async function createUnlessGone<T extends KubeObject>(
  cluster: Cluster,
  type: ResourceType<T>,
  object: T,
): Promise<void> {
  try {
    await cluster.create(type, object);
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists', 'NotFound') && !isNamespaceGoing(error)) throw error;
  }
}
