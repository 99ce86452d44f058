import type { UserInfo } from '../auth/auth.ts';
import { endpointRemovalRoot } from '../endpoint-removal/paths.ts';
import type { Target } from './target.ts';

/** How many requests are served at once. */
export interface FlowLimits {
  /** Requests that only read; 400 in Kubernetes. */
  readonly readOnly: number;
  /** Requests that may change something; 200 in Kubernetes. */
  readonly mutating: number;
  /** Watches of all users, and of one. */
  readonly watches: number;
  readonly watchesOfOneUser: number;
}

const defaultFlowLimits: FlowLimits = {
  readOnly: 400,
  mutating: 200,
  watches: 20_000,
  watchesOfOneUser: 5_000,
};

/** More is asked at once than the server takes: 429, and the client comes again. */
export class TooManyRequestsError extends Error {
  override readonly name = 'TooManyRequestsError';

  constructor() {
    super('Too many requests, please try again later.');
  }
}

const longSubresources: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
const readVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** Whether a request may go on for as long as the client likes: it holds no place among those in flight. */
function isLongRunning(target: Target): boolean {
  // Reports of what nodes have applied go on for ever.
  if (!target.isResource) return target.path.startsWith(endpointRemovalRoot);
  return target.verb === 'watch' || (target.subresource !== undefined && longSubresources.has(target.subresource));
}

/**
 * Counts requests in flight, before anything of their bodies is read, and refuses what is too much. Members of
 * `system:masters` always get in, as in Kubernetes. Priority and fairness would take this place.
 */
export class FlowControl {
  readonly limits: FlowLimits;
  readonly #running = { readOnly: 0, mutating: 0 };
  readonly #watches = new Map<string, number>();
  #allWatches = 0;

  constructor(limits: FlowLimits = defaultFlowLimits) {
    this.limits = limits;
  }

  /** How many are in flight, long-running ones left out. */
  get running(): { readonly readOnly: number; readonly mutating: number } {
    return this.#running;
  }

  /** Takes a place; the answer gives it back, once. Throws {@link TooManyRequestsError}. */
  enter(user: UserInfo, target: Target): () => void {
    if (!isLongRunning(target)) return this.#enterFlight(user, readVerbs.has(target.verb));
    return target.verb === 'watch' ? this.#enterWatch(user) : nothing;
  }

  #enterFlight(user: UserInfo, isReadOnly: boolean): () => void {
    const running = this.#running;
    const kind = isReadOnly ? 'readOnly' : 'mutating';
    if (running[kind] >= this.limits[kind] && !isExempt(user)) throw new TooManyRequestsError();
    running[kind]++;
    return () => void running[kind]--;
  }

  #enterWatch({ name, groups }: UserInfo): () => void {
    const { watches, watchesOfOneUser } = this.limits;
    const own = this.#watches.get(name) ?? 0;
    if ((this.#allWatches >= watches || own >= watchesOfOneUser) && !isExempt({ groups }))
      throw new TooManyRequestsError();
    this.#allWatches++;
    this.#watches.set(name, own + 1);
    return () => {
      this.#allWatches--;
      const left = (this.#watches.get(name) ?? 1) - 1;
      if (left === 0) this.#watches.delete(name);
      else this.#watches.set(name, left);
    };
  }
}

function isExempt({ groups }: Pick<UserInfo, 'groups'>): boolean {
  return groups.includes('system:masters');
}

function nothing(): void {}
