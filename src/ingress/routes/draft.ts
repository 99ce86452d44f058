import { keyText, type KubeObject, type ObjectKey } from '../../apimachinery/object.ts';
import { byPrecedence, withoutSlash } from './paths.ts';
import type { Backend, KeyPair, Location, Problem, Routes, Server } from './routes.ts';

/** A host while its Ingresses are gathered. */
interface DraftServer {
  readonly locations: Map<string, Location>;
  /** Takes what no location takes. `isWeak`: one that is meant for everything has precedence. */
  fallback?: { readonly location: Location; readonly isWeak: boolean };
  /** Clients are sent to HTTPS, whatever certificate it has. */
  hasTls: boolean;
  certificate?: Server['certificate'];
}

/** Routes in the making: whoever comes first keeps what it has. */
export class Draft {
  readonly backends = new Map<string, Backend>();
  readonly certificates = new Map<string, KeyPair>();
  readonly #servers = new Map<string, DraftServer>([['', { locations: new Map(), hasTls: false }]]);
  readonly #problems = new Map<string, Problem[]>();

  server(host: string): DraftServer {
    let server = this.#servers.get(host);
    if (server === undefined) this.#servers.set(host, (server = { locations: new Map(), hasTls: false }));
    return server;
  }

  problemsOf({ metadata }: Readonly<KubeObject>): Problem[] {
    const problems: Problem[] = [];
    this.#problems.set(keyText(metadata), problems);
    return problems;
  }

  /** Answers whose it is already, if it is another's. */
  addLocation(host: string, location: Location): ObjectKey | undefined {
    const { locations } = this.server(host);
    const key = `${location.match} ${location.path}`;
    const owner = locations.get(key)?.ingress;
    if (owner === undefined) locations.set(key, location);
    return owner;
  }

  addFallback(host: string, location: Location, isWeak = false): void {
    const server = this.server(host);
    if (server.fallback === undefined || (server.fallback.isWeak && !isWeak)) server.fallback = { location, isWeak };
  }

  routes(): Routes {
    const hosts = [...this.#servers.keys()].sort();
    return {
      servers: hosts.map((host) => serverOf(host, this.#servers.get(host)!)),
      backends: this.backends,
      certificates: this.certificates,
      problems: new Map([...this.#problems].map(([key, all]) => [key, unique(all)])),
    };
  }
}

function serverOf(host: string, { locations, fallback, hasTls, certificate }: DraftServer): Server {
  const own = [...locations.values()];
  const isWhole = own.some(({ match, path }) => match === 'prefix' && withoutSlash(path) === '');
  const all = fallback === undefined || isWhole ? own : [...own, fallback.location];
  return {
    host,
    ...(certificate === undefined ? {} : { certificate }),
    locations: all
      .map((location) => ({ ...location, redirectToHttps: isRedirected(location, hasTls) }))
      .sort(byPrecedence),
  };
}

function isRedirected({ settings }: Location, hasTls: boolean): boolean {
  return settings.forceSslRedirect || (hasTls && settings.sslRedirect);
}

/** Many hosts may lack the same thing. */
function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.reason} ${problem.message}`, problem])).values()];
}
