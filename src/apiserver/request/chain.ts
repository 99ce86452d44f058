import type { Cause } from '../../apimachinery/request.ts';
import type { Attributes, Authorizer, UserInfo } from '../auth/auth.ts';
import { Impersonation, type WantedUser } from '../auth/impersonation.ts';
import type { AggregatedVersions } from '../aggregation/aggregated-versions.ts';
import type { Catalogs } from '../catalog/catalogs.ts';
import type { Admitted, FlowControl } from '../flow-control/flow-control.ts';
import type { AuditSink } from './audit.ts';
import { attributesOf } from './attributes.ts';
import { authorize } from './authorize.ts';
import type { RequestContext } from './context.ts';
import { resolve, resolveElsewhere, type Resolved } from './resolve.ts';
import type { Target } from './target.ts';

export interface ChainParts {
  readonly authorizer: Authorizer;
  readonly flowControl: FlowControl;
  readonly catalogs: Catalogs;
  /** What other servers answer. */
  readonly aggregated: AggregatedVersions;
  readonly audit: AuditSink | undefined;
}

interface Who {
  sender?: UserInfo;
  user?: UserInfo;
  readonly annotations?: Map<string, string>;
}

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
}

/**
 * The one way in: target → authenticate → impersonate → flow control → authorize → resolve → run, and at its end audit.
 * Requests over HTTP, upgrades and calls in this process differ in how they arrive and in `run`, the last step, only.
 */
export class RequestChain {
  readonly #parts: ChainParts;
  readonly #impersonation: Impersonation;

  constructor(parts: ChainParts) {
    this.#parts = parts;
    this.#impersonation = new Impersonation(parts.authorizer);
  }

  /** Runs `run` for a request that may be carried out. Throws what any step throws. */
  pass<T>(arrival: Arrival, run: (context: RequestContext, resolved: Resolved) => T | Promise<T>): Promise<Awaited<T>> {
    const { audit } = this.#parts;
    return audit === undefined ? this.#carryOut(arrival, run, {}) : this.#audited(audit, arrival, run);
  }

  async #audited<T>(
    audit: AuditSink,
    arrival: Arrival,
    run: (context: RequestContext, resolved: Resolved) => T | Promise<T>,
  ): Promise<Awaited<T>> {
    const annotations = new Map<string, string>();
    const who: Who = { annotations };
    let failure: unknown;
    try {
      return await this.#carryOut(arrival, run, who);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      const { target, auditId, userAgent, cause } = arrival;
      audit.record({ target, sender: who.sender, user: who.user, userAgent, auditId, cause, annotations, failure });
    }
  }

  /** Notes in `who` what becomes known of that. */
  async #carryOut<T>(
    arrival: Arrival,
    run: (context: RequestContext, resolved: Resolved) => T | Promise<T>,
    who: Who,
  ): Promise<Awaited<T>> {
    const { authorizer, flowControl, catalogs, aggregated } = this.#parts;
    const { target, auditId, userAgent, warnings } = arrival;
    const known = arrival.authenticate();
    const sender = known instanceof Promise ? await known : known;
    who.sender = sender;
    const user = this.#impersonated(sender, arrival);
    who.user = user;
    const place =
      arrival.isExempt === true ? undefined : flowControl.enter(user, target, arrival.isUpgrade, arrival.gone);
    if (place !== undefined) arrival.classified?.(place);
    const leave = place?.leave instanceof Promise ? await place.leave : place?.leave;
    try {
      authorize(authorizer, user, target);
      const catalog = catalogs.current;
      const service = aggregated.of(target);
      const resolved: Resolved =
        service === undefined
          ? resolve(catalog, target, (text) => void warnings.push(text))
          : resolveElsewhere(service, target);
      return await run(
        { target, sender, user, catalog, auditId, userAgent, warnings, annotations: who.annotations },
        resolved,
      );
    } finally {
      leave?.();
    }
  }

  #impersonated(sender: UserInfo, arrival: Arrival): UserInfo {
    const wanted = arrival.impersonates?.();
    if (wanted === undefined) return sender;
    const attributes: Attributes = attributesOf(sender, arrival.target);
    return this.#impersonation.become(wanted, attributes);
  }
}
