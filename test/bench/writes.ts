import { Pods, type Pod } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import type { ServerProcess } from '../kit/server-process.ts';
import { percentiles } from './load.ts';
import { RawClient } from './raw-client.ts';
import { namespace, path, pod } from './subject.ts';

/**
 * A write of a pod that is there. `round` makes each differ from the one before: one that changes nothing is not
 * written.
 */
export interface Rewrite {
  readonly method: 'PATCH' | 'PUT';
  readonly contentType: string;
  /** With its slash; nothing for the pod itself. */
  readonly subresource?: string;
  body(pod: Pod, round: number): unknown;
}

const strategic = 'application/strategic-merge-patch+json';

export const annotationPatch: Rewrite = {
  method: 'PATCH',
  contentType: strategic,
  body: (_, round) => ({ metadata: { annotations: { round: String(round) } } }),
};

export const podUpdate: Rewrite = {
  method: 'PUT',
  contentType: 'application/json',
  body: (pod, round) => withoutVersion(pod, { annotations: { round: String(round) } }),
};

export const statusPatch: Rewrite = {
  method: 'PATCH',
  contentType: strategic,
  subresource: '/status',
  body: (_, round) => ({ status: statusOf(round) }),
};

export const statusUpdate: Rewrite = {
  method: 'PUT',
  contentType: 'application/json',
  subresource: '/status',
  body: (pod, round) => ({ ...withoutVersion(pod, {}), status: { ...pod.status, ...statusOf(round) } }),
};

function withoutVersion(pod: Pod, more: Partial<Pod['metadata']>): Pod {
  const { resourceVersion: _version, managedFields: _fields, ...metadata } = pod.metadata;
  return { ...pod, apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ...more } };
}

/** What a kubelet reports. */
function statusOf(round: number): Partial<Pod['status']> {
  const ready = round % 2 === 0 ? 'True' : 'False';
  return {
    phase: 'Running',
    podIP: `10.244.0.${round % 250}`,
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({ type, status: ready })),
    message: `round ${round}`,
  } as Partial<Pod['status']>;
}

/** Writes as many pods as there are clients, again and again. */
export async function writeAgain(
  { client, url, identity }: ServerProcess,
  token: string,
  clients: number,
  requests: number,
  { method, contentType, subresource = '', body }: Rewrite,
): Promise<{ perSecond: number; p50: number; p99: number }> {
  await using opened = new AsyncDisposableStack();
  const writers = await Promise.all(
    Array.from({ length: clients }, async (_, at) => {
      const name = `written-${clients}-${at}`;
      await client.create(Pods, pod({ name, namespace }) as Pod).catch(() => undefined); // it is there from the row before
      const present = await client.get(Pods, { namespace, name });
      return {
        target: `${path}/${name}${subresource}`,
        bodyOf: (round: number) => JSON.stringify(body(present, round)),
        raw: opened.use(await RawClient.open(url, identity.ca, token)),
      };
    }),
  );
  const delays: number[] = [];
  let left = requests;
  const began = systemClock.monotonic();
  await Promise.all(
    writers.map(async ({ target, bodyOf, raw }) => {
      while (left-- > 0) {
        const text = bodyOf(left);
        const sent = systemClock.monotonic();
        await raw.request(method, target, contentType, text);
        delays.push(systemClock.monotonic() - sent);
      }
    }),
  );
  return { perSecond: (requests / (systemClock.monotonic() - began)) * 1000, ...percentiles(delays) };
}
