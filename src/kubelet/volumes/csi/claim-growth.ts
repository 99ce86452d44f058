import { PersistentVolumeClaims, type PersistentVolumeClaim } from '../../../api/core/v1/types.ts';
import type { Client } from '../../../client/client.ts';

/** What a claim waits with for its node. */
const pending = new Set(['FileSystemResizePending', 'Resizing']);

/** Tells a claim that it holds more now: nothing waits for its node any more. */
export async function noteGrown(
  client: Client,
  claim: Readonly<PersistentVolumeClaim>,
  storage: string,
): Promise<void> {
  const { namespace = '', name } = claim.metadata;
  const conditions = (claim.status?.conditions ?? []).filter(({ type }) => !pending.has(type));
  const body = { status: { capacity: { storage }, conditions, allocatedResourceStatuses: null } };
  await client.patch(PersistentVolumeClaims, { namespace, name }, { type: 'merge', body }, { subresource: 'status' });
}
