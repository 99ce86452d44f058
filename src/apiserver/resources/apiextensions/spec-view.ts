import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  CustomResourceValidation,
  SelectableField,
} from '../../../api/apiextensions/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';

/** What may be told once for all versions, or for each. */
export interface VersionParts {
  readonly schema?: CustomResourceValidation;
  readonly subresources?: CustomResourceSubresources;
  readonly columns: readonly CustomResourceColumnDefinition[];
  readonly selectableFields: readonly SelectableField[];
}

export interface VersionView extends VersionParts {
  readonly version: Readonly<CustomResourceDefinitionVersion>;
}

/**
 * A spec as Kubernetes looks at it inside: what all versions have alike, as a definition of one version has everything,
 * stands above them. Users see it in the paths of errors (`spec.validation`).
 */
export interface SpecView {
  readonly shared: VersionParts;
  readonly versions: readonly VersionView[];
}

const none: VersionParts = { columns: [], selectableFields: [] };

export function viewOf({ versions = [] }: Readonly<CustomResourceDefinitionSpec>): SpecView {
  const [first] = versions;
  if (first === undefined) return { shared: none, versions: [] };
  const isShared = (name: keyof CustomResourceDefinitionVersion) =>
    versions.every((version) => semanticEqual(version[name], first[name]));
  const shares = {
    schema: isShared('schema'),
    subresources: isShared('subresources'),
    columns: isShared('additionalPrinterColumns'),
    fields: isShared('selectableFields'),
  };
  const parts = (version: Readonly<CustomResourceDefinitionVersion>, above: boolean): VersionParts => ({
    ...(shares.schema === above && version.schema !== undefined ? { schema: version.schema } : {}),
    ...(shares.subresources === above && version.subresources !== undefined
      ? { subresources: version.subresources }
      : {}),
    columns: shares.columns === above ? (version.additionalPrinterColumns ?? []) : [],
    selectableFields: shares.fields === above ? (version.selectableFields ?? []) : [],
  });
  return {
    shared: parts(first, true),
    versions: versions.map((version) => ({ version, ...parts(version, false) })),
  };
}
