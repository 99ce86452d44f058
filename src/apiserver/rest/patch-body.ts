import { cloneJson } from '../../apimachinery/clone.ts';
import { DecodeError, notConvertible } from '../../apimachinery/decode/decode-error.ts';
import { decodeValue, patchCannotBeApplied, repeatedMembers } from '../../apimachinery/decode/decode.ts';
import { jsonText } from '../../apimachinery/decode/json-text.ts';
import { goValue, shownJson } from '../../apimachinery/go-text.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { isObject } from '../../apimachinery/patch/json-value.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { report, type DecodedBody } from './body.ts';
import type { Operation } from './operation.ts';

/** The document of a patch, with the members that it has twice. */
export function decodePatch({ body, request }: Operation): DecodedBody {
  if (body === undefined) throw refused.badRequest('a patch needs a body');
  if ('value' in body) return { value: cloneJson(body.value), complaints: [] };
  try {
    const json = body.json?.() ?? jsonText(new TextDecoder().decode(body.bytes));
    const { value } = json;
    const repeated = repeatedMembers(json);
    if (request.patchType !== 'json') return { value, complaints: repeated };
    return { value, complaints: [...repeated, ...unknownOperationMembers(value)].map((why) => `json patch ${why}`) };
  } catch (error) {
    const { message } = error as Error;
    throw refused.badRequest(request.patchType === 'strategic' ? message : `error decoding patch: ${message}`);
  }
}

/**
 * What a patch makes of an object, as an object of its type. Where it cannot be one, a strategic merge is refused with the
 * patch, in the words for parsed values; any other with the outcome as the text that it was, made once more for this.
 */
export function checkTyped<T extends KubeObject = KubeObject>(
  operation: Operation,
  { type, structure, apiVersion: expected, isBuiltIn }: ServedVersion,
  patch: DecodedBody,
  patched: () => unknown,
): T {
  const isStrategic = operation.request.patchType === 'strategic';
  const refusal = (why: string) => patchCannotBeApplied(isStrategic ? goValue(patch.value) : shownJson(patched()), why);
  try {
    const { value, complaints } = decodeValue(patched(), structure, {
      complain: isStrategic ? notConvertible : undefined,
      keepFrozen: true,
    });
    report(operation, [...patch.complaints, ...complaints], refusal);
    const object = value as unknown as T;
    const { kind, apiVersion } = object;
    if (isBuiltIn && (kind !== type.kind || apiVersion !== expected))
      throw refusal(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
    object.metadata ??= { name: '' } as T['metadata'];
    return object;
  } catch (error) {
    throw error instanceof DecodeError ? refusal(error.message) : error;
  }
}

/** `unknown field "[0].opp"`: what the operations of a JSON patch do not have. */
function unknownOperationMembers(patch: unknown): string[] {
  if (!Array.isArray(patch)) return [];
  return patch.flatMap((operation: unknown, at) =>
    Object.keys(isObject(operation) ? operation : {})
      .filter((name) => !['op', 'path', 'from', 'value'].includes(name))
      .map((name) => `unknown field "[${at}].${name}"`),
  );
}
