import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createInformerFactory } from '../client/informer-factory.ts';
import { startControllers } from '../reconciler/run-controller.ts';
import { capacityController } from './capacity-controller.ts';
import { expandingController } from './expanding-controller.ts';
import { provisioningController } from './provisioning-controller.ts';
import { reclaimingController } from './reclaiming-controller.ts';
import type { VolumeFolders } from './volume-folders.ts';

export interface VolumesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** As the API knows the node. */
  readonly nodeName: string;
  readonly folders: VolumeFolders;
}

/** Makes volumes of a node's disk for claims of the local class. Resolves when it has stopped, after the signal. */
export function startVolumes(options: VolumesOptions): Promise<void> {
  const { client, clock, random, log, signal, nodeName, folders } = options;
  const sources = { clock, random, log, signal };
  const controllers = [
    provisioningController(nodeName, folders),
    reclaimingController(nodeName, folders),
    expandingController(nodeName, folders),
    capacityController(nodeName, folders),
  ];
  const { stopped } = startControllers(controllers, {
    ...sources,
    client,
    informers: createInformerFactory(client, sources),
    fieldManager: 'kubeling-volumes',
  });
  return stopped;
}
