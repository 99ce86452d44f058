import { parseFieldSelector } from '../../apimachinery/selectors/field-selector.ts';
import type { Attributes } from './auth.ts';

/**
 * The one value that a field selector demands of a field, if it does. Rights that hang on it must see the selector just as
 * the list does: a comma in a value is no end of a term. A selector that cannot be read demands nothing.
 */
export function exactField(selector: string | undefined, field: string): string | undefined {
  if (!selector) return undefined;
  try {
    const { requirements } = parseFieldSelector(selector);
    return requirements.find((one) => one.field === field && one.operator === '=')?.value;
  } catch {
    return undefined;
  }
}

/** The single object that a request is about: named in the path, or by the field selector of a list or watch. */
export function nameOf({ name, fieldSelector }: Attributes): string {
  return name || exactField(fieldSelector, 'metadata.name') || '';
}
