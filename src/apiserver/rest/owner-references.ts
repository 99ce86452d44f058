import type { KubeObject, OwnerReference } from '../../apimachinery/object.ts';
import { identityOf } from '../../apimachinery/patch/identity.ts';
import type { Operation } from './operation.ts';

/**
 * Whose mistake it is: of the client, or of what admission made of the object. A patch is looked at only after
 * admission.
 */
type Stage = 'sent' | 'admitted';

/** Drops owners that an object names twice, and warns of them. */
export function dropRepeatedOwners(operation: Operation, { metadata }: KubeObject, stage: Stage): void {
  const owners = metadata.ownerReferences;
  if (owners === undefined || owners.length < 2) return;
  if (stage === 'sent' && operation.request.verb === 'patch') return;
  const seen = new Set<string>();
  const kept: OwnerReference[] = [];
  const repeated: string[] = [];
  for (const owner of owners) {
    const identity = identityOf(owner);
    if (seen.has(identity)) {
      repeated.push(owner.uid);
      continue;
    }
    seen.add(identity);
    kept.push(owner);
  }
  if (repeated.length === 0) return;
  metadata.ownerReferences = kept;
  operation.warn(
    `.metadata.ownerReferences contains duplicate entries${stage === 'sent' ? '' : ' after mutating admission happens'}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(', ')}`,
  );
}
