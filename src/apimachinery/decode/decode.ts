import { goQuote } from '../go-text.ts';
import { type JsonObject } from '../patch/json-value.ts';
import type { ResourceType } from '../resource-type.ts';
import { refused, type StatusError } from '../status.ts';
import type { Structure } from '../structure.ts';
import { parseYaml, type YamlDocument } from '../yaml.ts';
import { complaintsAbout } from './complaints.ts';
import { jsonText, type JsonText } from './json-text.ts';
import { shape, type ShapeOptions } from './shape.ts';

/** A body read as an object of the API. */
export interface Decoded {
  /** Private to the caller. */
  readonly value: JsonObject;
  /**
   * What `fieldValidation` is about: `unknown field "spec.x"`, `duplicate field "spec.y"`, in the order of the document.
   * `Strict` refuses them, `Warn` sends each as a warning.
   */
  readonly complaints: readonly string[];
}

/**
 * Reads JSON text as an object of the type. Repeated members are looked for when `findRepeated` is set (`Warn`, `Strict`).
 * Throws {@link DecodeError}.
 */
export function decodeJson(text: string, structure: Structure, { findRepeated = true } = {}): Decoded {
  return decodeJsonText(jsonText(text, findRepeated), structure);
}

/** Makes an object of the type of JSON that is read already. Changes its value. Throws {@link DecodeError}. */
export function decodeJsonText(
  { text, value: parsed, hasRepeated }: JsonText,
  structure: Structure,
  options?: ShapeOptions,
): Decoded {
  const { value, unknown } = shape(parsed, structure, options);
  if (!hasRepeated) return { value, complaints: unknown };
  if (structure.kind === 'object' && structure.shape !== undefined)
    return { value, complaints: [...complaintsAbout(text, undefined), ...unknown] };
  return { value, complaints: complaintsAbout(text, structure, unknown) };
}

/** Reads YAML text as an object of the type. Throws {@link DecodeError}. */
export function decodeYaml(text: string, structure: Structure): Decoded {
  return decodeDocument(parseYaml(text), structure);
}

/** Makes an object of the type of YAML that is parsed already. Throws {@link DecodeError}. */
export function decodeDocument(
  { value: parsed, repeated }: YamlDocument,
  structure: Structure,
  options?: ShapeOptions,
): Decoded {
  const { value, unknown } = shape(parsed, structure, options);
  return { value, complaints: [...repeated, ...unknown] };
}

/**
 * Brings a value that is parsed already (a patched object, an object given by code) into the form of the type. Changes
 * `value`. Throws {@link DecodeError}.
 */
export function decodeValue(value: unknown, structure: Structure, options?: ShapeOptions): Decoded {
  const { value: shaped, unknown } = shape(value, structure, options);
  return { value: shaped, complaints: unknown };
}

/** `duplicate field "spec.y"` for each member that an object in the text has twice. */
export function repeatedMembers({ text, hasRepeated }: JsonText): readonly string[] {
  return hasRepeated ? complaintsAbout(text, undefined) : [];
}

/** `strict decoding error: unknown field "spec.x", duplicate field "spec.y"`. */
export function strictDecodingError(complaints: readonly string[]): string {
  return `strict decoding error: ${complaints.join(', ')}`;
}

/** The refusal of a body: `Pod in version "v1" cannot be handled as a Pod: …`. */
export function cannotBeHandled({ kind, version }: Pick<ResourceType, 'kind' | 'version'>, why: string): StatusError {
  return refused.badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${kind}: ${why}`);
}

/** The refusal of what a patch makes of an object. `patch` is shown as the value of the field. */
export function patchCannotBeApplied(shownPatch: string, why: string): StatusError {
  const message = `Invalid value: ${goQuote(shownPatch)}: ${why}`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }];
  return refused.other(422, 'Invalid', ` "" is invalid: patch: ${message}`, { causes });
}
