import { availableParallelism } from 'node:os';
import type { KeyPair, Routes } from '../routes/routes.ts';
import { endpointChanges } from '../routes/plan-endpoints.ts';
import { configurationOf, type Configuration } from './configuration.ts';
import {
  defaultCertificate,
  modulesFolder,
  prepareFolder,
  removeCertificates,
  removeUsers,
  workerUser,
  writeSecrets,
} from './files.ts';
import type { NginxFolder } from './folder.ts';
import type { Nginx, Refusal } from './nginx.ts';
import type { NginxSettings } from './settings.ts';

export interface ListenSettings {
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** More workers than this serve no local cluster better, and each node has its own. */
const mostWorkers = 4;

/** An nginx that can be told what to serve; {@link NginxWriter} is one. */
export type IngressProxy = Pick<NginxWriter, keyof NginxWriter>;

/** Brings a running nginx to what is wanted, with a reload only where the configuration itself changes. */
export class NginxWriter {
  readonly #nginx: Nginx;
  readonly #settings: NginxSettings;
  readonly #worker: number | undefined;
  /** The configuration that nginx works by. */
  #generation: string | undefined;
  /** Of the configuration before: its workers may still ask for them. */
  #users: ReadonlyMap<string, string> = new Map();
  /** What the balancer knows; nothing until we have told it all. */
  #endpoints: ReadonlyMap<string, string> | undefined;

  private constructor(
    nginx: Nginx,
    settings: NginxSettings,
    worker: number | undefined,
    generation: string | undefined,
  ) {
    this.#nginx = nginx;
    this.#worker = worker;
    this.#settings = settings;
    this.#generation = generation;
  }

  /** Prepares the folder, and takes over an nginx that runs in it. */
  static async open(
    folder: NginxFolder,
    nginx: Nginx,
    listen: ListenSettings,
    makeCertificate: () => Promise<KeyPair>,
  ): Promise<NginxWriter> {
    const scripts = await prepareFolder(folder);
    const user = await workerUser();
    const settings: NginxSettings = {
      folder,
      scripts,
      modules: modulesFolder(),
      ...(user === undefined ? {} : { workerUser: user.name }),
      workers: Math.min(mostWorkers, availableParallelism()),
      ...listen,
      defaultCertificate: await defaultCertificate(folder, makeCertificate),
    };
    return new NginxWriter(nginx, settings, user?.id, await nginx.adopt());
  }

  configurationOf(routes: Routes): Configuration {
    return configurationOf(routes, this.#settings);
  }

  /** What nginx has against the configuration; one that it works by already is good. */
  async refusal(configuration: Configuration, routes: Routes): Promise<Refusal | undefined> {
    if (configuration.generation === this.#generation) return undefined;
    await writeSecrets(this.#settings.folder, routes, this.#worker);
    return await this.#nginx.test(configuration);
  }

  /** Whether {@link onEnd} is called when nginx ends; it cannot be where an earlier process of ours has started it. */
  get tellsItsEnd(): boolean {
    return this.#nginx.tellsItsEnd;
  }

  onEnd(listener: () => void): void {
    this.#nginx.onEnd(listener);
  }

  generationsDraining(): Promise<number> {
    return this.#nginx.generationsDraining();
  }

  isRunning(): Promise<boolean> {
    return this.#nginx.isRunning();
  }

  /** Resolves when nginx works with both. Endpoints come first: routes to a new backend find it there. */
  async apply(routes: Routes, configuration: Configuration, endpoints: ReadonlyMap<string, string>): Promise<void> {
    if (!(await this.#nginx.isRunning())) {
      this.#endpoints = undefined;
      this.#generation = undefined;
      await this.#nginx.start(configuration, endpoints);
      this.#endpoints = endpoints;
    } else {
      await this.#tell(endpoints);
      if (configuration.generation === this.#generation) return;
      await this.#nginx.reload(configuration);
    }
    this.#generation = configuration.generation;
    const { certificates, authorities } = routes;
    const kept = new Set([...certificates.keys(), ...authorities.keys(), this.#settings.defaultCertificate]);
    await removeCertificates(this.#settings.folder, kept);
    await removeUsers(this.#settings.folder, new Set([...routes.users.keys(), ...this.#users.keys()]));
    this.#users = routes.users;
  }

  async #tell(endpoints: ReadonlyMap<string, string>): Promise<void> {
    const { control } = this.#nginx;
    if (this.#endpoints === undefined) await control.setEndpoints(endpoints, 'all');
    else {
      const changes = endpointChanges(this.#endpoints, endpoints);
      if (changes.size > 0) await control.setEndpoints(changes, 'named');
    }
    this.#endpoints = endpoints;
  }

  rotateLog(): Promise<void> {
    return this.#nginx.rotateLog();
  }
}
