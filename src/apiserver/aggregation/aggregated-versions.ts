import { APIServices, type APIService } from '../../api/apiregistration/v1/types.ts';
import type { ServerContext } from '../context.ts';
import { priorityOf } from './priorities.ts';
import type { Target } from '../request/target.ts';

/** An APIService whose version another server answers. */
export type RemoteApiService = Readonly<APIService> & { readonly spec: { readonly service: object } };

/** Which versions of groups other servers answer, as APIServices say. */
export class AggregatedVersions {
  readonly #byVersion = new Map<string, RemoteApiService>();
  #generation = 0;

  constructor(context: ServerContext) {
    context.follow(APIServices, (now, before) => {
      if (before !== undefined) this.#byVersion.delete(versionOf(before));
      if (now !== undefined && isRemote(now)) this.#byVersion.set(versionOf(now), now);
      this.#generation++;
    });
  }

  /** Grows with every change. */
  get generation(): number {
    return this.#generation;
  }

  get all(): readonly RemoteApiService[] {
    return [...this.#byVersion.values()];
  }

  /** Who answers a request instead of this server, if somebody does: of the version, and of its discovery and OpenAPI. */
  of(target: Target): RemoteApiService | undefined {
    if (this.#byVersion.size === 0) return undefined;
    if (target.isResource) return this.#byVersion.get(`${target.group}/${target.version}`);
    const [, group, version] = /^(?:\/openapi\/v3)?\/apis\/([^/]+)\/([^/]+)\/?$/.exec(target.path) ?? [];
    return group === undefined ? undefined : this.#byVersion.get(`${group}/${version}`);
  }
}

export function isRemote(service: Readonly<APIService>): service is RemoteApiService {
  const { group = '', version = '' } = service.spec;
  return service.spec.service !== undefined && !isOwn(group, version);
}

/**
 * Kubernetes' own versions are answered here, whatever APIServices say, so that nobody locks out who would mend it; but those
 * of the metrics server, which may be another one.
 */
function isOwn(group: string, version: string): boolean {
  if (group === 'apiregistration.k8s.io') return true;
  return group !== 'metrics.k8s.io' && priorityOf(group, version) !== undefined;
}

export function isAvailable({ status }: Readonly<APIService>): boolean {
  return status?.conditions?.some(({ type, status: now }) => type === 'Available' && now === 'True') ?? false;
}

/** `group/version`. */
export function versionOf({ spec: { group = '', version = '' } }: Readonly<APIService>): string {
  return `${group}/${version}`;
}
