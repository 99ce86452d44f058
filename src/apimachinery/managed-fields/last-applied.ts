import { parseJson } from '../decode/parse-json.ts';
import { isObject, type JsonObject } from '../patch/json-value.ts';
import type { Managed } from './update.ts';

/** Where `kubectl apply` on the client's side keeps the configuration that it applied last. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The configuration in the annotation, if there is one that can be read. */
export function lastApplied(object: Managed): JsonObject | undefined {
  const text = object.metadata.annotations?.[lastAppliedAnnotation];
  if (text === undefined) return undefined;
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Keeps the annotation in step where it is there already: who goes back to client-side apply then compares with what was
 * really applied last.
 */
export function withLastApplied(
  object: JsonObject & Managed,
  live: Managed | undefined,
  applied: Managed,
): JsonObject & Managed {
  if (live?.metadata.annotations?.[lastAppliedAnnotation] === undefined) return object;
  const annotations = { ...object.metadata.annotations, [lastAppliedAnnotation]: configurationText(applied) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The configuration without the annotation itself, members in order, ended by a line feed. */
function configurationText(applied: Managed): string {
  const { annotations, ...metadata } = applied.metadata;
  const { [lastAppliedAnnotation]: _own, ...others } = annotations ?? {};
  const kept = annotations === undefined ? metadata : { ...metadata, annotations: others };
  return `${JSON.stringify(inOrder({ ...applied, metadata: kept }))}\n`;
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}
