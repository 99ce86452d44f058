import { goQuote, shortened } from './go-text.ts';
import { fieldErrorText, mostErrors, type FieldError } from './validation.ts';

/** The wire form of a refusal or of a plain success (meta/v1 Status). */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: StatusReason;
  details?: StatusDetails;
  code: number;
}

export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'Invalid'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServerTimeout'
  | 'Timeout'
  | 'ServiceUnavailable';

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** Names a resource in messages: `pods`, or `deployments.apps`. `ResourceType` fits. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}
/** `ResourceType` fits. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** V8's setting for the errors that are made. */
const stacks = Error as { stackTraceLimit?: number | undefined };

/** A request was refused; carries the Status that the client gets. Clients branch on `reason` and `code`. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;
  /** Has no stack: it is an answer, and to look for its place takes longer than to give it. */
  constructor(status: Status, options?: ErrorOptions) {
    const { stackTraceLimit } = stacks;
    stacks.stackTraceLimit = 0;
    super(status.message ?? status.reason ?? 'unknown failure', options);
    stacks.stackTraceLimit = stackTraceLimit;
    this.status = status;
  }
  get reason(): StatusReason | undefined {
    return this.status.reason;
  }
  get code(): number {
    return this.status.code;
  }
}

export function isStatus(error: unknown, ...reasons: StatusReason[]): error is StatusError {
  return (
    error instanceof StatusError &&
    (reasons.length === 0 || (error.reason !== undefined && reasons.includes(error.reason)))
  );
}

/**
 * A refusal names what is wrong, and is no copy of the body: texts beyond this many characters are cut, and as many
 * causes told.
 */
const longestMessage = 65_536;
const longestCauseMessage = 16_384;
const mostCauses = 1000;
/** Letters of a name or a field: those that exist are shorter. */
const longestName = 1024;

function failure(
  code: number,
  reason: StatusReason | undefined,
  message: string,
  details?: StatusDetails,
): StatusError {
  const why = reason === undefined ? {} : { reason };
  const more = details === undefined ? {} : { details: boundedDetails(details) };
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: shortened(message, longestMessage),
    ...why,
    ...more,
    code,
  });
}

/** Whether something was refused because its namespace is being deleted: nobody needs to hear of it. */
export function isNamespaceGoing(error: unknown): boolean {
  if (!isStatus(error)) return false;
  return error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;
}

function boundedDetails(details: StatusDetails): StatusDetails {
  const { causes, name = '' } = details;
  const isLongName = name.length > longestName;
  if (causes === undefined && !isLongName) return details;
  const bounded = isLongName ? { ...details, name: shortened(name, longestName) } : details;
  if (causes === undefined || (causes.length <= mostCauses && causes.every(isShort))) return bounded;
  return { ...bounded, causes: boundedCauses(causes) };
}

function isShort({ message = '', field = '' }: StatusCause): boolean {
  return message.length <= longestCauseMessage && field.length <= longestName;
}

/** As many as are told, of which the messages together are no longer than so many messages of an answer. */
function boundedCauses(causes: readonly StatusCause[]): StatusCause[] {
  let room = 4 * longestMessage;
  const kept: StatusCause[] = [];
  for (const cause of causes) {
    if (kept.length === mostCauses || room <= 0) break;
    const bounded = { ...cause };
    if (cause.message !== undefined) bounded.message = shortened(cause.message, longestCauseMessage);
    if (cause.field !== undefined) bounded.field = shortened(cause.field, longestName);
    room -= (bounded.message?.length ?? 0) + (bounded.field?.length ?? 0);
    kept.push(bounded);
  }
  return kept;
}

/** A name in quotes. */
function quoted(name: string): string {
  return goQuote(shortened(name, longestName));
}

function named({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function detailsOf({ group, resource }: GroupResource, name: string): StatusDetails {
  const details: StatusDetails = {};
  if (name !== '') details.name = name;
  if (group !== '') details.group = group;
  details.kind = resource;
  return details;
}

export const refused = {
  badRequest: (message: string) => failure(400, 'BadRequest', message),
  unauthorized: () => failure(401, 'Unauthorized', 'Unauthorized'),
  /** `why` is what an authorizer or admission plugin says. */
  forbidden: (what: GroupResource, name: string, why: string) =>
    failure(
      403,
      'Forbidden',
      `${named(what)}${name === '' ? '' : ` ${quoted(name)}`} is forbidden: ${why}`,
      detailsOf(what, name),
    ),
  notFound: (what: GroupResource, name: string) =>
    failure(404, 'NotFound', `${named(what)} ${quoted(name)} not found`, detailsOf(what, name)),
  /** No such path or resource at all. */
  pathNotFound: () => failure(404, 'NotFound', 'the server could not find the requested resource', {}),
  methodNotAllowed: (message = 'the server does not allow this method on the requested resource') =>
    failure(405, 'MethodNotAllowed', message, {}),
  alreadyExists: (what: GroupResource, name: string) =>
    failure(409, 'AlreadyExists', `${named(what)} ${quoted(name)} already exists`, detailsOf(what, name)),
  conflict: (what: GroupResource, name: string, why: string) =>
    failure(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${named(what)} ${quoted(name)}: ${why}`,
      detailsOf(what, name),
    ),
  /** The object that the client read was changed meanwhile. */
  stale: (what: GroupResource, name: string) =>
    refused.conflict(
      what,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    ),
  /** Server-side apply: other managers own the fields. */
  applyConflict: (message: string, causes: StatusCause[]) => failure(409, 'Conflict', message, { causes }),
  expired: (message: string) => failure(410, 'Expired', message),
  gone: (message: string) => failure(410, 'Gone', message),
  invalid: (what: GroupKind, name: string, all: readonly FieldError[]) => {
    const errors = all.length > mostErrors ? all.slice(0, mostErrors) : all;
    const details: StatusDetails = {};
    if (name !== '') details.name = name;
    if (what.group !== '') details.group = what.group;
    if (what.kind !== '') details.kind = what.kind;
    details.causes = errors.map(({ reason, message, field }) => ({ reason, message, field }));
    const kind = what.group === '' ? what.kind : `${what.kind}.${what.group}`;
    return failure(
      422,
      'Invalid',
      `${kind} ${quoted(name)} is invalid: ${joined(errors.map(fieldErrorText))}`,
      details,
    );
  },
  tooLarge: (message: string) => failure(413, 'RequestEntityTooLarge', message),
  unsupportedMediaType: (message: string) => failure(415, 'UnsupportedMediaType', message),
  notAcceptable: (message: string) => failure(406, 'NotAcceptable', message),
  tooManyRequests: (message: string, retryAfterSeconds: number) =>
    failure(429, 'TooManyRequests', message, retryAfterSeconds > 0 ? { retryAfterSeconds } : undefined),
  /** A bug or a lost dependency: the message goes to the client, so it must hold nothing secret. */
  internal: (message: string) =>
    failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] }),
  unavailable: (message: string) => failure(503, 'ServiceUnavailable', message),
  timeout: (message: string) => failure(504, 'Timeout', message),
  /** Anything else, with the very text. */
  other: failure,
};

/** One error as it is; several in brackets without repetition, as Kubernetes' aggregates print. */
function joined(texts: readonly string[]): string {
  const distinct = [...new Set(texts)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}
