import { validateFieldManager } from '../../apimachinery/object-meta.ts';
import { goQuote, shortened } from '../../apimachinery/go-text.ts';
import { parseGoDuration } from '../../apimachinery/duration.ts';
import type { ApiRequest } from '../../apimachinery/request.ts';
import { refused, type GroupKind } from '../../apimachinery/status.ts';
import { forbidden, invalid, notSupported, type FieldError } from '../../apimachinery/validation.ts';
import { booleanOption } from './boolean-option.ts';
import { optionOf, type Operation } from './operation.ts';

const wholeNumber = /^[+-]?\d+$/;

/** A whole number of 64 bits in the query, or `undefined` for none; anything else is a BadRequest in Go's words. */
export function numberOption(operation: Operation, name: string): number | undefined {
  return integerOf(optionOf(operation, name));
}

/** The same of the value of any query parameter. */
export function integerOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const refuse = (why: string) => refused.badRequest(`strconv.ParseInt: parsing ${goQuote(shortened(text))}: ${why}`);
  if (!wholeNumber.test(text)) throw refuse('invalid syntax');
  const value = Number(text);
  if (!(Math.abs(value) < 2 ** 63)) throw refuse('value out of range');
  return value;
}

/** How long a client wants to wait for an answer: a duration in Go's form, which this server always undercuts. */
export function checkTimeout(operation: Operation): void {
  const text = optionOf(operation, 'timeout');
  if (!text || parseGoDuration(text) !== undefined) return;
  throw refused.badRequest(
    `invalid timeout specified in the request URL: time: invalid duration ${JSON.stringify(text)}`,
  );
}

/** What refusals of options name. */
export function metaKind(kind: string): GroupKind {
  return { group: 'meta.k8s.io', kind };
}

const writeOptions: Partial<Record<ApiRequest['verb'], string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
};

/** Checks `dryRun`, `fieldManager` and `fieldValidation` of a create, update or patch, of whatever kind and subresource. */
export function checkWriteOptions({
  verb,
  options,
  patchType,
}: Pick<ApiRequest, 'verb' | 'options' | 'patchType'>): void {
  const kind = writeOptions[verb];
  if (kind === undefined) return;
  const { force, fieldManager, dryRun, fieldValidation } = options ?? {};
  const errors: FieldError[] = [];
  const isApply = patchType === 'apply';
  if (kind === 'PatchOptions' && !isApply && force !== undefined)
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  if (kind === 'PatchOptions' && isApply && !fieldManager)
    errors.push({
      reason: 'FieldValueRequired',
      field: 'fieldManager',
      message: 'Required value: is required for apply patch',
    });
  errors.push(
    ...validateFieldManager(fieldManager ?? '', 'fieldManager'),
    ...dryRunErrors(dryRun),
    ...fieldValidationErrors(fieldValidation),
  );
  if (errors.length > 0) throw refused.invalid(metaKind(kind), '', errors);
}

function dryRunErrors(dryRun: string | undefined): FieldError[] {
  if (dryRun === undefined || dryRun === 'All') return [];
  return [notSupported('dryRun', [dryRun], ['All'])];
}

function fieldValidationErrors(mode: string | undefined): FieldError[] {
  if (mode === undefined || ['', 'Ignore', 'Warn', 'Strict'].includes(mode)) return [];
  return [notSupported('fieldValidation', mode, ['', 'Ignore', 'Strict', 'Warn'])];
}

/** How strictly unknown and repeated fields are taken; the default of the API is Warn. */
export function fieldValidationOf(operation: Pick<Operation, 'request'>): 'Ignore' | 'Warn' | 'Strict' {
  const mode = optionOf(operation, 'fieldValidation');
  return mode === 'Ignore' || mode === 'Strict' ? mode : 'Warn';
}

export interface DeletionOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly propagation: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly dryRun: boolean;
  /** Who says `orphanDependents=false` is answered 202 while the object is still there. */
  readonly tellsWaiting?: boolean;
}

/** meta/v1 DeleteOptions. */
export interface DeleteOptionsBody {
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  orphanDependents?: boolean;
  dryRun?: string[];
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** The options of a delete: those in the body, or those in the query where there is no body. */
export function deletionOptions(operation: Operation, body: DeleteOptionsBody | undefined): DeletionOptions {
  const given = body ?? fromQuery(operation);
  const errors: FieldError[] = [];
  const { propagationPolicy: policy, orphanDependents } = given;
  if (policy !== undefined && orphanDependents !== undefined)
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(policy))
    errors.push(notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']));
  const wrongDryRun = given.dryRun?.filter((one) => one !== 'All') ?? [];
  if (wrongDryRun.length > 0) errors.push(notSupported('dryRun', given.dryRun, ['All']));
  if (errors.length > 0) throw refused.invalid(metaKind('DeleteOptions'), '', errors);
  const propagation =
    policy ?? (orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background');
  return {
    gracePeriodSeconds: given.gracePeriodSeconds,
    propagation: propagation as DeletionOptions['propagation'],
    uid: given.preconditions?.uid,
    resourceVersion: given.preconditions?.resourceVersion,
    dryRun: (given.dryRun?.length ?? 0) > 0,
    tellsWaiting: orphanDependents === false,
  };
}

/** As upstream converts a query: what is there without a value counts as set. */
function fromQuery(operation: Operation): DeleteOptionsBody {
  const option = (name: string) => optionOf(operation, name);
  const gracePeriodSeconds = numberOption(operation, 'gracePeriodSeconds');
  const propagationPolicy = option('propagationPolicy');
  const orphan = option('orphanDependents');
  const dryRun = option('dryRun');
  const given: DeleteOptionsBody = {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    ...(orphan !== undefined && { orphanDependents: booleanOption(orphan) }),
    ...(dryRun !== undefined && { dryRun: [dryRun] }),
  };
  // Of a collection these choose what is listed.
  if (operation.request.verb !== 'delete') return given;
  const [uid, resourceVersion] = [option('uid'), option('resourceVersion')];
  if (!uid && !resourceVersion) return given;
  return { ...given, preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } };
}
