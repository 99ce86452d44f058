import { EndpointSlices } from '../api/discovery/v1/types.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createInformerFactory } from '../client/informer-factory.ts';
import { startControllers, type RunningControllers } from '../reconciler/run-controller.ts';
import { nginxFolder } from './nginx/folder.ts';
import { Nginx } from './nginx/nginx.ts';
import { NginxWriter, type IngressProxy, type ListenSettings } from './nginx/nginx-writer.ts';
import { NamedSecrets } from './named-secrets.ts';
import { routesController } from './routes-controller.ts';
import type { KeyPair } from './routes/routes.ts';
import { statusController } from './status/status-controller.ts';

export interface IngressOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends the controller. nginx runs on, and is taken over by the next one with the same folder. */
  readonly signal: AbortSignal;
  readonly nodeName: string;
  /** Makes nginx ready to be told what to serve, see {@link nginxOn}; called until it succeeds. */
  readonly openNginx: () => Promise<IngressProxy>;
  /** Called when it is found that nginx runs, and when that is over; before {@link onApplied}. */
  readonly onRunning?: (isRunning: boolean) => void;
  /** Called when nginx works with all EndpointSlices up to this resource version. */
  readonly onApplied?: (resourceVersion: string) => void;
}

export interface NginxOptions {
  /** All files of nginx: absolute, short, and with parents that every user may pass through. */
  readonly folder: string;
  /** Where nginx listens (default: ports 80 and 443 of all addresses). */
  readonly listen?: ListenSettings;
  /** Makes the certificate for hosts without one of their own. Called once for a folder. */
  readonly certificate: () => Promise<KeyPair>;
  readonly clock: Clock;
  readonly log: Logger;
}

const everywhere: ListenSettings = { address: '0.0.0.0', httpPort: 80, httpsPort: 443 };

/** How to open the nginx of this machine that has its files in the folder. */
export function nginxOn({
  folder,
  listen = everywhere,
  certificate,
  clock,
  log,
}: NginxOptions): () => Promise<IngressProxy> {
  const files = nginxFolder(folder);
  return () => NginxWriter.open(files, new Nginx(files, { clock, log }), listen, certificate);
}

/**
 * Serves the cluster's Ingresses with an nginx on this node. Where nginx cannot be run, the node says so in its conditions
 * and it is tried again.
 */
export function startIngress(options: IngressOptions): RunningControllers {
  const { client, clock, random, signal, nodeName, openNginx, onRunning = () => {}, onApplied = () => {} } = options;
  const log = options.log.with({ component: 'ingress' });
  const informers = createInformerFactory(client, { clock, random, log, signal });
  const slices = informers.informer(EndpointSlices);
  return startControllers(
    [
      routesController({
        nodeName,
        openNginx,
        followSecrets: (onChange) => new NamedSecrets({ client, clock, random, log, signal, onChange }),
        slicesVersion: () => slices.resourceVersion(),
        onRunning,
        onApplied,
      }),
      statusController(nodeName),
    ],
    { client, informers, clock, random, log, signal, fieldManager: 'nginx-ingress-controller', host: nodeName },
  );
}
