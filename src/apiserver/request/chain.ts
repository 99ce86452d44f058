import type { Clock } from '../../base/clock.ts';
import type { Cause } from '../../apimachinery/request.ts';
import { timedAuthorizer, type AccessTallies } from '../auth/access-tallies.ts';
import type { Attributes, Authorizer, UserInfo } from '../auth/auth.ts';
import { Impersonation, type WantedUser } from '../auth/impersonation.ts';
import type { AggregatedVersions } from '../aggregation/aggregated-versions.ts';
import type { Catalogs } from '../catalog/catalogs.ts';
import type { Admitted, FlowControl } from '../flow-control/flow-control.ts';
import type { AuditEvent, AuditNotes, AuditSink } from './audit.ts';
import { attributesOf } from './attributes.ts';
import { authorize } from './authorize.ts';
import type { RequestContext } from './context.ts';
import { notingAuthorizer } from './noting-authorizer.ts';
import { resolve, resolveElsewhere, type Resolved } from './resolve.ts';
import type { Target } from './target.ts';

export interface ChainParts {
  readonly authorizer: Authorizer;
  readonly flowControl: FlowControl;
  readonly catalogs: Catalogs;
  /** What other servers answer. */
  readonly aggregated: AggregatedVersions;
  readonly audit: AuditSink | undefined;
  readonly tallies: AccessTallies;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/** What becomes known of a request on its way; audit is told. */
type Draft = { -readonly [Member in keyof AuditEvent]: AuditEvent[Member] } & {
  readonly annotations: Map<string, string>;
};

/** A request of which nothing is known yet but what it asks for: the first step, which differs by how it came. */
export interface Arrival {
  readonly target: Target;
  readonly auditId?: string;
  readonly userAgent: string;
  readonly warnings: string[];
  /** Why a controller of this process asks. */
  readonly cause?: Cause | undefined;
  /** Who sends it. Throws Unauthorized. */
  authenticate(): UserInfo | Promise<UserInfo>;
  /** As whom it wants to be carried out; throws BadRequest. */
  impersonates?(): WantedUser | undefined;
  /** Hears where the request belongs, before it has a seat. */
  classified?(place: Admitted): void;
  /** Aborted when nobody waits for the answer any more; asked for only where the request has to wait itself. */
  gone?(): AbortSignal;
  /** It goes on in another protocol, for as long as both sides like. */
  readonly isUpgrade?: boolean;
  /** The server's own calls are not held back. */
  readonly isExempt?: boolean;
  /** For audit: as in {@link AuditEvent}; asked for when somebody wants to know. */
  origin?(): AuditEvent['origin'];
  /** HTTP's number of the answer that was given; 0: none was. */
  code?(): number;
}

/**
 * The one way in: target → authenticate → impersonate → flow control → authorize → resolve → run, and at its end audit.
 * Requests over HTTP, upgrades and calls in this process differ in how they arrive and in `run`, the last step, only.
 */
export class RequestChain {
  readonly #parts: ChainParts;
  readonly #impersonation: Impersonation;
  readonly #authorizer: Authorizer;

  constructor(parts: ChainParts) {
    this.#parts = parts;
    this.#authorizer = timedAuthorizer(parts.authorizer, parts.tallies, parts.clock);
    this.#impersonation = new Impersonation(parts.authorizer);
  }

  /** Runs `run` for a request that may be carried out. Throws what any step throws. */
  pass<T>(arrival: Arrival, run: (context: RequestContext, resolved: Resolved) => T | Promise<T>): Promise<Awaited<T>> {
    const { audit } = this.#parts;
    return audit === undefined ? this.#carryOut(arrival, run) : this.#audited(audit, arrival, run);
  }

  async #audited<T>(
    audit: AuditSink,
    arrival: Arrival,
    run: (context: RequestContext, resolved: Resolved) => T | Promise<T>,
  ): Promise<Awaited<T>> {
    const { target, auditId, userAgent, cause } = arrival;
    const draft: Draft = {
      target,
      sender: undefined,
      user: undefined,
      userAgent,
      auditId,
      origin: arrival.origin?.(),
      arrived: this.#parts.clock.now(),
      cause,
      annotations: new Map(),
      content: undefined,
      brought: undefined,
      answer: undefined,
      present: undefined,
      code: 0,
      failure: undefined,
    };
    try {
      return await this.#carryOut(arrival, run, draft);
    } catch (error) {
      draft.failure = error;
      throw error;
    } finally {
      draft.code = arrival.code?.() ?? 200;
      audit.record(draft);
    }
  }

  /** Notes in `draft` what becomes known. */
  async #carryOut<T>(
    arrival: Arrival,
    run: (context: RequestContext, resolved: Resolved) => T | Promise<T>,
    draft?: Draft,
  ): Promise<Awaited<T>> {
    const { flowControl, catalogs, aggregated, audit } = this.#parts;
    const { target, auditId, userAgent, warnings } = arrival;
    const known = arrival.authenticate();
    const sender = known instanceof Promise ? await known : known;
    if (draft !== undefined) {
      draft.sender = sender;
      audit?.received?.(draft);
    }
    const as = this.#impersonated(sender, arrival);
    const user = as instanceof Promise ? await as : as;
    if (draft !== undefined) draft.user = user;
    const place =
      arrival.isExempt === true ? undefined : flowControl.enter(user, target, arrival.isUpgrade, arrival.gone);
    if (place !== undefined) arrival.classified?.(place);
    const leave = place?.leave instanceof Promise ? await place.leave : place?.leave;
    try {
      const asked = draft === undefined ? this.#authorizer : notingAuthorizer(this.#authorizer, draft.annotations);
      const authorizing = authorize(asked, user, target);
      if (authorizing !== undefined) await authorizing;
      const catalog = catalogs.current;
      const service = aggregated.of(target);
      const resolved: Resolved =
        service === undefined
          ? resolve(catalog, target, (text) => {
              warnings.push(text);
              draft?.annotations.set('k8s.io/deprecated', 'true');
            })
          : resolveElsewhere(service, target);
      return await run(
        { target, sender, user, catalog, auditId, userAgent, warnings, audited: draft && this.#notesOf(draft) },
        resolved,
      );
    } finally {
      leave?.();
    }
  }

  /** How whoever answers a request notes what is known of it. */
  #notesOf(draft: Draft): AuditNotes {
    const { audit } = this.#parts;
    return {
      annotations: draft.annotations,
      brings(content, served) {
        draft.content = content;
        draft.brought = served;
      },
      presents: (present) => void (draft.present = present),
      answers: (answer) => void (draft.answer = answer),
      starts(code) {
        draft.code = code;
        audit?.started?.(draft);
      },
    };
  }

  #impersonated(sender: UserInfo, arrival: Arrival): UserInfo | Promise<UserInfo> {
    const wanted = arrival.impersonates?.();
    if (wanted === undefined) return sender;
    const attributes: Attributes = attributesOf(sender, arrival.target);
    return this.#impersonation.become(wanted, attributes);
  }
}
