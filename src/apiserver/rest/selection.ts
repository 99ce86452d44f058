import type { KubeObject } from '../../apimachinery/object.ts';
import { parseFieldSelector } from '../../apimachinery/selectors/field-selector.ts';
import { parseLabelSelector } from '../../apimachinery/selectors/label-selector.ts';
import { refused } from '../../apimachinery/status.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { optionOf, type Operation } from './operation.ts';
import { storageKey, type ServedVersion } from '../catalog/served-version.ts';

/** Which objects of a kind a list, watch or deletecollection is about. */
export interface Selection {
  /** Keys of the wanted objects start with this. */
  readonly prefix: string;
  /** Set when only one key is wanted. */
  readonly only: string | undefined;
  /** Absent when all objects under the prefix are wanted. */
  readonly matches: ((object: Readonly<KubeObject>) => boolean) | undefined;
}

export function selectionOf(operation: Operation): Selection {
  const { served, request } = operation;
  const prefix = request.namespace === undefined ? served.prefix : `${served.prefix}${request.namespace}/`;
  const labels = optionOf(operation, 'labelSelector') ?? '';
  const fields = optionOf(operation, 'fieldSelector') ?? '';
  const tests: ((object: Readonly<KubeObject>) => boolean)[] = [];
  let only: string | undefined;
  if (labels !== '') {
    const selector = parsed(() => parseLabelSelector(labels));
    tests.push((object) => selector.matches(object.metadata.labels ?? {}));
  }
  if (fields !== '') {
    const selector = parsed(() => parseFieldSelector(fields));
    for (const { field, operator, value } of selector.requirements) {
      const read = fieldReader(served, field);
      if (operator === '!=') tests.push((object) => read(object) !== value);
      else {
        if (field === 'metadata.name' && (request.namespace !== undefined || !served.type.namespaced))
          only = storageKey(served, request.namespace, value);
        tests.push((object) => read(object) === value);
      }
    }
  }
  if (tests.length === 0) return { prefix, only, matches: undefined };
  return { prefix, only, matches: tests.length === 1 ? tests[0] : (object) => tests.every((test) => test(object)) };
}

/** The chosen objects among those that `entries` holds. */
export function* selected(
  entries: Iterable<CachedObject>,
  { matches }: Selection,
  { form }: ServedVersion,
): Iterable<CachedObject> {
  if (matches === undefined) yield* entries;
  else for (const entry of entries) if (matches(entry.object(form))) yield entry;
}

function fieldReader(
  { selectableFields, facts, type }: ServedVersion,
  field: string,
): (object: Readonly<KubeObject>) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace' && (facts.fieldSelectors.includes(field) || type.namespaced))
    return (object) => object.metadata.namespace ?? '';
  const read = selectableFields?.[field];
  if (read !== undefined && facts.fieldSelectors.includes(field)) return read;
  // Kinds with fields of their own have a conversion function upstream that words its refusal differently.
  const own = facts.fieldSelectors.filter((one) => !one.startsWith('metadata.'));
  if (own.length > 0) throw refused.badRequest(`field label not supported: ${field}`);
  throw refused.badRequest(
    `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw refused.badRequest(error instanceof Error ? error.message : String(error));
  }
}
