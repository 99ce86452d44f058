import { Leases, type Lease } from '../../api/coordination/v1/types.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { rfc3339Micro } from '../../apimachinery/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';

export interface LeaseKeeperOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  /** The node's uid once it is registered: the Lease goes with it. */
  readonly nodeUid: () => string | undefined;
  readonly signal: AbortSignal;
}

const namespace = 'kube-node-lease';
const leaseSeconds = 40;
const renewMs = 10_000;
const retryMs = 200;
const quickRetries = 5;

/** Renews the node's Lease every ten seconds until the signal aborts: the sign that the kubelet is alive. */
export async function keepLease({ client, clock, log, nodeName, nodeUid, signal }: LeaseKeeperOptions): Promise<void> {
  let lease: Lease | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      lease = lease === undefined ? await obtain() : await client.update(Leases, renewed(lease));
      failures = 0;
    } catch (error) {
      lease = undefined;
      failures++;
      if (!isStatus(error, 'Conflict')) log.warn('lease was not renewed', { error: String(error) });
    }
    const waitMs = failures === 0 || failures > quickRetries ? renewMs : retryMs;
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }

  async function obtain(): Promise<Lease> {
    try {
      const found = await client.get(Leases, { namespace, name: nodeName });
      return await client.update(Leases, renewed(found));
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
      return await client.create(Leases, renewed({ metadata: { name: nodeName, namespace }, spec: {} }));
    }
  }

  function renewed({ metadata, spec }: Lease): Lease {
    const uid = nodeUid();
    const owner = uid === undefined ? [] : [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }];
    const ownerReferences = metadata.ownerReferences?.length ? metadata.ownerReferences : owner;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...metadata, ...(ownerReferences.length > 0 && { ownerReferences }) },
      spec: {
        ...spec,
        holderIdentity: nodeName,
        leaseDurationSeconds: leaseSeconds,
        renewTime: rfc3339Micro(clock.now()),
      },
    };
  }
}
