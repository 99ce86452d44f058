import type { Node } from '../../../api/core/v1/types.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Client } from '../../../client/client.ts';
import type { EventRecorder } from '../../../reconciler/event-recorder.ts';
import type { VolumeDriver } from '../volume-driver.ts';
import { noteGrown } from './claim-growth.ts';
import { csiDriver, type CsiDriverOptions } from './csi-driver.ts';
import { CsiFolders } from './csi-folders.ts';
import { CsiNodeObject } from './csi-node-object.ts';
import { PluginRegistry } from './plugin-registry.ts';

export interface CsiOptions extends Pick<CsiDriverOptions, 'read' | 'token' | 'nodeName'> {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly events: EventRecorder;
  /** The kubelet's, absolute. */
  readonly folder: string;
  readonly node: () => Readonly<Node> | undefined;
  /** Volumes may be had that could not before. */
  readonly onRegistered: () => void;
}

/** A node's part of CSI: the drivers that register there, and their volumes. */
export interface Csi {
  readonly driver: VolumeDriver;
  /** Resolves when the signal has aborted. */
  run(): Promise<void>;
}

export function openCsi(options: CsiOptions): Csi {
  const { client, clock, log, signal, events, nodeName, folder, node, read, token, onRegistered } = options;
  const object = new CsiNodeObject(client, nodeName, node);
  const registry = new PluginRegistry({
    folder,
    clock,
    log,
    signal,
    registered: (name, info) => object.add(name, info),
    unregistered: (name) => object.remove(name),
    onRegistered,
  });
  const driver = csiDriver({
    nodeName,
    folders: new CsiFolders(folder),
    driver: (name) => registry.driver(name),
    // Whoever takes volumes from nodes must know that this one is used before it is.
    isAttached: (id) => {
      const { volumesAttached = [], volumesInUse = [] } = node()?.status ?? {};
      return volumesAttached.some(({ name }) => name === id) && volumesInUse.includes(id);
    },
    read,
    token,
    grown: (claim, capacity) => noteGrown(client, claim, capacity),
    record: (pod, type, reason, message) => events.record(pod, type, reason, message),
    clock,
    log,
  });
  return { driver, run: () => registry.run() };
}
