import type { UserInfo } from '../auth/auth.ts';
import { endpointRemovalRoot } from '../endpoint-removal/paths.ts';
import type { Target } from './target.ts';

/** How many requests are served at once. */
export interface FlowLimits {
  /** Requests that only read; 400 in Kubernetes. */
  readonly readOnly: number;
  /** Requests that may change something; 200 in Kubernetes. */
  readonly mutating: number;
  /** Watches, and reports of what nodes have applied. */
  readonly watches: SharedLimit;
  /** Logs, connections into pods, and what goes through proxies; Kubernetes bounds none of them. */
  readonly streams: SharedLimit;
}

/** How many all users may have together, and one of them. */
export interface SharedLimit {
  readonly all: number;
  readonly ofOneUser: number;
}

const defaultFlowLimits: FlowLimits = {
  readOnly: 400,
  mutating: 200,
  watches: { all: 20_000, ofOneUser: 5_000 },
  streams: { all: 4_000, ofOneUser: 1_000 },
};

/** More is asked at once than the server takes: 429, and the client comes again. */
export class TooManyRequestsError extends Error {
  override readonly name = 'TooManyRequestsError';

  constructor() {
    super('Too many requests, please try again later.');
  }
}

const longSubresources: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
/** What Kubernetes' flow schema `probes` lets through: whoever asks whether the server lives must hear it when it is busy. */
const probePaths: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);
const readVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** What may go on for as long as the client likes holds no place among those in flight. */
function longRunning(target: Target): 'watches' | 'streams' | undefined {
  // Reports of what nodes have applied go on for ever.
  if (!target.isResource) return target.path.startsWith(endpointRemovalRoot) ? 'watches' : undefined;
  if (target.subresource !== undefined && longSubresources.has(target.subresource)) return 'streams';
  return target.verb === 'watch' ? 'watches' : undefined;
}

/**
 * Counts requests in flight, before anything of their bodies is read, and refuses what is too much. Members of
 * `system:masters` always get in, and so do probes, as in Kubernetes. Priority and fairness would take this place.
 */
export class FlowControl {
  readonly limits: FlowLimits;
  readonly #running = { readOnly: 0, mutating: 0 };
  readonly #long: Readonly<Record<'watches' | 'streams', SharedPlaces>>;

  constructor(limits: FlowLimits = defaultFlowLimits) {
    this.limits = limits;
    this.#long = { watches: new SharedPlaces(limits.watches), streams: new SharedPlaces(limits.streams) };
  }

  /** How many are in flight, long-running ones left out. */
  get running(): { readonly readOnly: number; readonly mutating: number } {
    return this.#running;
  }

  /** Takes a place; the answer gives it back, once. Throws {@link TooManyRequestsError}. */
  enter(user: UserInfo, target: Target): () => void {
    if (!target.isResource && probePaths.has(target.path)) return nothing;
    const kind = longRunning(target);
    return kind === undefined ? this.#enterFlight(user, readVerbs.has(target.verb)) : this.#long[kind].enter(user);
  }

  #enterFlight(user: UserInfo, isReadOnly: boolean): () => void {
    const running = this.#running;
    const kind = isReadOnly ? 'readOnly' : 'mutating';
    if (running[kind] >= this.limits[kind] && !isExempt(user)) throw new TooManyRequestsError();
    running[kind]++;
    return () => void running[kind]--;
  }
}

/** Places that all share, and of which no user takes more than his part. */
class SharedPlaces {
  readonly #limit: SharedLimit;
  readonly #ofUsers = new Map<string, number>();
  #taken = 0;

  constructor(limit: SharedLimit) {
    this.#limit = limit;
  }

  enter(user: UserInfo): () => void {
    const { all, ofOneUser } = this.#limit;
    const { name } = user;
    const own = this.#ofUsers.get(name) ?? 0;
    if ((this.#taken >= all || own >= ofOneUser) && !isExempt(user)) throw new TooManyRequestsError();
    this.#taken++;
    this.#ofUsers.set(name, own + 1);
    return () => {
      this.#taken--;
      const left = (this.#ofUsers.get(name) ?? 1) - 1;
      if (left === 0) this.#ofUsers.delete(name);
      else this.#ofUsers.set(name, left);
    };
  }
}

function nothing(): void {}

function isExempt({ groups }: Pick<UserInfo, 'groups'>): boolean {
  return groups.includes('system:masters');
}
