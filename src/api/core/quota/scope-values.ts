import type { ScopedResourceSelectorRequirement } from '../v1/types.ts';

/** Whether names that an object has of something are among those that a scope of a quota wants. */
export function matchesScope(
  { operator, values = [] }: Readonly<ScopedResourceSelectorRequirement>,
  names: readonly string[],
): boolean {
  switch (operator) {
    case 'Exists':
      return names.length > 0;
    case 'DoesNotExist':
      return names.length === 0;
    case 'In':
      return names.some((name) => values.includes(name));
    case 'NotIn':
      return names.length === 0 || names.some((name) => !values.includes(name));
  }
}
