import { goQuote, shortened } from './go-text.ts';
import { fieldErrorText, type FieldError } from './validation.ts';

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

/** A request was refused; carries the Status that the client gets. Clients branch on `reason` and `code`. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;
  constructor(status: Status, options?: ErrorOptions) {
    super(status.message ?? status.reason ?? 'unknown failure', options);
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
  const { causes } = details;
  if (causes === undefined) return details;
  const isShort =
    causes.length <= mostCauses && causes.every(({ message = '' }) => message.length <= longestCauseMessage);
  if (isShort) return details;
  const kept = causes
    .slice(0, mostCauses)
    .map((cause) => ({ ...cause, message: shortened(cause.message ?? '', longestCauseMessage) }));
  return { ...details, causes: kept };
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
      `${named(what)}${name === '' ? '' : ` ${goQuote(name)}`} is forbidden: ${why}`,
      detailsOf(what, name),
    ),
  notFound: (what: GroupResource, name: string) =>
    failure(404, 'NotFound', `${named(what)} ${goQuote(name)} not found`, detailsOf(what, name)),
  /** No such path or resource at all. */
  pathNotFound: () => failure(404, 'NotFound', 'the server could not find the requested resource', {}),
  methodNotAllowed: (message = 'the server does not allow this method on the requested resource') =>
    failure(405, 'MethodNotAllowed', message, {}),
  alreadyExists: (what: GroupResource, name: string) =>
    failure(409, 'AlreadyExists', `${named(what)} ${goQuote(name)} already exists`, detailsOf(what, name)),
  conflict: (what: GroupResource, name: string, why: string) =>
    failure(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${named(what)} ${goQuote(name)}: ${why}`,
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
  invalid: (what: GroupKind, name: string, errors: readonly FieldError[]) => {
    const details: StatusDetails = {};
    if (name !== '') details.name = name;
    if (what.group !== '') details.group = what.group;
    if (what.kind !== '') details.kind = what.kind;
    details.causes = errors.map(({ reason, message, field }) => ({ reason, message, field }));
    const kind = what.group === '' ? what.kind : `${what.kind}.${what.group}`;
    return failure(
      422,
      'Invalid',
      `${kind} ${goQuote(name)} is invalid: ${joined(errors.map(fieldErrorText))}`,
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
