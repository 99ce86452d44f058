import type { UserInfo } from '../auth/auth.ts';
import { endpointRemovalRoot } from '../endpoint-removal/paths.ts';
import type { Target } from '../request/target.ts';
import type { Leave } from './priority-level.ts';
import { TooManyRequestsError } from './too-many-requests.ts';

/** How many all users may have together, and one of them. */
export interface SharedLimit {
  readonly all: number;
  readonly ofOneUser: number;
}

const longSubresources: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/** What may go on for as long as the client likes takes no seats. */
export function longRunning(target: Target, isUpgrade = false): 'watches' | 'streams' | undefined {
  // Reports of what nodes have applied go on for ever.
  if (!target.isResource) return target.path.startsWith(endpointRemovalRoot) ? 'watches' : undefined;
  if (target.subresource !== undefined && longSubresources.has(target.subresource)) return 'streams';
  if (target.verb === 'watch') return 'watches';
  return isUpgrade ? 'streams' : undefined;
}

/** Places that all share, and of which no user takes more than his part. Members of `system:masters` always get in. */
export class SharedPlaces {
  readonly #limit: SharedLimit;
  readonly #ofUsers = new Map<string, number>();
  #taken = 0;

  constructor(limit: SharedLimit) {
    this.#limit = limit;
  }

  enter(user: UserInfo): Leave {
    const { all, ofOneUser } = this.#limit;
    const { name } = user;
    const own = this.#ofUsers.get(name) ?? 0;
    if ((this.#taken >= all || own >= ofOneUser) && !user.groups.includes('system:masters'))
      throw new TooManyRequestsError();
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
