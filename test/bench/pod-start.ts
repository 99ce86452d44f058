import { join } from 'node:path';
import { Pods, type Pod } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import type { Client } from '../../src/client/client.ts';
import { makeContainerConfig, makeSandboxConfig } from '../../src/kubelet/testing/runtime-configs.ts';
import { loadImages } from '../../src/local/images.ts';
import { writeBusyboxImage } from '../e2e/busybox-image.ts';
import { startRealNode, type RealNode } from '../e2e/real-node.ts';
import { startLocalCluster } from '../kit/local-cluster.ts';
import { pause } from '../kit/server-process.ts';
import { bareNodeStart } from './floors.ts';
import { percentiles } from './load.ts';
import type { Row } from './rows.ts';

const image = 'kubeling-test/busybox:1';
const command = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
const singles = 20;
const together = 8;
const bursts = 5;
const namespace = 'default';
const removalMs = 500;

/** How one thing is started and taken away again. */
interface Starter {
  /** Resolves when it runs. */
  start(name: string): Promise<void>;
  remove(name: string): Promise<void>;
}

interface Speed {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** Time from a pod's POST to Running, seen by a watch, in a new cluster; beside it, the same through CRI alone. */
export async function podStart(say: (text: string) => void): Promise<Row[]> {
  say('sandboxes and containers through CRI alone');
  const floor = await bareSpeed();
  say('a cluster');
  await using cluster = await startLocalCluster('bench');
  const archive = join(cluster.home.data, 'busybox.tar');
  writeBusyboxImage(archive, image);
  await cluster.kubeling('image', 'load', archive);
  const bare = await bareNodeStart();
  const memory = async (name: string, program: string): Promise<Row> => ({
    name,
    value: await cluster.residentMib(program),
    unit: 'MiB',
    floor: bare.residentMib,
    floorName: 'bare node process',
  });
  const rows = [
    await memory('resident memory of the server of an idle cluster', 'server'),
    await memory('resident memory of the agent of an idle node', 'agent/control-plane'),
  ];
  say('pods');
  const pods = await watchedPods(cluster.client);
  const speed = await speedOf(pods);
  await pods[Symbol.asyncDispose]();
  return [
    {
      name: 'start of a pod, POST to Running in a watch, one at a time',
      value: speed.p50,
      unit: 'ms',
      floor: floor.p50,
      floorName: 'sandbox and container through CRI',
      more: `p99 ${speed.p99.toFixed(0)} ms`,
    },
    {
      name: `start of pods, ${together} at a time`,
      value: speed.perSecond,
      unit: '/s',
      floor: floor.perSecond,
      floorName: 'as many sandboxes and containers through CRI',
    },
    ...rows,
  ];
}

async function speedOf({ start, remove }: Starter): Promise<Speed> {
  const timed = async (name: string): Promise<number> => {
    const began = systemClock.monotonic();
    await start(name);
    return systemClock.monotonic() - began;
  };
  await timed('warm-up');
  await remove('warm-up');
  const delays: number[] = [];
  for (let at = 0; at < singles; at++) {
    delays.push(await timed(`one-${at}`));
    await remove(`one-${at}`);
  }
  let burstMs = 0;
  for (let burst = 0; burst < bursts; burst++) {
    const names = Array.from({ length: together }, (_, at) => `burst-${burst}-${at}`);
    const began = systemClock.monotonic();
    await Promise.all(names.map(start));
    burstMs += systemClock.monotonic() - began;
    await Promise.all(names.map(remove));
  }
  return { ...percentiles(delays), perSecond: (together * bursts * 1000) / burstMs };
}

async function bareSpeed(): Promise<Speed> {
  await using node = await startRealNode('bench');
  const archive = join(node.folder, 'busybox.tar');
  writeBusyboxImage(archive, image);
  await loadImages(node.paths.containerdSocket, archive);
  return await speedOf(bareContainers(node));
}

function bareContainers({ runtime, cgroup, folder }: RealNode): Starter {
  const sandboxes = new Map<string, string>();
  const place = { cgroupParent: cgroup, logDirectory: join(folder, 'pod-logs') };
  return {
    async start(name) {
      const config = makeSandboxConfig(name, place);
      const sandbox = await runtime.runSandbox(config);
      sandboxes.set(name, sandbox);
      await runtime.startContainer(await runtime.createContainer(sandbox, makeContainerConfig(image, command), config));
    },
    async remove(name) {
      const sandbox = sandboxes.get(name)!;
      await runtime.stopSandbox(sandbox);
      await runtime.removeSandbox(sandbox);
    },
  };
}

/** Starts pods through the API; one watch tells of all that happens to them. */
async function watchedPods(client: Client): Promise<Starter & AsyncDisposable> {
  const stop = new AbortController();
  const waiting = new Map<string, { readonly holds: (pod: Pod | undefined) => boolean; resolve(): void }>();
  const { metadata } = await client.list(Pods, { namespace });
  const watching = (async () => {
    const options = { namespace, resourceVersion: metadata.resourceVersion!, signal: stop.signal };
    for await (const { type, object } of client.watch(Pods, options)) {
      if (type === 'BOOKMARK') continue;
      const wait = waiting.get(object.metadata.name);
      if (wait?.holds(type === 'DELETED' ? undefined : object)) wait.resolve();
    }
  })();
  const until = (name: string, holds: (pod: Pod | undefined) => boolean): Promise<void> =>
    new Promise((resolve) => waiting.set(name, { holds, resolve }));
  const isReady = (pod: Pod | undefined): boolean =>
    pod?.status?.phase === 'Running' &&
    pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
  return {
    async start(name) {
      const running = until(name, isReady);
      const containers = [{ name: 'main', image, command }];
      await client.create(Pods, { metadata: { name, namespace }, spec: { containers } });
      await running;
    },
    async remove(name) {
      const gone = until(name, (pod) => pod === undefined);
      await client.delete(Pods, { namespace, name });
      await gone;
      // What is left of it in the runtime is removed behind its object; through CRI that is waited for, too.
      await pause(removalMs);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching.catch(() => {});
    },
  };
}
