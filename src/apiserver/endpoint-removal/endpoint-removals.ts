import { Pods, type Pod } from '../../api/core/v1/types.ts';
import type { ObjectKey } from '../../apimachinery/object.ts';
import { onAbort } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import type { ServerContext } from '../context.ts';
import { Reporters } from './reporters.ts';
import { PodEndpoints } from './pod-endpoints.ts';
import { endpointStateOf } from './endpoint-state.ts';

/** What became of a pod's endpoints. */
export type EndpointRemoval =
  /** Every reporter has applied the revision at which no slice offered the pod any more. */
  | { readonly outcome: 'removed'; readonly revision: number }
  | { readonly outcome: 'no endpoints' }
  /** `behind`: who has not applied that revision; without it the slices themselves still offered the pod. */
  | { readonly outcome: 'timed out'; readonly behind?: readonly string[] };

export interface EndpointRemovalQuestion {
  readonly pod: ObjectKey;
  readonly uid: string;
  readonly timeoutMs: number;
  /** The one who asks is gone: the answer comes at once and means nothing. */
  readonly signal?: AbortSignal;
}

interface Asked {
  readonly uid: string;
  readonly look: () => void;
  /** Slices have shown no offer of the pod since this revision. */
  revision: number | undefined;
}

/** Tells when the endpoints of a deleted pod are out of everybody's routes (docs/adr/0008). */
export class EndpointRemovals {
  readonly reporters: Reporters;
  readonly #clock: Clock;
  readonly #pod: (key: ObjectKey) => Readonly<Pod> | undefined;
  readonly #shown: PodEndpoints;
  readonly #asked = new Map<string, Set<Asked>>();

  constructor(context: ServerContext) {
    this.#clock = context.clock;
    this.#pod = (key) => context.lookup(Pods, key);
    this.reporters = new Reporters(context.clock);
    this.#shown = new PodEndpoints(context);
    this.#shown.onChange((uids) => this.#wake(uids));
    this.reporters.onChange(() => this.#wake('any'));
  }

  /** Resolves as soon as there is an answer, and when the time is over. */
  of({ pod, uid, timeoutMs, signal }: EndpointRemovalQuestion): Promise<EndpointRemoval> {
    return new Promise((resolve) => {
      let unlink = () => {};
      const finish = (answer: EndpointRemoval): void => {
        timer.cancel();
        unlink();
        this.#forget(asked);
        resolve(answer);
      };
      const look = (): void => {
        const answer = this.#answer(pod, asked);
        if (answer !== undefined) finish(answer);
      };
      const asked: Asked = { uid, look, revision: undefined };
      const timer = this.#clock.setTimer(timeoutMs, () => finish(this.#late(asked)));
      this.#asked.set(uid, (this.#asked.get(uid) ?? new Set()).add(asked));
      look();
      if (signal !== undefined && this.#asked.get(uid)?.has(asked) === true)
        unlink = onAbort(signal, () => finish(this.#late(asked)));
    });
  }

  #answer(key: ObjectKey, asked: Asked): EndpointRemoval | undefined {
    if (asked.revision === undefined) {
      const pod = this.#pod(key);
      if (pod === undefined || pod.metadata.uid !== asked.uid) return { outcome: 'no endpoints' };
      const state = endpointStateOf(pod, this.#shown.endpointsOf(asked.uid), this.#shown.servicesOf(pod));
      if (state === 'absent') return { outcome: 'no endpoints' };
      if (state === 'ready') return undefined;
      asked.revision = this.#shown.revision;
    }
    const { revision } = asked;
    return this.reporters.behind(revision).length === 0 ? { outcome: 'removed', revision } : undefined;
  }

  #late({ revision }: Asked): EndpointRemoval {
    if (revision === undefined) return { outcome: 'timed out' };
    return { outcome: 'timed out', behind: this.reporters.behind(revision) };
  }

  #wake(uids: ReadonlySet<string> | 'any'): void {
    if (this.#asked.size === 0) return;
    const concerned = uids === 'any' ? [...this.#asked.values()] : [...uids].map((uid) => this.#asked.get(uid));
    for (const asked of concerned) for (const { look } of [...(asked ?? [])]) look();
  }

  #forget(asked: Asked): void {
    const others = this.#asked.get(asked.uid);
    others?.delete(asked);
    if (others?.size === 0) this.#asked.delete(asked.uid);
  }
}
