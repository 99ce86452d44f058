import {
  FlowSchemas,
  PriorityLevelConfigurations,
  type FlowSchema,
  type PriorityLevelConfiguration,
} from '../../api/flowcontrol/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { UserInfo } from '../auth/auth.ts';
import { recorded, type RecordedSpec } from '../bootstrap/recorded.ts';
import type { Follower, ServerContext } from '../context.ts';
import { fixedNames } from '../resources/flowcontrol/fixed-names.ts';
import type { Target } from '../request/target.ts';
import { FlowSchemaMatcher } from './flow-schemas.ts';
import { levelLimits } from './level-limits.ts';
import { longRunning, SharedPlaces, type SharedLimit } from './long-running.ts';
import { PriorityLevel, Seats, type Leave } from './priority-level.ts';
import { seatsOf } from './width.ts';

/** How many requests are served at once. */
export interface FlowLimits {
  /** Requests that only read; 400 in Kubernetes. Together with those that change something they are the seats. */
  readonly readOnly: number;
  /** Requests that may change something; 200 in Kubernetes. */
  readonly mutating: number;
  /** Watches, and reports of what nodes have applied. */
  readonly watches: SharedLimit;
  /** Logs, connections into pods, and what goes through proxies; Kubernetes bounds none of them. */
  readonly streams: SharedLimit;
}

const defaultFlowLimits: FlowLimits = {
  readOnly: 400,
  mutating: 200,
  watches: { all: 20_000, ofOneUser: 5_000 },
  streams: { all: 4_000, ofOneUser: 1_000 },
};

/** Where a request belongs, and its place there. */
export interface Admitted {
  /** Of the flow schema and its priority level; empty for those that are not stored. */
  readonly schemaUid: string;
  readonly levelUid: string;
  /** Rejects with `TooManyRequestsError` when it has waited in vain. */
  readonly leave: Leave | Promise<Leave>;
}

interface Level {
  readonly uid: string;
  readonly level: PriorityLevel;
}

const readVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/**
 * Gives requests seats before anything of their bodies is read, by FlowSchemas and PriorityLevelConfigurations (API priority
 * and fairness, KEP-1040): each flow waits for its own turn, and no priority takes what another is sure of.
 */
export class FlowControl {
  readonly limits: FlowLimits;
  readonly #objectsOf: (target: Target) => number;
  readonly #seats: Seats;
  readonly #schemas = new Map<string, Readonly<FlowSchema>>();
  readonly #configurations = new Map<string, Readonly<PriorityLevelConfiguration>>();
  readonly #running = { readOnly: 0, mutating: 0 };
  readonly #long: Readonly<Record<'watches' | 'streams', SharedPlaces>>;
  #levels: ReadonlyMap<string, Level> = new Map();
  #matcher: FlowSchemaMatcher | undefined;

  /** `objectsOf`: how many objects a list may have to go through. */
  constructor(context: ServerContext, objectsOf: (target: Target) => number, limits: FlowLimits = defaultFlowLimits) {
    this.limits = limits;
    this.#objectsOf = objectsOf;
    this.#seats = new Seats(context.clock);
    this.#long = { watches: new SharedPlaces(limits.watches), streams: new SharedPlaces(limits.streams) };
    for (const one of recorded.flowSchemas) if (fixedNames.has(one.name)) this.#schemas.set(one.name, fixed(one));
    for (const one of recorded.priorityLevels)
      if (fixedNames.has(one.name)) this.#configurations.set(one.name, fixed(one));
    context.follow(FlowSchemas, this.#keeping(this.#schemas, recorded.flowSchemas));
    context.follow(PriorityLevelConfigurations, this.#keeping(this.#configurations, recorded.priorityLevels));
  }

  /** How many are in flight, long-running ones left out. */
  get running(): { readonly readOnly: number; readonly mutating: number } {
    return this.#running;
  }

  get levels(): readonly PriorityLevel[] {
    this.#matching();
    return Array.from(this.#levels.values(), ({ level }) => level);
  }

  /** Takes a place; `leave` gives it back, once. Throws `TooManyRequestsError`. `gone`: when nobody waits for it any more. */
  enter(user: UserInfo, target: Target, isUpgrade = false, gone?: () => AbortSignal): Admitted {
    const { schema, uid, level } = this.#placeOf(user, target);
    const admitted = { schemaUid: schema.metadata.uid ?? '', levelUid: uid };
    const kind = longRunning(target, isUpgrade);
    if (kind !== undefined) return { ...admitted, leave: this.#long[kind].enter(user) };
    const entered = level.enter(
      schema.metadata.name ?? '',
      flowOf(schema, user, target),
      level.limits.isExempt ? 1 : seatsOf(target, this.#objectsOf),
      gone,
    );
    const counted = (leave: Leave): Leave => this.#counted(readVerbs.has(target.verb) ? 'readOnly' : 'mutating', leave);
    return { ...admitted, leave: entered instanceof Promise ? entered.then(counted) : counted(entered) };
  }

  #counted(kind: 'readOnly' | 'mutating', leave: Leave): Leave {
    const running = this.#running;
    running[kind]++;
    return () => {
      running[kind]--;
      leave();
    };
  }

  #placeOf(user: UserInfo, target: Target): Level & { readonly schema: Readonly<FlowSchema> } {
    const matching = this.#matching();
    const schema = matching.match(user, target) ?? this.#schemas.get('catch-all')!;
    // Who belongs to a level that does not exist is nobody's but of the last one.
    const level = this.#levels.get(schema.spec.priorityLevelConfiguration.name) ?? this.#levels.get('catch-all')!;
    return { ...level, schema };
  }

  /** Built again with the first request after a change. */
  #matching(): FlowSchemaMatcher {
    if (this.#matcher !== undefined) return this.#matcher;
    const configurations = [...this.#configurations.values()];
    const total = this.limits.readOnly + this.limits.mutating;
    const shares = configurations.reduce((sum, { spec }) => sum + (spec.limited?.nominalConcurrencyShares ?? 0), 0);
    const levels = new Map<string, Level>();
    for (const configuration of configurations) {
      const { name = '', uid = '' } = configuration.metadata;
      const limits = levelLimits(configuration, total, shares);
      const before = this.#levels.get(name);
      const level =
        before && isSame(before.level.limits, limits) ? before.level : new PriorityLevel(limits, this.#seats);
      levels.set(name, { uid, level });
    }
    this.#levels = levels;
    this.#seats.share(
      Array.from(levels.values(), ({ level }) => level),
      total,
    );
    // One that has no level is not looked at, but for the last of all.
    const schemas = [...this.#schemas.values()].filter(({ spec }) => levels.has(spec.priorityLevelConfiguration.name));
    return (this.#matcher = new FlowSchemaMatcher(schemas));
  }

  /** Follows a kind into a map; the two that must be there are as they were recorded while they are not stored. */
  #keeping<T extends KubeObject>(map: Map<string, Readonly<T>>, all: readonly RecordedSpec<unknown>[]): Follower<T> {
    return (now, before) => {
      const { name = '' } = (now ?? before)!.metadata;
      const standIn = fixedNames.has(name) ? all.find((one) => one.name === name) : undefined;
      if (now !== undefined) map.set(name, now);
      else if (standIn !== undefined) map.set(name, fixed(standIn));
      else map.delete(name);
      // A status says nothing about who goes where.
      if (now?.metadata.generation === before?.metadata.generation && now?.metadata.uid === before?.metadata.uid)
        return;
      this.#matcher = undefined;
    };
  }
}

function fixed<T extends KubeObject>({ name, spec }: RecordedSpec<unknown>): Readonly<T> {
  return { metadata: { name }, spec } as unknown as T;
}

function isSame(a: PriorityLevel['limits'], b: PriorityLevel['limits']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Requests of one flow wait in the same queues. */
function flowOf({ metadata, spec }: Readonly<FlowSchema>, user: UserInfo, target: Target): string {
  const { type } = spec.distinguisherMethod ?? {};
  if (type === 'ByUser') return `${metadata.name}/${user.name}`;
  if (type === 'ByNamespace') return `${metadata.name}/${target.isResource ? (target.namespace ?? '') : ''}`;
  return metadata.name ?? '';
}
