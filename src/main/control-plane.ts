import { startApiServer, type ApiServer, type ApiServerOptions } from '../apiserver/api-server.ts';
import type { UserInfo } from '../apiserver/auth/auth.ts';
import type { Random } from '../base/random.ts';
import { createClient } from '../client/typed-client.ts';
import { createInformerFactory } from '../client/informer-factory.ts';
import { allControllers, type ControllerSettings } from '../controllers/list.ts';
import { startControllers } from '../reconciler/run-controller.ts';
import { startScheduler } from '../scheduler/scheduler.ts';

export interface ControlPlaneOptions extends ApiServerOptions {
  readonly controllers: ControllerSettings;
  /** Chance for each part, so that what one draws does not shift what another gets (default: `random` for all). */
  readonly randomOf?: (part: 'controllers' | 'scheduler') => Random;
}

/** API server, controllers and scheduler of one cluster in this process. */
export interface ControlPlane extends AsyncDisposable {
  readonly api: ApiServer;
  /** Controllers and scheduler have their caches and work. */
  readonly started: Promise<void>;
}

/** Starts a whole control plane over a store. Each controller works under its own name, with the rights of its role. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { clock, random, log } = options;
  const api = await startApiServer(options);
  const stop = new AbortController();
  const { signal } = stop;
  const sources = { clock, signal };
  const randomOf = options.randomOf ?? (() => random);

  const observer = createClient(
    api.transport(componentUser('system:kube-controller-manager'), 'kube-controller-manager'),
  );
  const chance = randomOf('controllers');
  const informers = createInformerFactory(observer, { ...sources, random: chance, log });
  const controllers = startControllers(allControllers({ served: api.served, ...options.controllers }), {
    ...sources,
    random: chance,
    informers,
    log,
    client: (name) => createClient(api.transport(controllerUser(name), 'kube-controller-manager')),
  });
  const scheduler = startScheduler({
    ...sources,
    random: randomOf('scheduler'),
    log: log.with({ component: 'scheduler' }),
    client: createClient(api.transport(componentUser('system:kube-scheduler'), 'kube-scheduler')),
  });
  return {
    api,
    started: controllers.started,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.allSettled([controllers.stopped, scheduler]);
      await api[Symbol.asyncDispose]();
    },
  };
}

function componentUser(name: string): UserInfo {
  return { name, groups: ['system:authenticated'] };
}

/** The service account that Kubernetes' default roles grant a controller's rights to. */
function controllerUser(controller: string): UserInfo {
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'];
  return { name: `system:serviceaccount:kube-system:${controller}`, groups };
}
