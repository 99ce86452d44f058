import { createHash } from 'node:crypto';
import { keyText, type KubeObject, type ObjectKey } from '../../apimachinery/object.ts';
import { byPrecedence, withoutSlash } from './paths.ts';
import type { Backend, KeyPair, Location, Problem, Routes, Server } from './routes.ts';
import type { Canary, Traffic } from './traffic.ts';

/** A location, with what is chosen beside its backend. */
export interface DraftLocation {
  readonly location: Location;
  choice: Omit<Traffic, 'backend'>;
}

/** A host while its Ingresses are gathered. */
interface DraftServer {
  readonly locations: Map<string, DraftLocation>;
  /** Takes what no location takes. `isWeak`: one that is meant for everything has precedence. */
  fallback?: { readonly draft: DraftLocation; readonly isWeak: boolean };
  /** Clients are sent to HTTPS, whatever certificate it has. */
  hasTls: boolean;
  certificate?: Server['certificate'];
  appRoot?: Server['appRoot'];
  readonly aliases: Set<string>;
  /** The Ingress that sends the host with `www.` before it, or without it, here. */
  www?: ObjectKey;
}

/** Of what {@link Draft.takesLines} counts, for one Ingress and for all: the file is made and read anew with each change. */
const mostLines = { ofOne: 50_000, ofAll: 500_000 };

/** Of choices as the balancer gets them, at most: its memory is 32 MiB, and where that is full no endpoint changes any more. */
const mostChoiceBytes = 12 * 2 ** 20;
const tooManyChoices: Problem = {
  reason: 'TooLarge',
  message:
    'Some of its paths are served without affinity, canary and other choices: all Ingresses together have too many',
};

/** Routes in the making: whoever comes first keeps what it has. */
export class Draft {
  readonly backends = new Map<string, Backend>();
  readonly certificates = new Map<string, KeyPair>();
  readonly authorities = new Map<string, string>();
  readonly users = new Map<string, string>();
  readonly #traffic = new Map<string, Traffic>();
  readonly #servers = new Map<string, DraftServer>([['', emptyServer()]]);
  readonly #problems = new Map<string, Problem[]>();
  #linesLeft = mostLines.ofAll;
  #choiceBytesLeft = mostChoiceBytes;

  server(host: string): DraftServer {
    let server = this.#servers.get(host);
    if (server === undefined) this.#servers.set(host, (server = emptyServer()));
    return server;
  }

  problemsOf({ metadata }: Readonly<KubeObject>): Problem[] {
    const problems: Problem[] = [];
    this.#problems.set(keyText(metadata), problems);
    return problems;
  }

  /** Whether so many lines, which an Ingress has written few words for, are not too many. */
  takesLines(count: number): boolean {
    if (count > Math.min(mostLines.ofOne, this.#linesLeft)) return false;
    this.#linesLeft -= count;
    return true;
  }

  /** Answers whose it is already, if it is another's. */
  addLocation(host: string, draft: DraftLocation): ObjectKey | undefined {
    const { locations } = this.server(host);
    const key = `${draft.location.match} ${draft.location.path}`;
    const owner = locations.get(key)?.location.ingress;
    if (owner === undefined) locations.set(key, draft);
    return owner;
  }

  addFallback(host: string, draft: DraftLocation, isWeak = false): void {
    const server = this.server(host);
    if (server.fallback === undefined || (server.fallback.isWeak && !isWeak)) server.fallback = { draft, isWeak };
  }

  /** Lets a part of the requests of the location that has the path already go elsewhere; false where there is none. */
  addCanary(host: string, path: string, isExact: boolean, canary: Canary): boolean {
    const locations = this.#servers.get(host)?.locations;
    const found = (isExact ? ['exact'] : ['prefix', 'pattern']).flatMap(
      (match) => locations?.get(`${match} ${path}`) ?? [],
    );
    const [draft] = found;
    if (draft !== undefined && draft.choice.canary === undefined) draft.choice = { ...draft.choice, canary };
    return draft !== undefined;
  }

  routes(): Routes {
    const names = this.#aliases();
    const taken = new Set([...this.#servers.keys(), ...[...names.values()].flat()]);
    const servers = [...this.#servers].map(([host, draft]) => this.#serverOf(host, draft, names.get(host) ?? []));
    for (const [host, { www, certificate }] of this.#servers) {
      const other = host.startsWith('www.') ? host.slice(4) : `www.${host}`;
      if (www === undefined || taken.has(other)) continue;
      const redirectTo = { host, ingress: www };
      servers.push({ host: other, ...(certificate && { certificate }), redirectTo, locations: [] });
    }
    return {
      servers: servers.sort((a, b) => (a.host < b.host ? -1 : 1)),
      backends: this.backends,
      traffic: this.#traffic,
      certificates: this.certificates,
      authorities: this.authorities,
      users: this.users,
      problems: new Map([...this.#problems].map(([key, all]) => [key, unique(all)])),
    };
  }

  /** By host; no name twice, and none that a host of its own has. */
  #aliases(): Map<string, string[]> {
    const taken = new Set(this.#servers.keys());
    const found = new Map<string, string[]>();
    for (const [host, { aliases }] of this.#servers)
      for (const alias of aliases) {
        if (taken.has(alias)) continue;
        taken.add(alias);
        const names = found.get(host);
        if (names === undefined) found.set(host, [alias]);
        else names.push(alias);
      }
    return found;
  }

  #serverOf(host: string, draft: DraftServer, aliases: readonly string[]): Server {
    const { locations, fallback, hasTls, certificate, appRoot } = draft;
    const own = [...locations.values()];
    const isWhole = own.some(({ location: { match, path } }) => match === 'prefix' && withoutSlash(path) === '');
    const all = fallback === undefined || isWhole ? own : [...own, fallback.draft];
    return {
      host,
      ...(aliases.length > 0 && { aliases }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(appRoot && { appRoot }),
      locations: all
        .map((one) => ({ ...this.#withTraffic(host, one), redirectToHttps: isRedirected(one.location, hasTls) }))
        .sort(byPrecedence),
    };
  }

  /** The name holds what is in nginx' configuration, and nothing of what only the balancer has to know. */
  #withTraffic(host: string, { location, choice }: DraftLocation): Location {
    const { match, path, ingress, backend } = location;
    if (backend === undefined || Object.keys(choice).length === 0) return location;
    const bytes = JSON.stringify(choice).length * 3; // most characters are three in a URL
    if (bytes > this.#choiceBytesLeft) {
      this.#problems.get(keyText(ingress))?.push(tooManyChoices);
      return location;
    }
    this.#choiceBytesLeft -= bytes;
    const text = JSON.stringify([host, match, path, keyText(ingress), backend]);
    const name = createHash('sha256').update(text).digest('hex').slice(0, 24);
    this.#traffic.set(name, { backend, ...choice });
    return { ...location, traffic: name };
  }
}

function emptyServer(): DraftServer {
  return { locations: new Map(), hasTls: false, aliases: new Set() };
}

function isRedirected({ settings }: Location, hasTls: boolean): boolean {
  return settings.forceSslRedirect || (hasTls && settings.sslRedirect);
}

/** Many hosts may lack the same thing. */
function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.reason} ${problem.message}`, problem])).values()];
}
