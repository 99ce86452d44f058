import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { AggregatedVersions, RemoteApiService } from './aggregated-versions.ts';
import { isAvailable, versionOf } from './aggregated-versions.ts';
import type { Aggregator } from './aggregator.ts';
import { discoveredResources } from './discovered-resources.ts';

/** A version that another server answers, as discovery tells of it. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  readonly groupPriorityMinimum: number;
  readonly versionPriority: number;
  /** Whether what is told is what the server says now; else it is what it last said, or nothing. */
  readonly isCurrent: boolean;
  readonly resources: readonly ResourceFacts[];
  /** Where its OpenAPI is, if it has one: a path with the hash in its query. */
  readonly openApi: string | undefined;
}

interface Heard {
  readonly resources: readonly ResourceFacts[];
  readonly openApi: string | undefined;
}

/** Several servers may stand behind one Service, and one of them be ill. */
const attempts = 5;
/** Whoever asks for this server itself may see everything. */
const aggregatorUser = { name: 'system:kube-aggregator', groups: ['system:masters'] };

/** Asks the servers behind APIServices what they serve, and remembers it for discovery. */
export class RemoteDiscovery {
  readonly #versions: AggregatedVersions;
  readonly #aggregator: Aggregator;
  readonly #heard = new Map<string, Heard>();
  #generation = -1;
  #told: readonly RemoteVersion[] = [];

  constructor(versions: AggregatedVersions, aggregator: Aggregator) {
    this.#versions = versions;
    this.#aggregator = aggregator;
  }

  /** The same array until something has changed. */
  get versions(): readonly RemoteVersion[] {
    if (this.#generation === this.#versions.generation) return this.#told;
    this.#generation = this.#versions.generation;
    const { all } = this.#versions;
    const there = new Set(all.map(versionOf));
    for (const name of this.#heard.keys()) if (!there.has(name)) this.#heard.delete(name);
    this.#told = all.map((service) => {
      const { group = '', version = '', groupPriorityMinimum, versionPriority } = service.spec;
      const { resources = [], openApi } = this.#heard.get(versionOf(service)) ?? {};
      const isCurrent = isAvailable(service);
      return { group, version, groupPriorityMinimum, versionPriority, isCurrent, resources, openApi };
    });
    return this.#told;
  }

  /** Asks the server of a version for its discovery. Throws an error that says why that failed. */
  async ask(service: RemoteApiService, signal: AbortSignal): Promise<void> {
    const { group = '', version = '' } = service.spec;
    let failure: unknown;
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
      try {
        const list = JSON.parse(await this.#read(service, `/apis/${group}/${version}`, signal)) as unknown;
        const resources = discoveredResources(list, group, version);
        const openApi = await this.#openApiOf(service, signal);
        this.#remember(versionOf(service), { resources, openApi });
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #remember(name: string, heard: Heard): void {
    const before = this.#heard.get(name);
    if (JSON.stringify(before) === JSON.stringify(heard)) return;
    this.#heard.set(name, heard);
    this.#generation = -1;
  }

  /** Not every server has OpenAPI. */
  async #openApiOf(service: RemoteApiService, signal: AbortSignal): Promise<string | undefined> {
    const { group, version } = service.spec;
    try {
      const index = JSON.parse(await this.#read(service, '/openapi/v3', signal)) as {
        paths?: Record<string, { serverRelativeURL?: unknown }>;
      };
      const url = index.paths?.[`apis/${group}/${version}`]?.serverRelativeURL;
      // Clients ask us for it: what leads elsewhere is of no use to them.
      return typeof url === 'string' && url.startsWith(`/openapi/v3/apis/${group}/${version}`) ? url : undefined;
    } catch {
      return undefined;
    }
  }

  async #read(service: RemoteApiService, path: string, signal: AbortSignal): Promise<string> {
    const { url, code, text } = await this.#aggregator.fetch(service, { path, user: aggregatorUser, signal });
    const failing = `failing or missing response from ${url}`;
    if (code !== 200) throw new Error(`${failing}: bad status from ${url}: ${code}`);
    return text;
  }
}
