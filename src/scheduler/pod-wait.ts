import type { Pod } from '../api/core/v1/types.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Client, WriteOptions } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';

/** How long a pod waits for what it needs on its node. */
const patienceMs = 600_000;

/** What it takes to see to it that a pod has its claims before it comes to its node. */
export interface ClaimWritesOptions<Claim extends KubeObject> {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of the scheduler. */
  readonly name: string;
  readonly claims: Informer<Claim>;
}

/** Names the pod as it was seen as the cause of a write. */
export function causedBy({ metadata }: Readonly<Pod>, controller: string): Pick<WriteOptions, 'cause'> {
  const { namespace, name, resourceVersion } = metadata;
  const revision = resourceVersion === undefined ? {} : { revision: Number(resourceVersion) };
  return { cause: { controller, object: `Pod ${namespace}/${name}`, ...revision } };
}

export interface ClaimWait<Claim extends KubeObject> {
  /** Whether a change of this claim can matter. */
  concerns(claim: Readonly<Claim>): boolean;
  /** Whether all is there; throws when it never will be. */
  isOver(): boolean;
  /** What is said when it takes too long. */
  readonly tooLate: string;
}

/** Resolves when it is over. Rejects with why it never will be, when it takes too long, and at the end of all. */
export function untilOver<Claim extends KubeObject>(
  { clock, signal, claims }: Pick<ClaimWritesOptions<Claim>, 'clock' | 'signal' | 'claims'>,
  { concerns, isOver, tooLate }: ClaimWait<Claim>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: unknown): void => {
      timer.cancel();
      unlink();
      leave();
      if (error === undefined) resolve();
      else reject(error as Error);
    };
    const look = (): void => {
      try {
        if (isOver()) end();
      } catch (error) {
        end(error);
      }
    };
    const timer = clock.setTimer(patienceMs, () => end(new Error(tooLate)));
    const unlink = onAbort(signal, () => end(new Error('stopped')));
    let isFirst = true;
    const leave = claims.onChange(({ object }) => {
      if (!isFirst && concerns(object)) look();
    });
    isFirst = false;
    look();
  });
}
