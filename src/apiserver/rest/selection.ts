import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Clock } from '../../base/clock.ts';
import { LongWork, Turns } from '../../base/turns.ts';
import type { AsyncConversion } from '../cache/async-conversion.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import type { Selection, Trigger } from '../cache/selection.ts';
import { isLarge } from '../large.ts';
import type { Selectors } from '../request/selectors.ts';
import type { Operation } from './operation.ts';
import { storageKey, type ServedVersion } from '../catalog/served-version.ts';

/** What selectors look at. */
interface Selectable {
  readonly labels: Readonly<Record<string, string>>;
  field(name: string): string;
}

type Test = (object: Selectable) => boolean;

/**
 * The objects that the namespace and the selectors of a request choose. Throws BadRequest for what cannot be selected
 * by.
 */
function selectionOf(operation: Operation): Selection {
  const { served, request, selectors } = operation;
  const { namespace } = request;
  const prefix = namespace === undefined ? served.prefix : `${served.prefix}${namespace}/`;
  const { tests, equal } = testsOf(served, selectors);
  const name = equal.get('metadata.name');
  const isOne = name !== undefined && (namespace !== undefined || !served.type.namespaced);
  return {
    prefix,
    namespace,
    only: isOne ? storageKey(served, namespace, name) : undefined,
    trigger: served.form.conversion === undefined ? triggerOf(served, equal) : undefined,
    text: `${selectors.labelText}\n${selectors.fieldText}`,
    conversion: served.form.conversion,
    matches: tests.length === 0 ? undefined : (object) => passes(tests, selectable(served, object)),
  };
}

/** The same, of long selectors in a turn that has time for it: those of many requests may come in one. */
export function selectionInTurn(operation: Operation, clock: Clock): Selection | Promise<Selection> {
  const { labelText, fieldText } = operation.selectors;
  if (!isLarge(labelText.length + fieldText.length)) return selectionOf(operation);
  return Turns.of(clock)
    .share()
    .then(() => selectionOf(operation));
}

/** The same for objects that no cache holds; `undefined`: all are chosen. */
export function objectTest(operation: Operation): ((object: Readonly<KubeObject>) => boolean) | undefined {
  const { served, selectors } = operation;
  const { tests } = testsOf(served, selectors);
  if (tests.length === 0) return undefined;
  return ({ metadata, ...object }) => {
    const field = (name: string) => {
      if (name === 'metadata.name') return metadata.name;
      if (name === 'metadata.namespace') return metadata.namespace ?? '';
      return served.selectableFields![name]!({ metadata, ...object });
    };
    return passes(tests, { labels: metadata.labels ?? {}, field });
  };
}

/** Objects that are converted by one call. */
const mostConverted = 500;

/**
 * The chosen objects among `objects`, `limit` at most, with one more where there is one. Gives others their turn, since
 * what no selector has looked at before must be decoded.
 */
export async function selected(
  objects: readonly CachedObject[],
  { matches, conversion }: Selection,
  clock: Clock,
  limit = Infinity,
): Promise<readonly CachedObject[]> {
  if (conversion !== undefined) return selectedWhenReady(objects, { matches, conversion }, limit);
  if (matches === undefined) return objects.length > limit ? objects.slice(0, limit + 1) : objects;
  const chosen: CachedObject[] = [];
  const work = new LongWork(clock);
  for (let at = 0; at < objects.length && chosen.length <= limit; at++) {
    const object = objects[at]!;
    if (matches(object)) chosen.push(object);
    if (work.mustWait(object.stored.length)) await work.next();
  }
  return chosen;
}

/** The same where objects must be converted before anything can be said of them; the chosen ones are ready then. */
async function selectedWhenReady(
  objects: readonly CachedObject[],
  { matches, conversion }: Pick<Selection, 'matches'> & { readonly conversion: AsyncConversion },
  limit: number,
): Promise<readonly CachedObject[]> {
  const chosen: CachedObject[] = [];
  for (let at = 0; at < objects.length && chosen.length <= limit; at += mostConverted) {
    const part = objects.slice(at, at + mostConverted);
    await conversion.ready(part);
    chosen.push(...(matches === undefined ? part : part.filter(matches)));
  }
  return chosen.length > limit ? chosen.slice(0, limit + 1) : chosen;
}

function testsOf(served: ServedVersion, selectors: Selectors) {
  const tests: Test[] = [];
  /** Fields that must have a value. */
  const equal = new Map<string, string>();
  if (selectors.labelText !== '') {
    const { labels } = selectors;
    tests.push((object) => labels.matches(object.labels));
  }
  if (selectors.fieldText !== '') {
    for (const { field, operator, value } of selectors.fields.requirements) {
      checkSelectable(served, field);
      if (operator === '=') equal.set(field, value);
      tests.push((object) => (object.field(field) === value) === (operator === '='));
    }
  }
  return { tests, equal };
}

function passes(tests: readonly Test[], object: Selectable): boolean {
  for (const test of tests) if (!test(object)) return false;
  return true;
}

function selectable({ form }: ServedVersion, object: CachedObject): Selectable {
  return {
    get labels() {
      return object.attributes(form).labels;
    },
    field(name) {
      if (name === 'metadata.name') return object.name;
      if (name === 'metadata.namespace') return object.namespace ?? '';
      return object.attributes(form).fields[name]!;
    },
  };
}

/** The first field of the kind's own that must have a value: few objects have any one value (`spec.nodeName`). */
function triggerOf({ form }: ServedVersion, equal: ReadonlyMap<string, string>): Trigger | undefined {
  for (const [field, value] of equal) {
    if (field.startsWith('metadata.')) continue;
    return { field: `${form.apiVersion} ${field}`, value, read: (object) => object.attributes(form).fields[field]! };
  }
  return undefined;
}

function checkSelectable({ selectableFields, facts, type, isBuiltIn }: ServedVersion, field: string): void {
  if (field === 'metadata.name') return;
  if (field === 'metadata.namespace' && (facts.fieldSelectors.includes(field) || type.namespaced)) return;
  if (selectableFields?.[field] !== undefined && facts.fieldSelectors.includes(field)) return;
  // Kinds with fields of their own have a conversion function upstream that words its refusal differently.
  const own = facts.fieldSelectors.filter((one) => !one.startsWith('metadata.'));
  if (own.length > 0 || !isBuiltIn) throw refused.badRequest(`field label not supported: ${field}`);
  throw refused.badRequest(
    `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}
