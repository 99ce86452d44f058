import { protobuf } from '../../api/protobuf.ts';
import { encodeStored, type Stored } from '../../apimachinery/canonical-json.ts';
import { isTooHeavy } from '../../apimachinery/decode/body-weight.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { parseGoDuration } from '../../apimachinery/duration.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/validation.ts';
import { Turns } from '../../base/turns.ts';
import type { Expected, LeaseId, Revision, TxnResult } from '../../store/store.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import { admissionPhases, type AdmissionPhases } from '../admission/phases.ts';
import { CachedObject, handOver } from '../cache/cached-object.ts';
import { internalGroupKind } from '../catalog/go-type.ts';
import { inSteps } from '../../base/in-steps.ts';
import { isLarge, tooHeavy } from '../large.ts';
import { isDryRun, optionOf, type Answer, type Core, type Operation } from './operation.ts';
import type { Strategy } from './strategy.ts';
import { storageKey, type ServedVersion } from '../catalog/served-version.ts';

/** Admission of one write. */
export function admission(
  core: Core,
  operation: Operation,
  request: Pick<AdmissionRequest, 'operation' | 'object' | 'old' | 'options'> & { name: string; dryRun?: boolean },
  reshape?: (patched: unknown, before: KubeObject) => KubeObject,
): AdmissionPhases {
  const { served, user } = operation;
  const { namespace, subresource } = operation.request;
  const seen: AdmissionRequest = {
    type: served.type,
    dryRun: isDryRun(operation),
    ...request,
    ...(namespace === undefined ? {} : { namespace }),
    ...(subresource === undefined ? {} : { subresource }),
    user,
    warn: (text) => operation.warn(text),
    annotate: (key, value) => annotate(operation, key, value),
    givenUpAt: () => givenUpAt(core, operation),
  };
  const phases = admissionPhases(core.admission, core.context, seen, reshape);
  return core.admissionTallies.timedPhases(phases, request.operation);
}

/** What is said first stays. */
function annotate({ annotations }: Operation, key: string, value: string | (() => string)): void {
  if (annotations?.has(key) === false) annotations.set(key, typeof value === 'string' ? value : value());
}

/** As upstream: whatever the client says, a write takes no longer. */
const longestWriteMs = 34_000;
const ends = new WeakMap<Operation['request'], number>();

/** When a request is given up: counted from the first question, over all tries of the write. */
function givenUpAt({ context: { clock } }: Core, operation: Operation): number {
  const { request } = operation;
  let end = ends.get(request);
  if (end === undefined) {
    const wanted = parseGoDuration(optionOf(operation, 'timeout') ?? '') || longestWriteMs;
    ends.set(request, (end = clock.monotonic() + Math.min(wanted, longestWriteMs)));
  }
  return end;
}

/** All of admission of what is asked and not stored: a binding, an eviction, a connection. */
export async function admitUnstored(
  core: Core,
  operation: Operation,
  request: Parameters<typeof admission>[2],
): Promise<void> {
  const phases = admission(core, operation, request);
  await phases.mutate();
  await phases.guard();
  await phases.validate();
}

/** Throws one Invalid that names all `errors`, if there are any. */
export function refuseInvalid(served: ServedVersion, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw refused.invalid(internalGroupKind(served.type), name, errors);
}

const noErrors: readonly FieldError[] = [];

/** What rules say of an object that is written; at once where they do not take long. */
export function ruleErrors(
  { context }: Core,
  { validateRules }: Pick<Strategy, 'validateRules'> = {},
  object: KubeObject,
  old: Readonly<KubeObject> | undefined,
  errors: readonly FieldError[],
): readonly FieldError[] | Promise<readonly FieldError[]> {
  if (validateRules === undefined) return noErrors;
  return inSteps(Turns.of(context.clock), validateRules(object, old, errors));
}

/** The stored form of a served object. */
function storedForm({ stored }: ServedVersion, object: KubeObject): KubeObject | Promise<KubeObject> {
  return stored?.toStorage(object) ?? object;
}

/** What etcd takes in one request, in bytes. */
const largestStored = 1.5 * 1024 * 1024;

/** What etcd says of more, and Kubernetes passes on without a reason. */
const tooLargeToStore = () => refused.other(500, undefined, 'etcdserver: request is too large');

/** Bytes of the object as Kubernetes stores it, which is in protobuf where the kind has such a form. */
function storedInEtcd({ stored }: ServedVersion, object: KubeObject): number {
  const definition = stored?.versions.find(({ apiVersion }) => apiVersion === stored.storageVersion)?.form.definition;
  return definition === undefined ? Infinity : protobuf.encodeMessage(object, definition).length;
}

/**
 * Encodes an object for the store; who reads the commit finds the object without decoding it again. `before`: what it
 * replaces, in the same version.
 */
export function encode(served: ServedVersion, object: KubeObject, before?: Stored): Uint8Array | Promise<Uint8Array> {
  const stored = storedForm(served, object);
  if (stored instanceof Promise) return stored.then((one) => encodeForm(served, one));
  return encodeForm(served, stored, stored === object ? before : undefined);
}

function encodeForm(served: ServedVersion, stored: KubeObject, before?: Stored): Uint8Array {
  const { isLabelled = false, storageVersion } = served.stored ?? {};
  const bytes = encodeStored(stored, before, isLabelled ? storageVersion : undefined);
  // Else nobody could send it back. It may have grown by patches, or be owned by many.
  if (isLarge(bytes.length) && isTooHeavy(bytes)) throw tooHeavy();
  if (bytes.length > largestStored && storedInEtcd(served, stored) > largestStored) throw tooLargeToStore();
  handOver(bytes, stored);
  return bytes;
}

/** Whether writing `object` over `old` would change nothing but resourceVersion. */
export function isUnchanged(object: KubeObject, old: Readonly<KubeObject>): boolean {
  return (
    sameMembers(object, old, (member) => member === 'kind' || member === 'apiVersion' || member === 'metadata') &&
    sameMembers(object.metadata, old.metadata, (member) => member === 'resourceVersion')
  );
}

/** Whether two objects have equal members, but for those that are ignored; what is shared is not walked. */
function sameMembers(a: object, b: object, isIgnored: (member: string) => boolean): boolean {
  const [first, second] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const member in first) if (!isIgnored(member) && !jsonEqual(first[member], second[member])) return false;
  for (const member in second)
    if (!isIgnored(member) && !(member in first) && second[member] !== undefined) return false;
  return true;
}

/** A copy that a write may change. */
export function draftOf<T extends KubeObject>(object: Readonly<T>): T {
  return cloneJson(object) as T;
}

/** Waits until the cache shows a committed write and answers it. */
export async function committed(
  core: Core,
  operation: Operation,
  bytes: Uint8Array,
  { revision, created }: { readonly revision: Revision; readonly created: Revision },
  namespace: string | undefined,
  name: string,
  code: number,
): Promise<Answer> {
  const { served } = operation;
  await core.cache.reached(revision);
  const key = storageKey(served, namespace, name);
  // A definition that changes meanwhile begins a cache of its own.
  const cached = core.cache.opened(served.prefix)?.get(key);
  const object =
    cached?.revision === revision ? cached : new CachedObject(key, served.prefix.length, bytes, created, revision);
  const unready = served.form.conversion?.ready([object]);
  if (unready !== undefined) await unready;
  return { kind: 'object', code, served, object };
}

/** Puts an object's bytes, for as long as its kind lives. */
export function put(
  core: Core,
  { served }: Operation,
  key: string,
  expected: Expected,
  bytes: Uint8Array,
): Promise<TxnResult> {
  const { ttlMs } = served;
  if (ttlMs === undefined) return core.store.txn(key, expected, { put: bytes });
  const under = (lease: LeaseId) => core.store.txn(key, expected, { put: bytes, lease });
  const lease = core.leases.leaseFor(ttlMs);
  return typeof lease === 'string' ? under(lease) : lease.then(under);
}

/** Sends what a kind says about deprecated or doubtful use. */
export function warnAbout(operation: Operation, object: KubeObject, old: Readonly<KubeObject> | undefined): void {
  for (const text of operation.served.strategy.warnings?.(object, old) ?? []) operation.warn(text);
}
