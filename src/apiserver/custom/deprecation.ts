import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../api/apiextensions/v1/types.ts';
import { byVersionPriority } from '../discovery/version-priority.ts';

/** What is told to those who use a version that is deprecated. */
export function deprecationOf(
  { group, names, versions }: Readonly<CustomResourceDefinitionSpec>,
  { name, deprecated, deprecationWarning }: Readonly<CustomResourceDefinitionVersion>,
): { readonly deprecation?: string } {
  if (deprecated !== true) return {};
  if (deprecationWarning !== undefined) return { deprecation: deprecationWarning };
  const better = versions
    .filter((one) => one.served && one.deprecated !== true && byVersionPriority(one.name, name) < 0)
    .map((one) => one.name)
    .sort(byVersionPriority)[0];
  const instead = better === undefined ? '' : `; use ${group}/${better} ${names.kind}`;
  return { deprecation: `${group}/${name} ${names.kind} is deprecated${instead}` };
}
