import { schema } from '../../api/schema.ts';
import { protobufDecoder } from '../../api/protobuf.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { DecodeError, TypeConformer } from '../../apimachinery/decode/conform.ts';
import { fieldProblems, hasDuplicates } from '../../apimachinery/decode/field-problems.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { ProtobufError } from '../../apimachinery/protobuf/reader.ts';
import { apiVersionOf } from '../../apimachinery/resource-type.ts';
import { refused } from '../../apimachinery/status.ts';
import { invalid } from '../../apimachinery/validation.ts';
import { parseYaml, repeatedYamlKey, YamlError } from '../../apimachinery/yaml.ts';
import { keyOfOperation, type Body, type Core, type Operation } from './operation.ts';
import { fieldValidationOf } from './options.ts';
import type { VirtualCall } from './virtual.ts';
import type { VirtualResource } from './virtual-resource.ts';

const conformer = new TypeConformer(schema);

const knownTypes = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** A body as a value, and what is odd about it. */
interface Reading {
  readonly value: unknown;
  /** Texts such as `unknown field "spec.foo"`; found when the value was fitted to its type. */
  readonly problems: readonly string[];
}

/** Reads a body and fits it to a type. Throws BadRequest or UnsupportedMediaType. */
function read(
  body: Body | undefined,
  definition: string,
  wantsProblems: boolean,
  complain: (why: string) => Error,
): Reading {
  if (body === undefined) return { value: undefined, problems: [] };
  try {
    if ('value' in body) return { value: cloneJson(body.value), problems: [] };
    const { bytes, mediaType } = body;
    switch (mediaType) {
      case '':
      case 'application/json':
        return readText(new TextDecoder().decode(bytes), 'json', definition, wantsProblems);
      case 'application/yaml':
        return readText(new TextDecoder().decode(bytes), 'yaml', definition, wantsProblems);
      case 'application/vnd.kubernetes.protobuf':
        return { value: protobufDecoder.decode(bytes, definition), problems: [] };
      default:
        throw refused.unsupportedMediaType(
          `the body of the request was in an unknown format - accepted media types include: ${knownTypes}`,
        );
    }
  } catch (error) {
    if (
      error instanceof DecodeError ||
      error instanceof ProtobufError ||
      error instanceof YamlError ||
      error instanceof SyntaxError
    )
      throw complain(error.message);
    throw error;
  }
}

function readText(text: string, form: 'json' | 'yaml', definition: string, wantsProblems: boolean): Reading {
  const value = form === 'json' ? (JSON.parse(text) as unknown) : parseYaml(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DecodeError('json: cannot unmarshal into Go value: the body must be an object');
  const repeats = wantsProblems && form === 'json' && hasDuplicates(text, value);
  const unknown = conformer.conform(value, definition);
  if (!wantsProblems) return { value, problems: [] };
  if (form === 'json')
    return { value, problems: repeats || unknown.length > 0 ? fieldProblems(text, schema, definition) : [] };
  const repeated = repeatedYamlKey(text);
  return { value, problems: [...(repeated === undefined ? [] : [repeated]), ...unknown.map(unknownField).sort()] };
}

function unknownField(path: string): string {
  return `unknown field ${JSON.stringify(path)}`;
}

/** How decoding failures of an object are told. */
function cannotHandle(kind: string, version: string): (why: string) => Error {
  return (why) =>
    refused.badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`);
}

/** The object in the body of a create or update: a private copy of the served kind, with its names checked. */
export function decodeBody(_core: Core, operation: Operation): KubeObject {
  const { served, body, request } = operation;
  const { type } = served;
  if (body === undefined || ('bytes' in body && body.bytes.length === 0)) throw emptyBody(type.kind, type.version);
  const mode = fieldValidationOf(operation);
  const { value, problems } = read(body, type.definition, mode !== 'Ignore', cannotHandle(type.kind, type.version));
  const object = value as KubeObject;
  report(operation, problems, (all) => cannotHandle(type.kind, type.version)(`strict decoding error: ${all}`));
  checkKind(object, type.kind, served.apiVersion, `${type.resource}`);
  object.metadata ??= { name: '' };
  checkNames(
    object,
    request.verb === 'create' ? undefined : request.name,
    type.namespaced ? request.namespace : undefined,
  );
  return object;
}

function emptyBody(kind: string, version: string): Error {
  return cannotHandle(kind, version)('unexpected end of JSON input');
}

function report(
  operation: Pick<Operation, 'warn' | 'request'>,
  problems: readonly string[],
  strict: (all: string) => Error,
): void {
  if (problems.length === 0) return;
  if (operation.request.options?.['fieldValidation'] === 'Strict') throw strict(problems.join(', '));
  for (const problem of problems) operation.warn(problem);
}

/** What the body says that it is must be what the path takes; saying nothing is fine. */
function checkKind(
  object: { kind?: string; apiVersion?: string },
  kind: string,
  apiVersion: string,
  resource: string,
): void {
  const given = { kind: object.kind || kind, apiVersion: object.apiVersion || apiVersion };
  if (given.kind !== kind || given.apiVersion !== apiVersion) {
    const told =
      given.apiVersion === apiVersion && given.kind === kind ? '' : `${given.apiVersion}, Kind=${given.kind}`;
    throw refused.badRequest(
      given.apiVersion !== apiVersion && given.kind === kind
        ? `the API version in the data (${given.apiVersion}) does not match the expected API version (${apiVersion})`
        : `${given.kind} in version ${JSON.stringify(given.apiVersion.split('/').pop())} cannot be handled as a ${kind}: no kind ${JSON.stringify(given.kind)} is registered for ${resource} (${told})`,
    );
  }
  object.kind = kind;
  object.apiVersion = apiVersion;
}

function checkNames({ metadata }: KubeObject, name: string | undefined, namespace: string | undefined): void {
  metadata.name ??= '';
  if (name !== undefined) {
    if (metadata.name === '') metadata.name = name;
    else if (metadata.name !== name)
      throw refused.badRequest(
        `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
      );
  }
  if (namespace === undefined) return;
  if (metadata.namespace && metadata.namespace !== namespace)
    throw refused.badRequest('the namespace of the provided object does not match the namespace sent on the request');
  metadata.namespace = namespace;
}

/** DeleteOptions in the body of a delete, if there is one. */
export function decodeDeleteOptions(_core: Core, { body }: Operation): object | undefined {
  if (body === undefined || ('bytes' in body && body.bytes.length === 0)) return undefined;
  const definition = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
  const { value } = read(body, definition, false, (why) => refused.badRequest(why));
  if (value === undefined || value === null) return undefined;
  const { kind = 'DeleteOptions' } = value as { kind?: string };
  if (kind !== 'DeleteOptions' && kind !== '')
    throw refused.badRequest(`decoded object cannot be converted to DeleteOptions`);
  return value;
}

/** The document of a patch, as a value. */
export function decodePatch({ body }: Operation): unknown {
  if (body === undefined) throw refused.badRequest('a patch needs a body');
  if ('value' in body) return cloneJson(body.value);
  const text = new TextDecoder().decode(body.bytes);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw refused.badRequest(`error decoding patch: ${(error as Error).message}`);
  }
}

/** The outcome of a patch as an object of its kind. */
export function checkTyped(_core: Core, operation: Operation, value: unknown): KubeObject {
  const { type } = operation.served;
  const object = value as KubeObject;
  try {
    const unknown = conformer.conform(object, type.definition);
    if (fieldValidationOf(operation) !== 'Ignore') {
      report(operation, unknown.map(unknownField), (all) =>
        refused.invalid({ group: '', kind: '' }, '', [invalid('patch', value, `strict decoding error: ${all}`)]),
      );
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw refused.invalid({ group: '', kind: '' }, '', [invalid('patch', value, error.message)]);
  }
  object.metadata ??= { name: '' };
  return object;
}

/** The configuration in the body of a server-side apply: JSON or YAML, of the served kind and the name in the path. */
export function decodeApplied(_core: Core, operation: Operation): KubeObject {
  const { served, body } = operation;
  const { type } = served;
  if (body === undefined) throw refused.badRequest('error decoding YAML: a configuration is needed');
  const mode = fieldValidationOf(operation);
  const asYaml = 'bytes' in body ? { bytes: body.bytes, mediaType: 'application/yaml' } : body;
  const { value, problems } = read(asYaml, type.definition, mode !== 'Ignore', (why) =>
    refused.badRequest(`error decoding YAML: ${why}`),
  );
  const object = value as KubeObject;
  report(operation, problems, (all) =>
    refused.badRequest(`failed to create manager for ${type.kind}: strict decoding error: ${all}`),
  );
  if (!object.kind || !object.apiVersion)
    throw refused.badRequest(`Object 'Kind' is missing in '${JSON.stringify(object)}'`);
  checkKind(object, type.kind, served.apiVersion, type.resource);
  object.metadata ??= { name: '' };
  const { namespace, name } = keyOfOperation(operation);
  checkNames(object, name, namespace);
  return object;
}

/** A body of a kind that no resource has of its own (Binding, Eviction, Scale). Other versions of the kind are taken as this one. */
export function decodeAs<T extends KubeObject>(
  { body }: Pick<Operation, 'body'>,
  definition: string,
  { kind, apiVersion }: { kind: string; apiVersion: string },
): T {
  const version = apiVersion.split('/').pop()!;
  const { value } = read(body, definition, false, cannotHandle(kind, version));
  if (value === undefined) throw emptyBody(kind, version);
  const object = value as T;
  if (object.kind && object.kind !== kind)
    throw refused.badRequest(
      `${object.kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: converting (${object.kind}) to (${kind}): unknown conversion`,
    );
  object.metadata ??= { name: '' } as T['metadata'];
  object.metadata.name ??= '';
  return object;
}

/** The question in the body of a create of a virtual kind. */
export function decodeVirtual(
  _core: Core,
  resource: VirtualResource,
  { body, namespace, options, warn }: VirtualCall,
): KubeObject {
  const { type } = resource;
  if ('bytes' in body && body.bytes.length === 0) throw emptyBody(type.kind, type.version);
  const { value, problems } = read(body, type.definition, true, cannotHandle(type.kind, type.version));
  const object = value as KubeObject;
  report({ request: { options } as Operation['request'], warn }, problems, (all) =>
    cannotHandle(type.kind, type.version)(`strict decoding error: ${all}`),
  );
  checkKind(object, type.kind, apiVersionOf(type), type.resource);
  object.metadata ??= { name: '' };
  checkNames(object, undefined, namespace);
  return object;
}
