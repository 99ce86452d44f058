import type { Cause } from '../../apimachinery/request.ts';
import type { UserInfo } from '../auth/auth.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { Answer } from '../rest/operation.ts';
import type { Content } from './operation.ts';
import type { Target } from './target.ts';

/** One request, with what is known of it so far. */
export interface AuditEvent {
  readonly target: Target;
  /** Who sent it; `undefined` where that could not be told. */
  readonly sender: UserInfo | undefined;
  /** As whom it is carried out; the sender, unless he impersonates. */
  readonly user: UserInfo | undefined;
  readonly userAgent: string;
  readonly auditId: string | undefined;
  /** Path and query as they were sent, and the addresses that it came over; absent for calls in this process. */
  readonly origin: { readonly uri: string; readonly addresses: readonly string[] } | undefined;
  /** Wall time of its arrival in milliseconds. */
  readonly arrived: number;
  /** Why a controller of this process wrote. */
  readonly cause: Cause | undefined;
  /** What authorization and admission say of it, by keys with a domain. */
  readonly annotations: ReadonlyMap<string, string>;
  /** What it brought, once somebody has read that. */
  readonly content: Content | undefined;
  /** What kind the object is of that it brought; absent where that is no object, or a part of one. */
  readonly brought: ServedVersion | undefined;
  /** What it is answered with; absent for what goes on, and for pages. */
  readonly answer: Answer | undefined;
  /** Makes of the answer what the client takes, where that is a Table or metadata alone. */
  readonly present: ((answer: Answer) => object) | undefined;
  /** HTTP's number of the answer that has begun; 0: none has, or none is told. */
  readonly code: number;
  /** What the request was refused with, or why its answer broke off; `undefined`: it was carried out. */
  readonly failure: unknown;
}

/** By which whoever answers a request tells audit of it. */
export interface AuditNotes {
  readonly annotations: Map<string, string>;
  /** What the request has brought; `served`: an object of this kind. */
  brings(content: Content, served: ServedVersion | undefined): void;
  /** The client takes another form than that of the object. */
  presents(present: (answer: Answer) => object): void;
  answers(answer: Answer): void;
  /** The answer of what may go on for long begins, with HTTP's number of it. */
  starts(code: number): void;
}

/**
 * Hears of every request, whatever way it came and whatever became of it. The event is the same value each time. What is
 * called here is called in the request's own turn and must not throw; who writes somewhere does that later.
 */
export interface AuditSink {
  /** It is known who has sent it, and nothing has been done. Not called where that does not come to be known. */
  received?(event: AuditEvent): void;
  /** The answer of what may go on for long has begun. */
  started?(event: AuditEvent): void;
  /** It has come to its end. Of upgrades and watches that is when they end. */
  record(event: AuditEvent): void;
}
