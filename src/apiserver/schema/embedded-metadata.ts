import { schema as builtIn } from '../../api/schema.ts';
import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { shape } from '../../apimachinery/decode/shape.ts';
import { goUnquote } from '../../apimachinery/go-text.ts';
import { dns1035Label, pathSegment } from '../../apimachinery/names.ts';
import { validateObjectMeta } from '../../apimachinery/object-meta.ts';
import type { ObjectMeta } from '../../apimachinery/object.ts';
import { isObject, memberOf, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { structureOf } from '../../apimachinery/structure.ts';
import { invalid, required, type FieldError } from '../../apimachinery/validation.ts';
import { additionalSchema, isEmbedded, itemSchema, propertySchema, type JsonSchema } from './json-schema.ts';
import { child, index, key } from './paths.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Metadata in its form, and the members that it does not have. Throws {@link DecodeError} for a wrong type. */
export function shapedMetadata(metadata: unknown): { readonly value: JsonObject; readonly unknown: readonly string[] } {
  // What is frozen has been stored, and has its form.
  const { value, unknown } = shape(metadata, structureOf(builtIn, objectMeta), { keepFrozen: true });
  // Written by Go even where it is not set.
  if (value['creationTimestamp'] === null) delete value['creationTimestamp'];
  return { value, unknown: unknown.map((text) => `metadata.${goUnquote(text.slice('unknown field '.length))}`) };
}

/**
 * Brings the metadata of embedded resources into its form, in place; what is frozen has it. Answers what they have that
 * metadata does not know.
 * Throws {@link DecodeError} with the path of what has a wrong type. `isRoot`: the value is such a resource itself.
 */
export function shapeEmbedded(value: unknown, schema: JsonSchema, isRoot = false): string[] {
  const unknown: string[] = [];
  walk(value, schema, '', isRoot, (resource, path) => {
    if (Object.isFrozen(resource)) return;
    for (const name of ['apiVersion', 'kind']) {
      const type = memberOf(resource, name);
      if (type !== undefined && typeof type !== 'string')
        throw wrong(invalid(child(path, name), type, 'must be a string'));
    }
    if (!Object.hasOwn(resource, 'metadata')) return;
    try {
      const shaped = shapedMetadata(resource['metadata']);
      resource['metadata'] = shaped.value;
      unknown.push(...shaped.unknown.map((text) => child(path, text)));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw wrong(invalid(child(path, 'metadata'), resource['metadata'], error.message));
    }
  });
  return unknown.sort();
}

function wrong({ field, message }: FieldError): DecodeError {
  return new DecodeError(`${field}: ${message}`);
}

/** What is wrong with what embedded resources say of themselves. */
export function embeddedErrors(value: unknown, schema: JsonSchema, isRoot = false): FieldError[] {
  const errors: FieldError[] = [];
  walk(value, schema, '', isRoot, (resource, path) => {
    const { apiVersion, kind, metadata } = resource;
    if (apiVersion === undefined) errors.push(required(child(path, 'apiVersion')));
    if (kind === undefined) errors.push(required(child(path, 'kind')));
    if (apiVersion !== undefined) errors.push(...versionErrors(apiVersion, child(path, 'apiVersion')));
    if (kind !== undefined) errors.push(...kindErrors(kind, child(path, 'kind')));
    if (metadata !== undefined) errors.push(...metadataErrors(metadata, child(path, 'metadata')));
  });
  return errors;
}

function versionErrors(version: unknown, path: string): FieldError[] {
  if (typeof version !== 'string') return [invalid(path, version, 'must be a string')];
  if (version === '') return [invalid(path, version, 'must not be empty')];
  if (version.split('/').length > 2) return [invalid(path, version, `unexpected GroupVersion string: ${version}`)];
  return [];
}

function kindErrors(kind: unknown, path: string): FieldError[] {
  if (typeof kind !== 'string') return [invalid(path, kind, 'must be a string')];
  if (kind === '') return [invalid(path, kind, 'must not be empty')];
  const problems = dns1035Label(kind.toLowerCase());
  if (problems.length === 0) return [];
  return [invalid(path, kind, `may have mixed case, but should otherwise match: ${problems.join(',')}`)];
}

function metadataErrors(metadata: unknown, path: string): FieldError[] {
  try {
    const { value } = shapedMetadata(isObject(metadata) ? { ...metadata } : metadata);
    const meta = value as unknown as ObjectMeta;
    const named = meta.name ? meta : { ...meta, name: 'fakename' };
    const namespaced = (meta.namespace ?? '') !== '';
    return validateObjectMeta(named, { namespaced, nameRule: pathSegment, path, anyFinalizer: true });
  } catch (error) {
    if (error instanceof DecodeError) return [invalid(path, metadata, error.message)];
    throw error;
  }
}

/** Visits each embedded resource before what is in it. */
function walk(
  value: unknown,
  schema: JsonSchema,
  path: string,
  isResource: boolean,
  visit: (resource: JsonObject, path: string) => void,
): void {
  if (Array.isArray(value)) {
    const each = itemSchema(schema);
    if (each !== undefined && holdsEmbedded(each))
      for (const [at, item] of value.entries()) walk(item, each, index(path, at), isEmbedded(each), visit);
  } else if (isObject(value)) {
    if (isResource) visit(value, path);
    if (!holdsEmbedded(schema)) return;
    const rest = additionalSchema(schema);
    for (const name in value) {
      const own = propertySchema(schema, name);
      if (own !== undefined) walk(value[name], own, child(path, name), isEmbedded(own), visit);
      else if (rest !== undefined) walk(value[name], rest, key(path, name), isEmbedded(rest), visit);
    }
  }
}

const holding = new WeakMap<JsonSchema, boolean>();

/** Few schemas have embedded resources anywhere: the others are not walked for them. */
function holdsEmbedded(schema: JsonSchema): boolean {
  const known = holding.get(schema);
  if (known !== undefined) return known;
  const inner = [itemSchema(schema), additionalSchema(schema), ...Object.values(schema.properties ?? {})];
  const holds = isEmbedded(schema) || inner.some((one) => one !== undefined && holdsEmbedded(one));
  holding.set(schema, holds);
  return holds;
}
