import { protobuf } from '../../api/protobuf.ts';
import { schema } from '../../api/schema.ts';
import type { Stored } from '../../apimachinery/canonical-json.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import {
  cannotBeHandled,
  decodeJsonText,
  decodeValue,
  decodeDocument,
  strictDecodingError,
} from '../../apimachinery/decode/decode.ts';
import { jsonTextOver } from '../../apimachinery/decode/json-text-over.ts';
import { shortened } from '../../apimachinery/go-text.ts';
import { appliedErrors, joinedErrors } from '../../apimachinery/managed-fields/applied.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { ProtobufError } from '../../apimachinery/protobuf/facts.ts';
import { refused } from '../../apimachinery/status.ts';
import { structureOf, type Structure } from '../../apimachinery/structure.ts';
import { parseYaml, type YamlDocument } from '../../apimachinery/yaml.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { checkAppliedKind, checkKind, wrongVersion } from './kind-check.ts';
import { keyOfOperation, type Body, type Operation } from './operation.ts';
import { fieldValidationOf } from './options.ts';
import { noTypeMeta, typeMetaFault, unrecognized } from './unrecognized.ts';
import type { VirtualCall, VirtualResource } from './virtual-resource.ts';

const knownTypes = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** A body as a value, and what is odd about it. */
export interface DecodedBody {
  readonly value: unknown;
  /** Texts such as `unknown field "spec.foo"`. */
  readonly complaints: readonly string[];
}

/** What a body is to be. */
interface BodyType {
  readonly structure: Structure;
  /** The definition that its protobuf form follows, where it has one. */
  readonly protobuf: string | undefined;
}

/** One of Kubernetes' own types. */
function builtIn(definition: string): BodyType {
  return { structure: structureOf(schema, definition), protobuf: definition };
}

function bodyType({ structure, isBuiltIn, type }: ServedVersion): BodyType {
  return { structure, protobuf: isBuiltIn ? type.definition : undefined };
}

const text = new TextDecoder();

type Sent = Extract<Body, { bytes: Uint8Array }>;

const nothing: Body = { bytes: new Uint8Array(0), mediaType: '' };

/** The first document of a body. Throws DecodeError. */
function yamlIn({ bytes, yaml }: Sent): YamlDocument {
  if (yaml === undefined) return parseYaml(text.decode(bytes));
  if ('refusal' in yaml) throw new DecodeError(yaml.refusal);
  return { value: yaml.json().value, repeated: yaml.repeated };
}

/** In which words a body is refused. */
interface Refusal {
  /** Its kind is known, and it is no object of that. */
  cannot(why: string): Error;
  /** Not even its kind can be read. */
  unrecognized(why: string, bytes: Uint8Array): Error;
}

function refusalOf(type: { readonly kind: string; readonly version: string }): Refusal {
  return {
    cannot: (why) => cannotBeHandled(type, why),
    unrecognized: (why, bytes) => unrecognized(type.kind, why, bytes),
  };
}

/** Reads a body and fits it to a type; null is an object without members. Throws as `refusal` says, or UnsupportedMediaType. */
function read(
  body: Body,
  { structure, protobuf: definition }: BodyType,
  findRepeated: boolean,
  refusal: Refusal,
  stored?: Stored,
): DecodedBody {
  const options = { stored: stored?.object };
  try {
    if ('value' in body) return decodeValue(cloneJson(body.value), structure, options);
    const { bytes, mediaType } = body;
    switch (mediaType) {
      case '':
      case 'application/json': {
        const json = readable(
          body,
          refusal,
          noTypeMeta,
          () => body.json?.() ?? jsonTextOver(text.decode(bytes), stored, findRepeated),
        );
        checkTypeMeta(json.value, body, refusal);
        return decodeJsonText({ ...json, value: json.value ?? {} }, structure, options);
      }
      case 'application/yaml': {
        const document = readable(body, refusal, String, () => yamlIn(body));
        checkTypeMeta(document.value, body, refusal);
        return decodeDocument({ ...document, value: document.value ?? {} }, structure, options);
      }
      case 'application/vnd.kubernetes.protobuf':
        if (definition !== undefined) return decodeValue(protobuf.decode(bytes, definition), structure, options);
    }
  } catch (error) {
    if (error instanceof DecodeError || error instanceof ProtobufError) throw refusal.cannot(error.message);
    // What nests so deeply that reading it overflows the stack is no object of ours.
    if (error instanceof RangeError) throw refusal.cannot('exceeded max depth');
    throw error;
  }
  throw refused.unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${knownTypes}`,
  );
}

/** What is read of a body that is text of some form. */
function readable<T>({ bytes }: Sent, { unrecognized }: Refusal, words: (why: string) => string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof DecodeError ? unrecognized(words(error.message), bytes) : error;
  }
}

function checkTypeMeta(value: unknown, { bytes }: Sent, refusal: Refusal): void {
  const fault = typeMetaFault(value);
  if (fault !== undefined) throw refusal.unrecognized(fault, bytes);
}

function isEmpty(body: Body | undefined): body is undefined {
  return body === undefined || ('bytes' in body && body.bytes.length === 0);
}

/**
 * The object in the body of a create or update: a private copy of the served kind, with its names checked. `stored`: what it
 * is to replace, with which it shares whole members.
 */
export function decodeBody(operation: Operation, stored?: Stored): KubeObject {
  const { served, body, request } = operation;
  const { type } = served;
  const findRepeated = fieldValidationOf(operation) !== 'Ignore';
  const refusal = refusalOf(type);
  const { value, complaints } = read(body ?? nothing, bodyType(served), findRepeated, refusal, stored);
  const object = value as KubeObject;
  // Only Kubernetes' own kinds are guessed.
  if (!served.isBuiltIn && body !== undefined && 'bytes' in body) {
    if (!object.kind) throw withoutKind(type, body);
    if (!object.apiVersion) throw wrongVersion('', type);
  }
  checkKind(object, type, served.isBuiltIn);
  report(operation, complaints, refusal.cannot);
  object.metadata ??= { name: '' };
  checkNames(
    object,
    request.verb === 'create' ? undefined : request.name,
    type.namespaced ? request.namespace : undefined,
  );
  return object;
}

function withoutKind({ kind }: { readonly kind: string }, { bytes }: Sent): Error {
  return unrecognized(kind, `Object 'Kind' is missing in '${shortened(text.decode(bytes))}'`, bytes);
}

/** Refuses what is odd (Strict), tells it (Warn), or lets it be. */
export function report(
  operation: Pick<Operation, 'warn' | 'request'>,
  complaints: readonly string[],
  strict: (all: string) => Error,
): void {
  const mode = fieldValidationOf(operation);
  if (complaints.length === 0 || mode === 'Ignore') return;
  if (mode === 'Strict') throw strict(strictDecodingError(complaints));
  for (const complaint of complaints) operation.warn(complaint);
}

/** The object of a PUT or a patch must say its name, and that of the path. */
export function checkName(given: string | undefined, name: string): void {
  if (!given)
    throw refused.badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (given !== name)
    throw refused.badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}

function checkNames({ metadata }: KubeObject, name: string | undefined, namespace: string | undefined): void {
  metadata.name ??= '';
  if (name !== undefined) checkName(metadata.name, name);
  if (namespace === undefined) return;
  checkNamespace(metadata.namespace, namespace);
  metadata.namespace = namespace;
}

function checkNamespace(given: string | undefined, namespace: string | undefined): void {
  if (namespace !== undefined && given && given !== namespace)
    throw refused.badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** DeleteOptions in the body of a delete, if there is one. */
export function decodeDeleteOptions({ body }: Operation): object | undefined {
  if (isEmpty(body)) return undefined;
  const definition = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
  const cannot = (why: string) => refused.badRequest(why);
  const { value } = read(body, builtIn(definition), false, { cannot, unrecognized: cannot });
  if (value === undefined || value === null) return undefined;
  const { kind = '' } = value as { kind?: string };
  if (kind !== 'DeleteOptions' && kind !== '')
    throw refused.badRequest(`decoded object cannot be converted to DeleteOptions`);
  return value;
}

/**
 * The configuration in the body of a server-side apply: JSON or YAML, of the served kind and the name in the path. It is
 * left as it was sent, because its author owns just what stands in it.
 */
export function decodeApplied(operation: Operation): KubeObject {
  const { served, body } = operation;
  const object = configurationOf(operation, body, served);
  const { namespace, name } = keyOfOperation(operation);
  const { metadata } = object;
  // Over an object that is there it need not say its name.
  if (metadata.name) checkName(metadata.name, name);
  else delete (metadata as { name?: string }).name;
  checkNamespace(metadata.namespace, namespace);
  return object;
}

/** The configuration of any kind in a body, checked against its type. */
export function configurationOf(
  operation: Operation,
  body: Body | undefined,
  { structure, apiVersion, type }: ServedVersion,
): KubeObject {
  const { value, repeated } = parsedConfiguration(body);
  report(operation, repeated, (all) => refused.badRequest(`error strict decoding YAML: ${all}`));
  const object = (value ?? {}) as KubeObject;
  if (typeof object !== 'object' || Array.isArray(object)) {
    const what = Array.isArray(object) ? 'array' : typeof object === 'boolean' ? 'bool' : typeof object;
    throw refused.badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${what} into Go value of type map[string]interface {}`,
    );
  }
  checkAppliedKind(object, type);
  const errors = appliedErrors(object, structure);
  if (errors.length > 0) {
    const { namespace = '', name = '' } = object.metadata ?? {};
    const gvk = `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${type.kind}`;
    const why = joinedErrors(errors);
    throw refused.other(500, undefined, `failed to create typed patch object (${namespace}/${name}; ${gvk}): ${why}`);
  }
  object.metadata ??= { name: '' };
  return object;
}

function parsedConfiguration(body: Body | undefined): YamlDocument {
  if (isEmpty(body)) return { value: undefined, repeated: [] };
  if ('value' in body) return { value: cloneJson(body.value), repeated: [] };
  try {
    return yamlIn(body);
  } catch (error) {
    throw error instanceof DecodeError ? refused.badRequest(`error decoding YAML: ${error.message}`) : error;
  }
}

/**
 * A body of a kind that no resource has of its own (Binding, Eviction, Scale). Other versions of the kind are taken as
 * this one.
 */
export function decodeAs<T extends KubeObject>(
  operation: Pick<Operation, 'body' | 'request' | 'warn'>,
  definition: string,
  { kind, apiVersion }: { kind: string; apiVersion: string },
): T {
  const { body } = operation;
  const type = { kind, version: apiVersion.split('/').pop()! };
  const findRepeated = fieldValidationOf(operation) !== 'Ignore';
  const { value, complaints } = read(body ?? nothing, builtIn(definition), findRepeated, refusalOf(type));
  const object = value as T;
  if (object.kind && object.kind !== kind)
    throw cannotBeHandled(type, `converting (${object.kind}) to (${kind}): unknown conversion`);
  report(operation, complaints, (all) => cannotBeHandled(type, all));
  object.metadata ??= { name: '' } as T['metadata'];
  object.metadata.name ??= '';
  return object;
}

/** The question in the body of a create of a virtual kind. */
export function decodeVirtual({ type }: VirtualResource, { body, namespace, options, warn }: VirtualCall): KubeObject {
  const { value, complaints } = read(body, builtIn(type.definition), true, refusalOf(type));
  const object = value as KubeObject;
  const request = { options } as Operation['request'];
  report({ request, warn }, complaints, (all) => cannotBeHandled(type, all));
  checkKind(object, type);
  object.metadata ??= { name: '' };
  checkNames(object, undefined, namespace);
  return object;
}
