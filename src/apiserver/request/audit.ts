import type { Cause } from '../../apimachinery/request.ts';
import type { UserInfo } from '../auth/auth.ts';
import type { Target } from './target.ts';

/** One request that has come to its end. */
export interface AuditEvent {
  readonly target: Target;
  /** Who sent it; `undefined` where that could not be told. */
  readonly sender: UserInfo | undefined;
  /** As whom it was carried out; the sender, unless he impersonates. */
  readonly user: UserInfo | undefined;
  readonly userAgent: string;
  readonly auditId: string | undefined;
  /** Why a controller of this process wrote. */
  readonly cause: Cause | undefined;
  /** What admission says of it, by keys with a domain. */
  readonly annotations: ReadonlyMap<string, string>;
  /** What the request was refused with, or why its answer broke off; `undefined`: it was carried out. */
  readonly failure: unknown;
}

/**
 * Hears of every request, whatever way it came and whatever became of it. Upgrades and watches are told of when they end.
 * `record` is called in the request's own turn and must not throw; who writes somewhere does that later.
 */
export interface AuditSink {
  record(event: AuditEvent): void;
}
