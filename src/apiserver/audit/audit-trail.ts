import type { KubeObject } from '../../apimachinery/object.ts';
import { goDuration } from '../../apimachinery/duration.ts';
import type { Cause } from '../../apimachinery/request.ts';
import { StatusError, refused, type Status } from '../../apimachinery/status.ts';
import { rfc3339Micro } from '../../apimachinery/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { ClientGoneError } from '../../http/exchange.ts';
import { StoreUnavailableError } from '../../store/store.ts';
import type { UserInfo } from '../auth/auth.ts';
import { longRunning } from '../flow-control/long-running.ts';
import { TooManyRequestsError } from '../flow-control/too-many-requests.ts';
import type { AuditEvent, AuditSink } from '../request/audit.ts';
import type { Target } from '../request/target.ts';
import { uriOf } from '../request/uri.ts';
import { answeredBody, withoutManagedFields } from './answered-body.ts';
import type { AuditTallies } from './audit-tallies.ts';
import type { AuditScope, EvaluatePolicy } from './evaluate-policy.ts';
import type { Event, EventUser, ObjectReference } from './event.ts';
import { auditLevels, type AuditLevel, type AuditStage } from './policy.ts';
import { sentBody, sentObject, sentOptions } from './sent-body.ts';

const longestUserAgent = 1024;
/** What takes longer says how long. */
const slowMs = 500;
/** Such annotations hold parts of bodies, so that who wants no bodies does not get them. */
const ofBodies = 'patch.webhook.admission.k8s.io/';

/** Takes events, and writes them later; never throws and never waits. */
export interface AuditBackend extends AsyncDisposable {
  take(event: Event): void;
}

export interface AuditTrailParts {
  readonly evaluate: EvaluatePolicy;
  readonly backends: readonly AuditBackend[];
  readonly tallies: AuditTallies;
  readonly clock: Clock;
  readonly random: Random;
}

/** What is remembered of a request between its stages. */
interface Followed {
  readonly scope: AuditScope;
  readonly auditID: string;
  hasStarted: boolean;
}

/** Makes events of requests, as a policy says, in Kubernetes' form. */
export class AuditTrail implements AuditSink {
  readonly #parts: AuditTrailParts;
  readonly #followed = new WeakMap<AuditEvent, Followed>();

  /** For metrics. */
  get tallies(): AuditTallies {
    return this.#parts.tallies;
  }

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
  }

  received(request: AuditEvent): void {
    const followed = this.#follow(request);
    this.#tell(request, followed, 'RequestReceived', {});
  }

  started(request: AuditEvent): void {
    const followed = this.#followed.get(request);
    if (followed === undefined || followed.hasStarted || longRunning(request.target) === undefined) return;
    followed.hasStarted = true;
    this.#tell(request, followed, 'ResponseStarted', { responseStatus: outcomeOf(request).status });
  }

  record(request: AuditEvent): void {
    const known = this.#followed.get(request);
    const followed = known ?? this.#follow(request);
    if (followed.scope.level === 'None') return;
    const { status, object, isPanic } = outcomeOf(request);
    const isWhole = isAtLeast(followed.scope.level, 'RequestResponse');
    const end = { responseStatus: status, ...(isWhole && object !== undefined && { responseObject: object }) };
    // Of whom nobody knows there is one event, as in Kubernetes.
    if (known === undefined) return this.#tell(request, followed, 'ResponseStarted', end);
    if (!followed.hasStarted && longRunning(request.target) !== undefined)
      this.#tell(request, followed, 'ResponseStarted', end);
    this.#tell(request, followed, isPanic ? 'Panic' : 'ResponseComplete', end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#parts.backends.map((backend) => backend[Symbol.asyncDispose]()));
  }

  #follow(request: AuditEvent): Followed {
    const { evaluate, tallies, random } = this.#parts;
    const scope = evaluate(request.sender, request.target);
    tallies.level(scope.level);
    const followed = { scope, auditID: request.auditId ?? random.uuid(), hasStarted: false };
    this.#followed.set(request, followed);
    return followed;
  }

  #tell(
    request: AuditEvent,
    { scope, auditID }: Followed,
    stage: AuditStage,
    answered: Pick<Event, 'responseStatus' | 'responseObject'>,
  ): void {
    const { level, omitted, omitsManagedFields } = scope;
    if (level === 'None' || omitted.has(stage)) return;
    const { backends, tallies, clock } = this.#parts;
    const { target, sender, user, origin, cause, arrived } = request;
    const bodyOf = (body: unknown) => (omitsManagedFields ? withoutManagedFields(body) : body);
    const sent = stage === 'RequestReceived' ? undefined : sentOf(request);
    const isOver = stage === 'ResponseComplete' || stage === 'Panic';
    const noted = [...request.annotations].filter(([key]) => isAtLeast(level, 'Request') || !key.startsWith(ofBodies));
    const annotations = annotationsOf(noted, cause, isOver ? clock.now() - arrived : 0);
    const event: Event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID,
      stage,
      requestURI: origin?.uri ?? uriOf(target),
      verb: target.verb,
      user: eventUser(sender),
      ...(user !== sender && user !== undefined && { impersonatedUser: eventUser(user) }),
      ...(origin !== undefined && { sourceIPs: origin.addresses }),
      ...(request.userAgent !== '' && { userAgent: shortened(request.userAgent) }),
      ...(target.isResource && { objectRef: referenceOf(target, sent) }),
      ...('responseStatus' in answered && { responseStatus: answered.responseStatus! }),
      ...(sent !== undefined && isAtLeast(level, 'Request') && { requestObject: bodyOf(shownOf(sent, request)) }),
      ...(answered.responseObject !== undefined && { responseObject: bodyOf(answered.responseObject) }),
      requestReceivedTimestamp: rfc3339Micro(arrived),
      stageTimestamp: rfc3339Micro(clock.now()),
      ...(annotations !== undefined && stage !== 'RequestReceived' && { annotations }),
    };
    tallies.event();
    for (const backend of backends) backend.take(event);
  }
}

function isAtLeast(level: AuditLevel, least: AuditLevel): boolean {
  return auditLevels.indexOf(level) >= auditLevels.indexOf(least);
}

interface Outcome {
  readonly status: Partial<Status> & { readonly metadata: object };
  readonly object?: object;
  readonly isPanic?: boolean;
}

/** How a request ended, or has begun to be answered. */
function outcomeOf({ failure, answer, present, code }: AuditEvent): Outcome {
  if (failure === undefined) {
    if (answer === undefined) return { status: code === 0 ? closedEarly : { metadata: {}, code } };
    const object = present?.(answer) ?? answeredBody(answer);
    const given = 'code' in answer ? answer.code : 200;
    const { kind, status, details } = object as Partial<Status>;
    if (kind !== 'Status') return { status: { metadata: {}, code: given }, object };
    return { status: { metadata: {}, status: status!, ...(details && { details }), code: given }, object };
  }
  if (failure instanceof ClientGoneError) return { status: closedEarly };
  const error = statusOf(failure);
  const { kind, apiVersion, ...rest } = error ?? panicked(failure);
  return { status: rest, object: { kind, apiVersion, ...rest }, isPanic: error === undefined };
}

/** What Kubernetes says of an answer that nobody waited for. */
const closedEarly = { metadata: {}, status: 'Success', message: 'Connection closed early', code: 200 } as const;

function statusOf(failure: unknown): Status | undefined {
  if (failure instanceof StatusError) return failure.status;
  if (failure instanceof TooManyRequestsError) return refused.tooManyRequests(failure.message, 1).status;
  if (failure instanceof StoreUnavailableError) return refused.unavailable(failure.message).status;
  return undefined;
}

function panicked(failure: unknown): Status {
  const why = failure instanceof Error ? failure.message : String(failure);
  return refused.other(500, 'InternalError', `APIServer panic'd: ${why}`).status;
}

function eventUser(user: UserInfo | undefined): EventUser {
  if (user === undefined) return {};
  const { name, uid, groups, extra } = user;
  return {
    ...(name !== '' && { username: name }),
    ...(uid !== undefined && uid !== '' && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(extra !== undefined && Object.keys(extra).length > 0 && { extra }),
  };
}

/** What was sent, as Kubernetes' servers tell it. */
function shownOf(sent: unknown, { content, brought, target }: AuditEvent): unknown {
  if (brought !== undefined) return sentObject(sent, content!, brought);
  return target.verb === 'delete' || target.verb === 'deletecollection' ? sentOptions(sent) : sent;
}

function sentOf({ content, answer }: AuditEvent): unknown {
  if (content === undefined) return undefined;
  const served = answer !== undefined && 'served' in answer ? answer.served : undefined;
  return sentBody(content, served?.isBuiltIn === true ? served.type.definition : undefined);
}

/** Which object it is about; what the path does not tell of it, the body may. */
function referenceOf(target: Extract<Target, { isResource: true }>, sent: unknown): ObjectReference {
  const { group, version, resource, subresource, namespace, name } = target;
  const { metadata } = (typeof sent === 'object' && sent !== null ? sent : {}) as Partial<KubeObject>;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const reference = {
    resource,
    namespace: namespace ?? text(metadata?.namespace),
    name: name ?? target.selectedName ?? text(metadata?.name),
    uid: text(metadata?.uid),
    apiGroup: group,
    apiVersion: version,
    resourceVersion: text(metadata?.resourceVersion),
    subresource: subresource ?? '',
  };
  return Object.fromEntries(Object.entries(reference).filter(([, value]) => value !== ''));
}

/** With the reason that a controller of this process had, under a key of ours. */
function annotationsOf(
  annotations: readonly (readonly [key: string, value: string])[],
  cause: Cause | undefined,
  tookMs: number,
): Record<string, string> | undefined {
  const isSlow = tookMs > slowMs;
  if (annotations.length === 0 && cause === undefined && !isSlow) return undefined;
  const all = new Map(annotations);
  if (cause !== undefined) {
    const { controller = '', object = '', revision } = cause;
    const at = revision === undefined ? '' : ` at ${revision}`;
    all.set('audit.kubeling.dev/cause', [controller, `${object}${at}`].filter((part) => part !== '').join(': '));
  }
  if (isSlow) all.set('apiserver.latency.k8s.io/total', goDuration(tookMs));
  return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function shortened(userAgent: string): string {
  return userAgent.length <= longestUserAgent ? userAgent : `${userAgent.slice(0, longestUserAgent)}...TRUNCATED`;
}
